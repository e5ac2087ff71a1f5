"""Joining a distribution at one's own desk: the application, what became of it, the objection to a refusal. One need not be of the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.fund.claims.claims import ClaimKind
from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.kernel.money import Money
from auction.sale.joining.apply_to_join import ApplyToJoin, apply_to_join
from auction.sale.joining.joining import JOINING_KINDS
from auction.sale.joining.object_to_refusal import ObjectToJoinRefusal, object_to_join_refusal
from auction.sale.joining.store import applications_of_person
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.party.case_pages import FOR_PARTIES
from web.pages.service_record import DayMalformed

AnyRequest = Request[Any, Any, Any]


class JoinForm(msgspec.Struct, frozen=True, kw_only=True):
    """An application; empty texts were not filled in."""

    command_id: UUID
    case_number: str = ""
    debtor_name: str = ""
    kind: str = ""
    amount: str = ""
    title_number: str = ""
    ranked_on: str = ""
    facts: str = ""
    document_sha256: str = ""
    telephone: str = ""
    address: str = ""


class RefusalObjectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """An objection to a refusal."""

    command_id: UUID
    grounds: str = ""


@get("/party/join", opt=FOR_PARTIES, include_in_schema=False)
async def show_joins(request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the caller's applications and the form of a new one."""
    return await _shown(request, db, actor)


@post("/party/join", opt=FOR_PARTIES, include_in_schema=False, status_code=303)
async def apply(request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Take the caller's application."""
    try:
        await apply_to_join(db, actor, _command(await read_form(request, JoinForm)))
    except Refusal as refusal:
        return await _shown(request, db, actor, refusal=refusal, given=await given_by(request))
    return done_at("/party/join", "applied_to_join")


@post("/party/join/{application_id:uuid}/object", opt=FOR_PARTIES, include_in_schema=False, status_code=303)
async def object_to_it(
    application_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor
) -> Response[Any]:
    """Take the caller's objection to a refusal."""
    try:
        form = await read_form(request, RefusalObjectionForm)
        command = ObjectToJoinRefusal(command_id=form.command_id, application_id=application_id, grounds=form.grounds)
        await object_to_join_refusal(db, actor, command)
    except Refusal as refusal:
        return await _shown(request, db, actor, refusal=refusal, given=await given_by(request))
    return done_at("/party/join", "objected")


def _command(form: JoinForm) -> ApplyToJoin:
    if form.kind not in {kind.value for kind in JOINING_KINDS}:
        required("", field="kind", zh="债权性质", en="kind of claim")
    required(form.debtor_name, field="debtor_name", zh="被执行人", en="judgment debtor")
    return ApplyToJoin(
        command_id=form.command_id,
        application_id=named_id("own join application", str(form.command_id)),
        case_number=form.case_number.strip(),
        debtor_name=form.debtor_name,
        kind=ClaimKind(form.kind),
        amount_fen=Money.parse_yuan(form.amount).fen,
        facts=form.facts,
        document_sha256=form.document_sha256.strip(),
        title_number=form.title_number,
        ranked_on=_day(form.ranked_on),
        telephone=form.telephone,
        address=form.address,
    )


def _day(given: str) -> date | None:
    if not given.strip():
        return None
    try:
        return date.fromisoformat(given.strip())
    except ValueError as fault:
        raise DayMalformed(field="ranked_on", given=given) from fault


async def _shown(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        applications = await applications_of_person(tx, actor.person_id)
    return desk_page(
        request,
        "party/join.html",
        applications=applications,
        kinds=[kind.value for kind in JOINING_KINDS],
        refusal=refusal,
        given=given,
    )
