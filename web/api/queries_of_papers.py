"""Papers (PDF/A) of what is published of a lot, for everybody; and of what officers file of a case."""

from __future__ import annotations

from datetime import datetime, time
from typing import Literal
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from auction.fund.deposits.returned_deposits import returned_deposits
from auction.fund.payouts.views import payout_file
from auction.kernel.clock import SHANGHAI
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict, NotFound
from auction.kernel.persons import name_of, names_of
from auction.sale.case_access import require_part
from auction.sale.cases import store as cases
from auction.sale.cases.parties import TITLES, PartyRole
from auction.sale.cases.views import document_file, services_of
from auction.sale.disclosure.lot_file import LotFile, lot_file
from auction.sale.objections.objections import EnforcementObjectionUnknown
from auction.sale.objections.raise_objection import OBJECTORS
from auction.sale.objections.views import own_objection
from bidding.journal.views import interruptions, public_bids, standings
from valuation.inquiries.views import inquiry_behind
from web.auth.guards import PUBLIC, roles
from web.injected import TheActor, TheDb
from web.money_shown import sees_single, shows_single
from web.pages.finance.payout_pages import READERS as PAYOUT_READERS
from web.pages.public.journal_page import JournalOpen
from web.pages.readers import CASE_READERS, MONEY_READERS
from web.papers.case_papers import approval_paper, returned_deposits_paper, service_paper
from web.papers.lot_papers import (
    bid_log_paper,
    instructions_paper,
    notice_paper,
    price_paper,
    survey_paper,
    unsold_paper,
)
from web.papers.objection_paper import objection_paper
from web.papers.paper import Paper
from web.papers.typeset import typeset

LotPaperName = Literal["notice", "instructions", "survey", "price", "bids"]


class RoundNotUnsold(NotFound):
    """No round of this number ended without a sale."""

    code = "round_not_unsold"
    article = "网拍 26"
    zh = "该拍品没有这一拍次的流拍记录。"
    en = "No round of this number of the lot ended without a sale."


class ServiceUnknown(NotFound):
    """There is no such service in the case."""

    code = "service_unknown"
    article = "house"
    zh = "本案没有这次送达的记录。"
    en = "The case has no such service on record."


class DepositsSealed(Conflict):
    """Single deposits are not shown while a round runs."""

    code = "deposits_sealed_until_close"
    article = "网拍 18"
    zh = "竞价结束前，除财务外不提供保证金明细。"
    en = "Before the close single deposits are shown to finance only."


@get(
    "/api/lots/{lot_id:uuid}/papers/{name:str}",
    opt=dict(PUBLIC),
    tags=["lots"],
    operation_id="api_lot_paper",
    summary="A published paper of a lot as PDF",
)
async def show_lot_paper(lot_id: FromPath[UUID], name: FromPath[LotPaperName], db: TheDb) -> Response[bytes]:
    """Give a paper of the newest notice; the bid log once the bidding is over (`JournalOpen`)."""
    async with db.reading() as tx:
        paper = await _lot_paper(tx, await lot_file(tx, lot_id), name)
    return _pdf(await typeset(paper), f"{name}-{lot_id}")


@get(
    "/api/lots/{lot_id:uuid}/rounds/{number:int}/unsold-paper",
    opt=dict(PUBLIC),
    tags=["lots"],
    operation_id="api_unsold_paper",
    summary="The record of an unsold round as PDF",
)
async def show_unsold_paper(lot_id: FromPath[UUID], number: FromPath[int], db: TheDb) -> Response[bytes]:
    """Give the record that a round ended unsold. Raises `RoundNotUnsold`."""
    async with db.reading() as tx:
        file = await lot_file(tx, lot_id)
    failed = next((one for one in file.rounds if one.number == number and one.state == "failed"), None)
    if failed is None:
        raise RoundNotUnsold(number=number)
    return _pdf(await typeset(unsold_paper(file, failed)), f"unsold-{lot_id}-{number}")


@get(
    "/api/cases/{case_id:uuid}/services/{service_id:uuid}/paper",
    opt=dict(roles(*CASE_READERS)),
    tags=["cases"],
    operation_id="api_service_paper",
    summary="A proof of service as PDF",
)
async def show_service_paper(
    case_id: FromPath[UUID], service_id: FromPath[UUID], db: TheDb, actor: TheActor
) -> Response[bytes]:
    """Give the proof of one service to officers with a part in the case. Raises `CaseUnknown`, `ServiceUnknown`."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        paper = await _service_paper(tx, case_id, service_id)
    return _pdf(await typeset(paper), f"service-{service_id}")


@get(
    "/api/objections/{objection_id:uuid}/paper",
    opt=dict(roles(*OBJECTORS)),
    tags=["cases"],
    operation_id="api_objection_paper",
    summary="The answer to one's own objection as PDF",
)
async def show_objection_paper(objection_id: FromPath[UUID], db: TheDb, actor: TheActor) -> Response[bytes]:
    """Give the answer (异议答复) to its objector. Raises `EnforcementObjectionUnknown`, also before the ruling is sealed."""
    async with db.reading() as tx:
        shown = await own_objection(tx, actor, objection_id)
        if shown.answered_on is None:
            raise EnforcementObjectionUnknown(objection_id=objection_id)
        case = await cases.case_view(tx, shown.case.case_id)
        paper = objection_paper(case, shown, objector=await name_of(tx, actor.person_id))
    return _pdf(await typeset(paper), f"objection-{objection_id}")


@get(
    "/api/fund/payouts/{payout_id:uuid}/paper",
    opt=dict(roles(*PAYOUT_READERS)),
    tags=["fund"],
    operation_id="api_approval_paper",
    summary="The approval form of a payout as PDF",
)
async def show_approval_paper(payout_id: FromPath[UUID], db: TheDb, actor: TheActor) -> Response[bytes]:
    """Give the approval form with the steps signed so far. Raises `DisbursementUnknown`, `CaseUnknown`."""
    async with db.reading() as tx:
        file = await payout_file(tx, payout_id)
        await require_part(tx, actor, file.payout.case_id)
        case = await cases.case_view(tx, file.payout.case_id)
    return _pdf(await typeset(approval_paper(case, file)), f"approval-{payout_id}")


@get(
    "/api/fund/cases/{case_id:uuid}/returned-deposits/paper",
    opt=dict(roles(*MONEY_READERS)),
    tags=["fund"],
    operation_id="api_returned_deposits_paper",
    summary="The list of deposits returned as PDF",
)
async def show_returned_deposits_paper(case_id: FromPath[UUID], db: TheDb, actor: TheActor) -> Response[bytes]:
    """Give the list of a case's deposits that go back or went back. Raises `CaseUnknown`, `DepositsSealed` before the close."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        if not await shows_single(tx, case_id, sees=sees_single(actor)):
            raise DepositsSealed
        case, deposits = await cases.case_view(tx, case_id), await returned_deposits(tx, case_id)
        at = max((one.done_at or one.asked_at for one in deposits), default=tx.now)
    return _pdf(await typeset(returned_deposits_paper(case, deposits, at=at)), f"deposits-{case_id}")


async def _lot_paper(tx: Transaction, file: LotFile, name: LotPaperName) -> Paper:
    match name:
        case "notice":
            return notice_paper(file)
        case "instructions":
            return instructions_paper(file)
        case "survey":
            return survey_paper(file)
        case "price":
            return price_paper(file, await inquiry_behind(tx, file.price.reference_price_id))
        case "bids":
            return await _bid_log(tx, file)


async def _bid_log(tx: Transaction, file: LotFile) -> Paper:
    session_id = file.card.session_id
    room = (await standings(tx, [session_id])).get(session_id)
    if room is None or room.phase not in ("closed", "withdrawn"):
        raise JournalOpen
    return bid_log_paper(file, await public_bids(tx, session_id), await interruptions(tx, session_id))


async def _service_paper(tx: Transaction, case_id: UUID, service_id: UUID) -> Paper:
    service = next((one for one in await services_of(tx, case_id) if one.service_id == service_id), None)
    if service is None:
        raise ServiceUnknown(service_id=service_id)
    party = {row.party_id: row for row in await cases.parties_of(tx, case_id)}[service.party_id]
    names = await names_of(tx, [party.person_id])
    return service_paper(
        await cases.case_view(tx, case_id),
        await document_file(tx, case_id, service.document_id),
        service,
        recipient=names.get(party.person_id, ""),
        role=TITLES[PartyRole(party.role)][0],
        at=datetime.combine(service.effective_on, time(0), tzinfo=SHANGHAI),
    )


def _pdf(content: bytes, named: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="fapai-{named}.pdf"', "Cache-Control": "private, no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


PAPER_QUERIES = (
    show_lot_paper,
    show_unsold_paper,
    show_service_paper,
    show_objection_paper,
    show_approval_paper,
    show_returned_deposits_paper,
)
