"""Before one bids: a place in a viewing of the lot, given up again if need be, and questions about the lot.

The reminder is a calendar entry with an alarm on the day before, and a line on the visitor's own page: the product sends nobody a
message that names what he may want to buy.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from icalendar import Alarm, Calendar, Event
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.sale.disclosure.public_lots import card_of
from auction.sale.visitors import store
from auction.sale.visitors.ask_about_lot import AskAboutLot, ask_about_lot
from auction.sale.visitors.book_viewing import BookViewing, book_viewing
from auction.sale.visitors.give_up_viewing import GiveUpViewing, give_up_viewing
from auction.sale.visitors.lot_questions import QUESTION_MOST
from auction.sale.visitors.standing import ASKED_ABOUT, VISITED
from auction.sale.visitors.viewings import BookingUnknown, OwnBooking
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages.bidder.register_page import FOR_BIDDERS
from web.pages.desk import desk_page, done_at, given_by
from web.pages.public import words
from web.texts import _

AnyRequest = Request[Any, Any, Any]
REMINDED_BEFORE: Final = timedelta(days=1)


class BookForm(msgspec.Struct, frozen=True, kw_only=True):
    """The chosen slot."""

    command_id: UUID
    slot_id: UUID


class GiveUpForm(msgspec.Struct, frozen=True, kw_only=True):
    """The booking that is given up."""

    command_id: UUID
    booking_id: UUID


class AskForm(msgspec.Struct, frozen=True, kw_only=True):
    """The question as it was typed."""

    command_id: UUID
    question: str = ""


@get("/lots/{lot_id:uuid}/visit", opt=FOR_BIDDERS, include_in_schema=False)
async def show_visit(lot_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the lot's viewings with one's own booking, and one's own questions; `LotUnknown` before the first notice."""
    return await _page(request, db, actor, lot_id)


@post("/lots/{lot_id:uuid}/visit/book", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def book(lot_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Book a place, or say why not."""
    form = await read_form(request, BookForm)
    command = BookViewing(
        command_id=form.command_id,
        booking_id=named_id("viewing by hand", str(form.command_id)),
        lot_id=lot_id,
        slot_id=form.slot_id,
    )
    try:
        await book_viewing(db, actor, command)
    except Refusal as refusal:
        return await _page(request, db, actor, lot_id, refusal=refusal)
    return done_at(f"/lots/{lot_id}/visit", "viewing_booked")


@post("/lots/{lot_id:uuid}/visit/give-up", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def give_up(lot_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Give a booking up, or say why not."""
    form = await read_form(request, GiveUpForm)
    try:
        command = GiveUpViewing(command_id=form.command_id, lot_id=lot_id, booking_id=form.booking_id)
        await give_up_viewing(db, actor, command)
    except Refusal as refusal:
        return await _page(request, db, actor, lot_id, refusal=refusal)
    return done_at(f"/lots/{lot_id}/visit", "viewing_given_up")


@post("/lots/{lot_id:uuid}/visit/ask", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def ask(lot_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Ask, or say why not."""
    form = await read_form(request, AskForm)
    command = AskAboutLot(
        command_id=form.command_id,
        question_id=named_id("lot question by hand", str(form.command_id)),
        lot_id=lot_id,
        question=form.question,
    )
    try:
        await ask_about_lot(db, actor, command)
    except Refusal as refusal:
        return await _page(request, db, actor, lot_id, refusal=refusal, given=await given_by(request))
    return done_at(f"/lots/{lot_id}/visit", "lot_asked")


@get("/my/viewings/{booking_id:uuid}/viewing.ics", opt=FOR_BIDDERS, include_in_schema=False)
async def give_calendar(booking_id: FromPath[UUID], db: TheDb, actor: TheActor, wiring: TheWiring) -> Response[bytes]:
    """Give one's own booking as a calendar entry that reminds a day before; `BookingUnknown` for anybody else's."""
    async with db.reading() as tx:
        found = [one for one in await store.own_bookings(tx, actor.person_id) if one.booking_id == booking_id]
        if not found:
            raise BookingUnknown(booking_id=booking_id)
        card = await card_of(tx, found[0].slot.lot_id)
        now = tx.now
    event = Event()
    event.add("dtstamp", now)
    title = words.own_language(card.title_zh, card.title_en)
    _fill(event, found[0], title, f"{wiring.settings.site_url.rstrip('/')}/lots/{card.lot_id}/visit")
    made = Calendar()
    made.add("prodid", "-//fapai//viewing//ZH")
    made.add("version", "2.0")
    made.add_component(event)
    return Response(bytes(made.to_ical()), media_type="text/calendar; charset=utf-8")


def _fill(event: Event, booking: OwnBooking, title: str, address: str) -> None:
    event.add("uid", f"{booking.booking_id}@fapai")
    event.add("dtstart", booking.slot.starts_at)
    event.add("dtend", booking.slot.ends_at)
    event.add("summary", _("看样：{title}").format(title=title))
    event.add("location", booking.slot.place)
    event.add("description", _("看样编号 {number}").format(number=booking.number))
    event.add("url", address)
    if booking.cancelled is not None:
        event.add("status", "CANCELLED")
        return
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _("看样：{title}").format(title=title))
    alarm.add("trigger", -REMINDED_BEFORE)
    event.add_component(alarm)


async def _page(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    lot_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        card = await card_of(tx, lot_id)
        slots = await store.slots_of_round(tx, card.round_id)
        bookings = await store.own_bookings(tx, actor.person_id, round_id=card.round_id)
        questions = await store.own_questions(tx, actor.person_id, lot_id)
        now = tx.now
    return desk_page(
        request,
        "bidder/visit.html",
        refusal=refusal,
        given=given,
        say=words,
        card=card,
        slots=[slot for slot in slots if slot.starts_at > now],
        bookings=bookings,
        holds=any(one.cancelled is None for one in bookings),
        may_book=card.state in VISITED and now < card.opens_at,
        may_ask=card.state in ASKED_ABOUT,
        questions=questions,
        question_most=QUESTION_MOST,
        now=now,
    )
