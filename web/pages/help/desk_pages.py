"""The desk that answers tickets: those that wait, the next due on top; nobody is named here (help rule 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from web.auth.guards import roles
from web.errors import PageUnknown
from web.forms import read_form
from web.help import store
from web.help.ask_help import DESK, EndTicket, SayMore, answer_ticket, end_ticket
from web.injected import TheActor, TheDb
from web.pages.desk import desk_page, done_at, given_by
from web.pages.help import words
from web.pages.help.help_pages import SayForm

AnyRequest = Request[Any, Any, Any]
FOR_DESK = dict(roles(*DESK))
PATH = "/help-desk"
STEPS: Mapping[str, str] = {"say": "help_answered", "end": "help_ended"}


@get(PATH, opt=FOR_DESK, include_in_schema=False)
async def show_help_desk(request: AnyRequest, db: TheDb) -> Template:
    """List the tickets that have not ended."""
    async with db.reading() as tx:
        found = await store.open_tickets(tx)
        now = tx.now
    return desk_page(request, "help/desk.html", tickets=found, say=words, now=now)


@get("/help-desk/{ticket_id:uuid}", opt=FOR_DESK, include_in_schema=False)
async def show_desk_ticket(ticket_id: FromPath[UUID], request: AnyRequest, db: TheDb) -> Template:
    """Show one ticket."""
    return await _ticket(request, db, ticket_id)


@post("/help-desk/{ticket_id:uuid}/{step:str}", opt=FOR_DESK, include_in_schema=False, status_code=303)
async def take_desk_step(
    ticket_id: FromPath[UUID], step: FromPath[str], request: AnyRequest, db: TheDb, actor: TheActor
) -> Response[Any]:
    """Answer, or end the ticket."""
    if step not in STEPS:
        raise PageUnknown
    form = await read_form(request, SayForm)
    try:
        if step == "say":
            await answer_ticket(db, actor, SayMore(command_id=form.command_id, ticket_id=ticket_id, text=form.text))
        else:
            await end_ticket(db, actor, EndTicket(command_id=form.command_id, ticket_id=ticket_id))
    except Refusal as refusal:
        return await _ticket(request, db, ticket_id, refusal=refusal, given=await given_by(request))
    return done_at(PATH if step == "end" else f"{PATH}/{ticket_id}", STEPS[step])


async def _ticket(
    request: AnyRequest,
    db: Database,
    ticket_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        ticket = await store.ticket_for_desk(tx, ticket_id)
        now = tx.now
    way = f"{PATH}/{ticket_id}"
    return desk_page(
        request,
        "help/ticket.html",
        ticket=ticket,
        say=words,
        now=now,
        is_own=False,
        way=way,
        refusal=refusal,
        given=given,
    )
