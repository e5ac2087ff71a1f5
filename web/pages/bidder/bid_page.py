"""Bidding without scripts: choose, confirm, send, and a page that says what became of it (bid-core 24).

1. The confirmation page carries the bid's id; sending it twice is one bid, and so is sending it again from the status page.
2. An answer that is not committed within five seconds is *undecided*: the status page says so, and looks again on demand.
3. The form carries the amount in fen as it was confirmed; what the room says now never changes it.
4. Where the notice asks for a second confirmation the refusal's page is the question: it shows the amount in words and
   sends the same amount, confirmed, as a new bid. Our own question about large jumps gives way to it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Meta

from auction.fund.loans.limits import SpendingPlan, require_within_own
from auction.kernel.actors import Actor
from auction.kernel.amount_words import english
from auction.kernel.clock import to_us
from auction.kernel.db import Database
from auction.kernel.errors import Malformed, Refusal
from auction.kernel.ids import LotId, SessionId, new_id
from auction.kernel.money import BOUND_FEN, Money
from auction.sale.rounds import store as rounds
from auction.sale.rounds.store import TicketRight
from bidding.journal.make_receipt import bid_receipt
from bidding.journal.place_durably import place_durably
from bidding.journal.views import OwnBid, own_bid
from bidding.live.decision import Decision
from bidding.rules.reasons import Code, refusal_of_bid
from bidding.rules.session import BidderCode, BidId, BidKind, PlaceBid
from web.errors import status_of
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.own_limit import plan_for_lot
from web.pages import wired
from web.pages.bidder.register_page import FOR_BIDDERS
from web.pages.public import words
from web.pages.public.ladder import is_large_jump, rungs
from web.pages.public.lot_page import Seen, read_lot
from web.rendering import page
from web.wiring import Wiring

Fen = Annotated[int, Meta(gt=0, lt=BOUND_FEN)]


class JumpNotConfirmed(Malformed):
    """The bid is far above the lowest one, and the bidder did not say that he means it."""

    code = "large_jump_not_confirmed"
    article = "house: a zero too many costs a deposit"
    zh = "出价远高于当前最低可出价，请勾选确认金额无误。"
    en = "The bid is far above the lowest possible one; tick the box to confirm that the amount is right."


class BidForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the confirmation page sends."""

    bid_id: UUID
    amount_fen: Fen
    kind: BidKind = "bid"
    confirmed_fen: Fen | msgspec.UnsetType = msgspec.UNSET
    """The amount of a second confirmation, under an id of its own; unset: a bid that nobody asked about yet."""
    is_jump: Literal["yes", "no"] = "no"
    sure: str = ""


@get("/lots/{lot_id:uuid}/bid", opt=FOR_BIDDERS, include_in_schema=False)
async def confirm_bid(lot_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the amount in figures, in 万 and in capital characters, and ask for confirmation; nothing is sent yet."""
    await _right(db, actor, lot_id)
    seen = await read_lot(db, lot_id, actor)
    given = request.query_params.get("amount_yuan", "").replace(",", "").replace("，", "").strip()
    kind: BidKind = "match" if request.query_params.get("kind") == "match" else "bid"
    try:
        amount = Money.parse_yuan(given)
    except Refusal as refusal:
        return _choose(seen, given, refusal)
    form = BidForm(bid_id=new_id(), amount_fen=amount.fen, kind=kind)
    return _confirmation(seen, form, refusal=None, plan=await _plan(db, actor, lot_id))


@post("/lots/{lot_id:uuid}/bid", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def send_bid(
    lot_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring
) -> Response[Any]:
    """Send the bid and wait for its commit, five seconds at most (rule 2)."""
    form = await read_form(request, BidForm)
    right = await _right(db, actor, lot_id)
    if form.is_jump == "yes" and not form.sure:
        plan = await _plan(db, actor, lot_id)
        return _confirmation(await read_lot(db, lot_id, actor), form, refusal=JumpNotConfirmed(), plan=plan)
    plan = await _plan(db, actor, lot_id)
    if not await _is_known(db, right, form.bid_id):
        try:
            require_within_own(plan, Money(form.amount_fen))
        except Refusal as refusal:
            return _confirmation(await read_lot(db, lot_id, actor), form, refusal=refusal, plan=plan)
    decision = await _place(db, wiring, right, form)
    if decision is not None and decision.reason is not None:
        refused = OwnBid(outcome="refused", sequence=decision.sequence, at_us=decision.at_us, reason=decision.reason)
        listed = await _in_journal(db, right, form.bid_id)
        is_listed = listed.outcome == "refused"
        seen = await read_lot(db, lot_id, actor)
        return _status(seen, form, listed if is_listed else refused, transient=decision.transient, listed=is_listed)
    asked = urlencode(
        {"amount_fen": form.amount_fen, "kind": form.kind} | ({"again": "yes"} if form.confirmed_fen else {})
    )
    return Redirect(f"/lots/{lot_id}/bids/{form.bid_id}?{asked}", status_code=303)


@get("/lots/{lot_id:uuid}/bids/{bid_id:uuid}", opt=FOR_BIDDERS, include_in_schema=False)
async def show_bid(
    lot_id: FromPath[UUID], bid_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Say what became of one's own bid: accepted, refused, or undecided."""
    right = await _right(db, actor, lot_id)
    seen = await read_lot(db, lot_id, actor)
    found = await _in_journal(db, right, bid_id)
    return _status(seen, _asked(request, bid_id, found), found, transient=False, listed=found.outcome != "undecided")


@get("/lots/{lot_id:uuid}/bids/{bid_id:uuid}/receipt", opt=FOR_BIDDERS, include_in_schema=False)
async def download_receipt(
    lot_id: FromPath[UUID], bid_id: FromPath[UUID], db: TheDb, actor: TheActor
) -> Response[bytes]:
    """Give the signed receipt of one's own bid as a file; `EntryUnknown` while nothing is committed."""
    right = await _right(db, actor, lot_id)
    receipt = await bid_receipt(db, SessionId(right.session_id), right.code, str(bid_id))
    name = f"fapai-receipt-{bid_id}.json"
    return Response(
        msgspec.json.format(msgspec.json.encode(receipt)),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _right(db: Database, actor: Actor, lot_id: UUID) -> TicketRight:
    async with db.reading() as tx:
        return await rounds.ticket_right(tx, actor.person_id, lot_id)


async def _in_journal(db: Database, right: TicketRight, bid_id: UUID) -> OwnBid:
    async with db.reading() as tx:
        return await own_bid(tx, right.session_id, code=right.code, bid_id=str(bid_id))


async def _place(db: Database, wiring: Wiring, right: TicketRight, form: BidForm) -> Decision | None:
    bid = PlaceBid(
        bid_id=BidId(str(form.bid_id)),
        code=BidderCode(right.code),
        amount_fen=form.amount_fen,
        kind=form.kind,
        received_us=to_us(wiring.real_now()) if not wiring.stamp.may_pretend else 0,
        confirmed_fen=0 if form.confirmed_fen is msgspec.UNSET else form.confirmed_fen,
    )
    return await place_durably(db, wired.live_of(wiring), bid, lot_id=LotId(right.lot_id), session_id=right.session_id)


def _asked(request: Request[Any, Any, Any], bid_id: UUID, found: OwnBid) -> BidForm:
    """Give the bid that the page is about: from the journal, or as the address says it was sent."""
    given = request.query_params.get("amount_fen", "")
    amount_fen = int(given) if given.isascii() and given.isdecimal() and len(given) < 15 else 0
    kind: BidKind = "match" if request.query_params.get("kind") == "match" else "bid"
    amount_fen = found.amount_fen or amount_fen
    confirmed = amount_fen if request.query_params.get("again") == "yes" else msgspec.UNSET
    return BidForm(bid_id=bid_id, amount_fen=amount_fen, kind=kind, confirmed_fen=confirmed)


def _choose(seen: Seen, given: str, refusal: Refusal) -> Template:
    return page(
        "bidder/bid_amount.html",
        status=status_of(refusal),
        say=words,
        seen=seen,
        card=seen.file.card,
        terms=seen.file.terms,
        rungs=rungs(seen.room) if seen.room is not None else [],
        given=given,
        refusal=refusal,
    )


async def _plan(db: Database, actor: Actor, lot_id: UUID) -> SpendingPlan | None:
    async with db.reading() as tx:
        return await plan_for_lot(tx, actor.person_id, lot_id)


async def _is_known(db: Database, right: TicketRight, bid_id: UUID) -> bool:
    """Whether this very bid was decided before: then it gets its answer again, whatever the limit is now."""
    return (await _in_journal(db, right, bid_id)).outcome != "undecided"


def _confirmation(seen: Seen, form: BidForm, *, refusal: Refusal | None, plan: SpendingPlan | None) -> Template:
    room = seen.room
    is_jump = room is not None and form.kind == "bid" and is_large_jump(room, form.amount_fen)
    asks_twice = room is not None and 0 < room.confirm_above_fen < form.amount_fen
    return page(
        "bidder/bid_confirm.html",
        status=200 if refusal is None else status_of(refusal),
        say=words,
        seen=seen,
        card=seen.file.card,
        terms=seen.file.terms,
        form=form,
        is_jump=is_jump and not asks_twice,
        plan=plan,
        depends=plan is not None and plan.depends_on_loan(Money(form.amount_fen)),
        is_low=room is not None and form.kind == "bid" and form.amount_fen < room.floor_fen,
        refusal=refusal,
    )


def _status(seen: Seen, form: BidForm, found: OwnBid, *, transient: bool, listed: bool) -> Template:
    """Show what became of a bid; ``listed``: its entry is in the journal, so there is a receipt."""
    reason = None if found.reason is None else refusal_of_bid(found.reason, form.amount_fen)
    return page(
        "bidder/bid_status.html",
        status=200,
        say=words,
        seen=seen,
        card=seen.file.card,
        terms=seen.file.terms,
        form=form,
        found=found,
        reason=reason,
        transient=transient,
        listed=listed,
        asked=_asks_now(seen, form, found),
        english=english(Money(form.amount_fen)),
        new_id=new_id(),
        rungs=rungs(seen.room) if seen.room is not None else [],
    )


def _asks_now(seen: Seen, form: BidForm, found: OwnBid) -> bool:
    """Whether the page asks for the second confirmation: the room is open, and the amount is still high enough."""
    is_open = seen.stage == "open" and seen.room is not None and not seen.is_leading
    may_count = seen.room is not None and form.amount_fen >= seen.room.floor_fen
    return found.reason is Code.CONFIRMATION_REQUIRED and is_open and may_count
