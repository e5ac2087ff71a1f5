"""The distribution plan at a party's desk: what it gives whom, until when one may object, and the objection itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.fund.plans.own_plan import own_plan
from auction.fund.settlement.object_to_plan import ObjectToPlan, object_to_plan
from auction.fund.settlement.own_money import own_money
from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.kernel.money import Money
from auction.sale.disclosure.own_cases import OwnCase, own_case
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.party.case_pages import FOR_PARTIES
from web.pages.party.money_next import money_next

AnyRequest = Request[Any, Any, Any]


class PlanObjectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """An objection to a line of the plan."""

    command_id: UUID
    plan_id: UUID
    party_id: UUID
    line_id: str = ""
    disputed: str = ""
    grounds: str = ""


@get("/party/cases/{case_id:uuid}/plan", opt=FOR_PARTIES, include_in_schema=False)
async def show_plan(case_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the plan that was served on the caller."""
    async with db.reading() as tx:
        return await _shown(request, tx, actor, await own_case(tx, actor.person_id, case_id))


@post("/party/cases/{case_id:uuid}/plan/object", opt=FOR_PARTIES, include_in_schema=False, status_code=303)
async def object_to_line(case_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Take the caller's objection to a line."""
    try:
        form = await read_form(request, PlanObjectionForm)
        required(form.line_id, field="line_id", zh="有异议的一项", en="the line that is objected to")
        required(form.grounds, field="grounds", zh="事实和理由", en="facts and reasons")
        command = ObjectToPlan(
            command_id=form.command_id,
            objection_id=named_id("plan objection", str(form.command_id)),
            plan_id=form.plan_id,
            party_id=form.party_id,
            line_id=msgspec.convert(form.line_id, UUID, strict=False),
            disputed_fen=Money.parse_yuan(form.disputed).fen,
            grounds=form.grounds.strip(),
        )
        await object_to_plan(db, actor, command)
    except Refusal as refusal:
        given = await given_by(request)
        async with db.reading() as tx:
            case = await own_case(tx, actor.person_id, case_id)
            return await _shown(request, tx, actor, case, refusal=refusal, given=given)
    return done_at(f"/party/cases/{case_id}/plan", "objected_to_plan")


async def _shown(
    request: AnyRequest,
    tx: Transaction,
    actor: Actor,
    case: OwnCase,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    plan, money = await tx.together(
        own_plan(tx, case.case_id, {part.party_id for part in case.parts}),
        own_money(tx, case.case_id, actor.person_id),
    )
    return desk_page(
        request,
        "party/plan.html",
        case=case,
        plan=plan,
        money_of=money,
        next=money_next(plan, money, today=local_day(tx.now)),
        me=actor.person_id,
        now=tx.now,
        refusal=refusal,
        given=given,
    )
