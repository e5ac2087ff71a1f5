"""What officers do by hand: seal and serve a document, publish a notice, ask the panel, rule, record what followed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.sale.cases import store as cases
from auction.sale.cases.cases import OFFICERS
from auction.sale.cases.seal import Seal, SealKeys
from auction.sale.cases.seal_document import SealDocument, seal_document
from auction.sale.cases.serve import Serve, serve
from auction.sale.cases.views import DocumentFile, document_file, seal_holds, services_of
from auction.sale.lots.lots import LotUnknown
from auction.sale.lots.panel import FirstRefusalProposal
from auction.sale.lots.publish_notice import PublishNotice, publish_notice
from auction.sale.lots.put_question import PutQuestion, put_question
from auction.sale.lots.store import lot_case
from auction.sale.title.record_delivery import RecordDelivery, record_delivery
from auction.sale.title.record_transfer import RecordTransfer, record_transfer
from auction.sale.title.rule_on_sale import RuleOnSale, rule_on_sale
from web.auth.guards import roles
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages import wired
from web.pages.case_file import CaseFile, LotFile, read_case
from web.pages.court.case_page import READERS, RULERS, SEALERS
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.service_record import METHODS, DayMalformed, ServeForm, record_of
from web.pages.wired import SEAL_KEYS
from web.price_door import require_price_of_notice
from web.wiring import Wiring

STEPS: dict[str, str] = {
    "publish": "published",
    "rule": "ruled",
    "transfer": "transferred",
    "delivery": "delivered",
    "first-refusal": "asked",
}
"""The forms about a lot by their address, and what is said when one was carried out."""


DONE_WHEN = {"sealed": "sealed", "asked": "seal_asked"}
"""What is said after a click on the seal, by how the sealing stands."""


class SealForm(msgspec.Struct, frozen=True, kw_only=True):
    """The confirmation of a seal."""

    command_id: UUID


class LotForm(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of all forms about a lot; each form uses its own."""

    command_id: UUID
    body: str = ""
    eligibility_ref: str = ""
    registry: str = ""
    receipt_number: str = ""
    certificate_number: str = ""
    day: str = ""
    record_ref: str = ""
    meter_readings: str = ""
    late_reason: str = ""
    person_id: UUID | None = None
    basis: str = "tenant"
    rank: int = 1


# Documents -----------------------------------------------------------------------------------------------------------


@get("/court/cases/{case_id:uuid}/documents/{document_id:uuid}", opt=dict(roles(*READERS)), include_in_schema=False)
async def show_document(
    case_id: FromPath[UUID],
    document_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    db: TheDb,
    actor: TheActor,
    wiring: TheWiring,
) -> Template:
    """Show a document with its text, its seal and its services."""
    return await _show_document(request, wiring, actor, case_id, document_id)


@post(
    "/court/cases/{case_id:uuid}/documents/{document_id:uuid}/seal",
    opt=dict(roles(*sorted(SEALERS))),
    include_in_schema=False,
    status_code=303,
)
async def seal(
    case_id: FromPath[UUID],
    document_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    db: TheDb,
    actor: TheActor,
    wiring: TheWiring,
) -> Response[Any]:
    """Put the court's seal on a document; a second click finds it sealed, or asks the service again."""
    await read_case(db, actor, case_id)
    try:
        form = await read_form(request, SealForm)
        command = SealDocument(command_id=form.command_id, case_id=case_id, document_id=document_id)
        sealing = await seal_document(db, actor, command, seal=cast(Seal, wiring.ports["seal"]))
    except Refusal as refusal:
        return await _show_document(request, wiring, actor, case_id, document_id, refusal=refusal)
    return done_at(f"/court/cases/{case_id}/documents/{document_id}", DONE_WHEN[sealing.state])


@get(
    "/court/cases/{case_id:uuid}/documents/{document_id:uuid}/serve",
    opt=dict(roles(*OFFICERS)),
    include_in_schema=False,
)
async def show_serve(
    case_id: FromPath[UUID], document_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Ask how a document reached a party."""
    return await _show_serve(request, db, actor, case_id, document_id)


@post(
    "/court/cases/{case_id:uuid}/documents/{document_id:uuid}/serve",
    opt=dict(roles(*OFFICERS)),
    include_in_schema=False,
    status_code=303,
)
async def record_service(
    case_id: FromPath[UUID], document_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Response[Any]:
    """Record the service; the law judges the record and gives the day."""
    await read_case(db, actor, case_id)
    try:
        form = await read_form(request, ServeForm)
        party_id = UUID(required(str(form.party_id or ""), field="party_id", zh="受送达人", en="on whom it was served"))
        command = Serve(
            command_id=form.command_id,
            service_id=named_id("service by hand", str(form.command_id)),
            case_id=case_id,
            document_id=document_id,
            party_id=party_id,
            record=record_of(form, await _consent_on(db, case_id, party_id)),
            evidence_ref=required(form.evidence_ref, field="evidence_ref", zh="送达凭证", en="proof of service"),
        )
        await serve(db, actor, command)
    except Refusal as refusal:
        given = await given_by(request)
        return await _show_serve(request, db, actor, case_id, document_id, refusal=refusal, given=given)
    return done_at(f"/court/cases/{case_id}", "served")


async def _consent_on(db: Database, case_id: UUID, party_id: UUID) -> date | None:
    async with db.reading() as tx:
        return (await cases.party_row(tx, case_id, party_id)).e_service_consent_on


def _day(text: str) -> date:
    """Read a day. Raises: `FieldNeeded`, `DayMalformed`."""
    required(text, field="day", zh="日期", en="the day")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DayMalformed(field="day", given=text) from None


# Lots ----------------------------------------------------------------------------------------------------------------


@get("/court/lots/{lot_id:uuid}/{step:str}", opt=dict(roles(*OFFICERS, *sorted(RULERS))), include_in_schema=False)
async def show_lot_form(
    lot_id: FromPath[UUID], step: FromPath[str], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show the form of a step about a lot."""
    return await _show_lot_form(request, db, actor, lot_id, step)


@post(
    "/court/lots/{lot_id:uuid}/{step:str}",
    opt=dict(roles(*OFFICERS, *sorted(RULERS))),
    include_in_schema=False,
    status_code=303,
)
async def take_lot_step(
    lot_id: FromPath[UUID],
    step: FromPath[str],
    request: Request[Any, Any, Any],
    db: TheDb,
    actor: TheActor,
    wiring: TheWiring,
) -> Response[Any]:
    """Take the step; its use case checks role, state and law."""
    file, _lot = await _read_lot(db, actor, lot_id, step)
    try:
        form = await read_form(request, LotForm)
        await _take(db, actor, lot_id, step, form, wiring)
    except Refusal as refusal:
        given = await given_by(request)
        return await _show_lot_form(request, db, actor, lot_id, step, refusal=refusal, given=given)
    return done_at(f"/court/cases/{file.page.case.case_id}", STEPS[step])


async def _take(db: Database, actor: Actor, lot_id: UUID, step: str, form: LotForm, wiring: Wiring) -> None:
    command_id = form.command_id
    if step == "publish":
        round_id = named_id("round by hand", str(command_id))
        notice = PublishNotice(command_id=command_id, lot_id=lot_id, round_id=round_id)
        async with db.reading() as tx:
            await require_price_of_notice(tx, notice)
        await publish_notice(db, actor, notice, policy=wired.card_policy_of(wiring))
    elif step == "rule":
        await rule_on_sale(db, actor, _ruling(lot_id, form), lists=wired.lists_of(wiring))
    elif step == "transfer":
        await record_transfer(db, actor, _transfer(lot_id, form))
    elif step == "delivery":
        await record_delivery(db, actor, _delivery(lot_id, form))
    else:
        await put_question(db, actor, _question(lot_id, form))


def _ruling(lot_id: UUID, form: LotForm) -> RuleOnSale:
    return RuleOnSale(
        command_id=form.command_id,
        lot_id=lot_id,
        document_id=named_id("ruling by hand", str(form.command_id)),
        body=required(form.body, field="body", zh="裁定正文", en="the text of the ruling"),
        eligibility_ref=form.eligibility_ref,
    )


def _transfer(lot_id: UUID, form: LotForm) -> RecordTransfer:
    return RecordTransfer(
        command_id=form.command_id,
        lot_id=lot_id,
        registry=required(form.registry, field="registry", zh="登记机构", en="the registry"),
        receipt_number=required(form.receipt_number, field="receipt_number", zh="受理编号", en="the receipt number"),
        certificate_number=form.certificate_number,
        transferred_on=_day(form.day),
    )


def _delivery(lot_id: UUID, form: LotForm) -> RecordDelivery:
    return RecordDelivery(
        command_id=form.command_id,
        lot_id=lot_id,
        delivered_on=_day(form.day),
        record_ref=required(form.record_ref, field="record_ref", zh="交付笔录编号", en="the record of delivery"),
        meter_readings=form.meter_readings,
        late_reason=form.late_reason,
    )


def _question(lot_id: UUID, form: LotForm) -> PutQuestion:
    person_id = UUID(required(str(form.person_id or ""), field="person_id", zh="权利人", en="the holder"))
    basis = form.basis if form.basis in ("tenant", "co_owner", "shareholder", "other") else "other"
    proposal = FirstRefusalProposal(
        lot_id=lot_id,
        person_id=person_id,
        basis=cast(Literal["tenant", "co_owner", "shareholder", "other"], basis),
        rank=form.rank,
    )
    question_id = named_id("question by hand", str(form.command_id))
    return PutQuestion(command_id=form.command_id, question_id=question_id, proposal=proposal)


# Showing -------------------------------------------------------------------------------------------------------------


async def _show_document(
    request: Request[Any, Any, Any],
    wiring: Wiring,
    actor: Actor,
    case_id: UUID,
    document_id: UUID,
    *,
    refusal: Refusal | None = None,
) -> Template:
    file, document, today = await _read_document(wiring.db, actor, case_id, document_id)
    async with wiring.db.reading() as tx:
        holds = await seal_holds(tx, case_id, document_id, cast(SealKeys, wiring.ports[SEAL_KEYS]))
    return desk_page(
        request,
        "court/document.html",
        holds=holds,
        refusal=refusal,
        file=file,
        case=file.page.case,
        document=document,
        today=today,
        may_seal=not actor.roles.isdisjoint(SEALERS),
        is_officer=not actor.roles.isdisjoint(OFFICERS),
    )


async def _show_serve(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    case_id: UUID,
    document_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    file, document, today = await _read_document(db, actor, case_id, document_id)
    served = {service.party_id for service in file.services if service.document_id == document_id}
    return desk_page(
        request,
        "court/serve.html",
        refusal=refusal,
        given=given,
        file=file,
        case=file.page.case,
        document=document,
        today=today,
        addressees=[party for party in file.page.parties if party.party_id not in served],
        methods=METHODS,
    )


async def _read_document(
    db: Database, actor: Actor, case_id: UUID, document_id: UUID
) -> tuple[CaseFile, DocumentFile, date]:
    file, now = await read_case(db, actor, case_id)
    async with db.reading() as tx:
        document = await document_file(tx, case_id, document_id)
        services = await services_of(tx, case_id)
    return msgspec.structs.replace(file, services=services), document, local_day(now)


async def _show_lot_form(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    lot_id: UUID,
    step: str,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    file, lot = await _read_lot(db, actor, lot_id, step)
    return desk_page(
        request,
        "court/lot_step.html",
        refusal=refusal,
        given=given,
        file=file,
        case=file.page.case,
        lot=lot,
        step=step,
        holders=[party for party in file.page.parties if party.role.value in ("tenant", "co_owner", "third_party")],
    )


async def _read_lot(db: Database, actor: Actor, lot_id: UUID, step: str) -> tuple[CaseFile, LotFile]:
    """Read the lot's case and the lot; an unknown step or a lot in which the actor has no part is none (`LotUnknown`)."""
    if step not in STEPS:
        raise LotUnknown(lot_id=lot_id)
    async with db.reading() as tx:
        case_id = await lot_case(tx, lot_id)
    file, _now = await read_case(db, actor, case_id)
    found = next((lot for lot in file.lots if lot.lot.lot_id == lot_id), None)
    if found is None:
        raise LotUnknown(lot_id=lot_id)
    return file, found
