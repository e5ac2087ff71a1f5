"""One's own objections: the form at a lot or a case, what became of each and until when, and taking one back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.sale.disclosure.own_cases import own_case
from auction.sale.disclosure.public_lots import card_of
from auction.sale.lots.store import lot_case
from auction.sale.objections.objections import PAPERS_MOST, TEXT_MOST, Capacity
from auction.sale.objections.raise_objection import (
    OBJECTORS,
    RaiseEnforcementObjection,
    WithdrawEnforcementObjection,
    raise_enforcement_objection,
    withdraw_enforcement_objection,
)
from auction.sale.objections.views import own_objections
from web.auth.guards import roles
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages import objection_words
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.public import words

AnyRequest = Request[Any, Any, Any]
FOR_OBJECTORS = dict(roles(*OBJECTORS))


class ObjectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """An objection as it was typed; papers stand one a line."""

    command_id: UUID
    capacity: str = ""
    asks: str = ""
    grounds: str = ""
    papers: str = ""


class TakeBackForm(msgspec.Struct, frozen=True, kw_only=True):
    """Taking one back needs nothing but its id."""

    command_id: UUID


@get("/my/objections", opt=FOR_OBJECTORS, include_in_schema=False)
async def show_own_objections(request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the caller's objections."""
    return await _own(request, db, actor)


@post("/my/objections/{objection_id:uuid}/withdraw", opt=FOR_OBJECTORS, include_in_schema=False, status_code=303)
async def take_back(objection_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Take the caller's objection back, or say why not."""
    form = await read_form(request, TakeBackForm)
    command = WithdrawEnforcementObjection(command_id=form.command_id, objection_id=objection_id)
    try:
        await withdraw_enforcement_objection(db, actor, command)
    except Refusal as refusal:
        return await _own(request, db, actor, refusal=refusal)
    return done_at("/my/objections", "objection_withdrawn")


@get("/lots/{lot_id:uuid}/objection", opt=FOR_OBJECTORS, include_in_schema=False)
async def show_objection_at_lot(lot_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the form of an objection about a public lot."""
    return await _lot_form(request, db, lot_id)


@post("/lots/{lot_id:uuid}/objection", opt=FOR_OBJECTORS, include_in_schema=False, status_code=303)
async def object_at_lot(lot_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Take an objection about a public lot."""
    async with db.reading() as tx:
        await card_of(tx, lot_id)
        case_id = await lot_case(tx, lot_id)
    try:
        await _raise(request, db, actor, case_id, lot_id)
    except Refusal as refusal:
        return await _lot_form(request, db, lot_id, refusal=refusal, given=await given_by(request))
    return done_at("/my/objections", "enforcement_objected")


@get("/party/cases/{case_id:uuid}/objection", opt=FOR_OBJECTORS, include_in_schema=False)
async def show_objection_in_case(case_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the form of an objection in one's own case."""
    return await _case_form(request, db, actor, case_id)


@post("/party/cases/{case_id:uuid}/objection", opt=FOR_OBJECTORS, include_in_schema=False, status_code=303)
async def object_in_case(case_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Take an objection to an act in one's own case."""
    try:
        await _raise(request, db, actor, case_id, None)
    except Refusal as refusal:
        return await _case_form(request, db, actor, case_id, refusal=refusal, given=await given_by(request))
    return done_at("/my/objections", "enforcement_objected")


async def _raise(request: AnyRequest, db: Database, actor: Actor, case_id: UUID, lot_id: UUID | None) -> None:
    form = await read_form(request, ObjectionForm)
    held = {one.value for one in Capacity}
    chosen = form.capacity if form.capacity in held else ""
    capacity = Capacity(required(chosen, field="capacity", zh="提出异议的身份", en="your capacity"))
    command = RaiseEnforcementObjection(
        command_id=form.command_id,
        objection_id=named_id("objection by hand", str(form.command_id)),
        case_id=case_id,
        lot_id=lot_id,
        kind=objection_words.kind_of(capacity),
        capacity=capacity,
        asks=form.asks,
        grounds=form.grounds,
        papers=tuple(form.papers.lower().split()),
    )
    await raise_enforcement_objection(db, actor, command)


async def _own(request: AnyRequest, db: Database, actor: Actor, *, refusal: Refusal | None = None) -> Template:
    async with db.reading() as tx:
        shown = await own_objections(tx, actor.person_id)
    return desk_page(request, "party/objections.html", shown=shown, say=objection_words, refusal=refusal)


async def _lot_form(
    request: AnyRequest,
    db: Database,
    lot_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        card = await card_of(tx, lot_id)
    subject = words.own_language(card.title_zh, card.title_en)
    return _form(request, subject, card.case_number, f"/lots/{lot_id}", refusal=refusal, given=given, claims=True)


async def _case_form(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    case_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        case = await own_case(tx, actor.person_id, case_id)
    way = f"/party/cases/{case_id}"
    return _form(request, case.case_number, case.court, way, refusal=refusal, given=given, claims=False)


def _form(
    request: AnyRequest,
    subject: str,
    overline: str,
    way: str,
    *,
    refusal: Refusal | None,
    given: Mapping[str, str] | None,
    claims: bool,
) -> Template:
    choices = [one for one in objection_words.capacities() if claims or one[0] in ("party", "interested")]
    return desk_page(
        request,
        "party/objection_form.html",
        subject=subject,
        overline=overline,
        way=way,
        choices=choices,
        say=objection_words,
        text_most=TEXT_MOST,
        papers_most=PAPERS_MOST,
        refusal=refusal,
        given=given,
    )


OWN_OBJECTION_PAGES = (
    *(show_own_objections, take_back),
    *(show_objection_at_lot, object_at_lot, show_objection_in_case, object_in_case),
)
