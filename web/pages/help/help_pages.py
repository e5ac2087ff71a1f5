"""Help for people: the telephone, what may be tried at once, tickets with their state; with a look-up code also without an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.sale.disclosure.public_lots import card_of
from web.auth.count_attempt import count_attempt
from web.auth.guards import PUBLIC, SIGNED_IN
from web.errors import PageUnknown
from web.forms import read_form
from web.help import store
from web.help.ask_help import EndTicket, OpenTicket, SayMore, code_of, end_ticket, hash_of, open_ticket, say_more
from web.help.tickets import TEXT_MOST, Category, HelpCategoryNeeded, Ticket
from web.injected import TheActor, TheDb, TheWiring
from web.pages.desk import desk_page, done_at, given_by
from web.pages.help import words
from web.visit import visit_of
from web.wiring import Wiring

AnyRequest = Request[Any, Any, Any]
STEPS: Mapping[str, str] = {"say": "help_said", "end": "help_ended"}


class HelpForm(msgspec.Struct, frozen=True, kw_only=True):
    """A request for help as it was typed."""

    command_id: UUID
    category: str = ""
    text: str = ""
    lot_id: str = ""


class LookForm(msgspec.Struct, frozen=True, kw_only=True):
    """Number and look-up code."""

    number: str = ""
    code: str = ""


class SayForm(msgspec.Struct, frozen=True, kw_only=True):
    """A message, or nothing but the id of the command that ends."""

    command_id: UUID
    text: str = ""


@get("/help", opt=dict(PUBLIC), include_in_schema=False)
async def show_help(request: AnyRequest, wiring: TheWiring) -> Template:
    """Show how help is got, and one's own tickets."""
    return await _page(request, wiring)


@post("/help", opt=dict(PUBLIC), include_in_schema=False, status_code=303)
async def ask(request: AnyRequest, wiring: TheWiring) -> Response[Any]:
    """Open a ticket; without an account its number and code are shown, once."""
    form = await read_form(request, HelpForm)
    visit = visit_of(request)
    try:
        lot_id = _uuid(form.lot_id)
        if form.category not in words.CATEGORIES:
            raise HelpCategoryNeeded(field="category")
        if visit.actor is None:
            await count_attempt(wiring.db, "help", visit.address, now=wiring.real_now())
        command = OpenTicket(
            command_id=form.command_id, category=Category(form.category), text=form.text, lot_id=lot_id
        )
        opened = await open_ticket(wiring.db, visit.actor, command)
    except Refusal as refusal:
        return await _page(request, wiring, refusal=refusal, given=await given_by(request))
    if visit.actor is not None:
        return done_at(f"/help/tickets/{opened.ticket_id}", "help_asked")
    code = code_of(wiring.db.sealer, opened.ticket_id)
    return desk_page(request, "help/code.html", number=opened.number, code=code, phone=_phone(wiring))


@post("/help/look", opt=dict(PUBLIC), include_in_schema=False, status_code=200)
async def look(request: AnyRequest, wiring: TheWiring) -> Template:
    """Show the ticket of a number and its code; guessing is slowed down per address."""
    form = await read_form(request, LookForm)
    try:
        await count_attempt(wiring.db, "help", visit_of(request).address, now=wiring.real_now())
        async with wiring.db.reading() as tx:
            ticket = await store.ticket_by_code(tx, form.number.strip(), hash_of(wiring.db.sealer, form.code))
            now = tx.now
    except Refusal as refusal:
        return await _page(request, wiring, refusal=refusal)
    return desk_page(request, "help/ticket.html", ticket=ticket, say=words, now=now, is_own=False, way="")


@get("/help/tickets/{ticket_id:uuid}", opt=SIGNED_IN, include_in_schema=False)
async def show_ticket(ticket_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show one of the caller's tickets."""
    return await _ticket(request, db, actor, ticket_id)


@post("/help/tickets/{ticket_id:uuid}/{step:str}", opt=SIGNED_IN, include_in_schema=False, status_code=303)
async def take_ticket_step(
    ticket_id: FromPath[UUID], step: FromPath[str], request: AnyRequest, db: TheDb, actor: TheActor
) -> Response[Any]:
    """Say more, or end the ticket."""
    if step not in STEPS:
        raise PageUnknown
    form = await read_form(request, SayForm)
    try:
        if step == "say":
            await say_more(db, actor, SayMore(command_id=form.command_id, ticket_id=ticket_id, text=form.text))
        else:
            async with db.reading() as tx:
                await store.own_ticket(tx, actor.account_id, ticket_id)
            await end_ticket(db, actor, EndTicket(command_id=form.command_id, ticket_id=ticket_id))
    except Refusal as refusal:
        return await _ticket(request, db, actor, ticket_id, refusal=refusal, given=await given_by(request))
    return done_at(f"/help/tickets/{ticket_id}", STEPS[step])


@get("/lots/{lot_id:uuid}/help", opt=dict(PUBLIC), include_in_schema=False, sync_to_thread=False)
def help_with_lot(lot_id: FromPath[UUID]) -> Redirect:
    """Lead from a lot to its form of help."""
    return Redirect(f"/help?lot={lot_id}#ask")


def _phone(wiring: Wiring) -> str:
    return wiring.settings.help_telephone.strip()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text.strip() else None
    except ValueError:
        return None


async def _page(
    request: AnyRequest, wiring: Wiring, *, refusal: Refusal | None = None, given: Mapping[str, str] | None = None
) -> Template:
    actor = visit_of(request).actor
    lot_id = _uuid((given or {}).get("lot_id", "") or request.query_params.get("lot", ""))
    async with wiring.db.reading() as tx:
        own: tuple[Ticket, ...] = () if actor is None else await store.tickets_of(tx, actor.account_id)
        card = None if lot_id is None else await card_of(tx, lot_id)
        now = tx.now
    return desk_page(
        request,
        "help/help.html",
        phone=_phone(wiring),
        rows=words.rows(),
        own=own,
        card=card,
        may_ask=actor is not None or card is not None,
        is_known=actor is not None,
        say=words,
        now=now,
        text_most=TEXT_MOST,
        refusal=refusal,
        given=given,
    )


async def _ticket(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    ticket_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        ticket = await store.own_ticket(tx, actor.account_id, ticket_id)
        now = tx.now
    way = f"/help/tickets/{ticket_id}"
    return desk_page(
        request,
        "help/ticket.html",
        ticket=ticket,
        say=words,
        now=now,
        is_own=True,
        way=way,
        refusal=refusal,
        given=given,
    )
