"""One own registration: the deposit with its channels and clocks, own bids, and what happens after winning."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from auction.fund.deposits.deposits import CardNotInNotice, CardNotOffered, require_card_offered
from auction.fund.deposits.open_virtual_account import OpenVirtualAccount, open_virtual_account
from auction.fund.deposits.start_card_payment import ENDED, StartCardPayment, start_card_payment
from auction.fund.deposits.views import CardPaymentShown, OwnDeposit, own_deposit
from auction.fund.undoings.store import RecoveryShown, recoveries_from
from auction.kernel.actors import Actor
from auction.kernel.clock import from_us, local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Malformed, Refusal
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.kernel.persons import name_of
from auction.law.parameters import LAW
from auction.sale.disclosure.lot_file import LotFile, lot_file
from auction.sale.disclosure.own_registrations import AfterSale, OwnRegistration, after_sale, own_registration
from auction.sale.registers.store import silent_since
from auction.sale.rounds.leave_round import LeaveRound, leave_round
from auction.sale.rounds.store import case_of_round
from bidding.journal.views import OwnBid, Standing, own_bids, own_refusals, standings
from bidding.rules.reasons import refusal_of_bid
from web.errors import status_of
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages import desk_words, wired
from web.pages.bidder.check_list import Item, check_list
from web.pages.bidder.register_page import FOR_BIDDERS
from web.pages.public import words
from web.rendering import page
from web.wiring import Wiring


class Seen(NamedTuple):
    """All that the page shows, read together."""

    own: OwnRegistration
    ends_at: datetime
    """The room's end as it stands; the published one before there is a room."""
    file: LotFile
    deposit: OwnDeposit
    after: AfterSale | None
    owed: tuple[RecoveryShown, ...]
    """What the court ordered the reader to pay in for this case."""
    bids: list[tuple[str, OwnBid]]
    refused: list[tuple[str, OwnBid, Refusal]]
    """Own bids that were not taken, each with its reason."""
    now: datetime
    lists_silent_since: datetime | None
    """Since when the keepers of the lists have not answered about the bidder; ``None``: they have, or need not."""
    payer_name: str
    """The bidder's own made-up name for the sandbox's bank page; empty in production."""


class CardOffer(NamedTuple):
    """Whether a card may carry this deposit; ``reason`` says why not."""

    reason: str
    open_payment: CardPaymentShown | None
    pay_url: str


class PayForm(msgspec.Struct, frozen=True, kw_only=True):
    """A press of one of the payment buttons."""

    command_id: UUID
    payment_id: UUID | None = None


class LeaveForm(msgspec.Struct, frozen=True, kw_only=True):
    """The wish to leave; ``understood`` is ``yes`` when the box is ticked."""

    command_id: UUID
    understood: str = ""


class LeavingNotUnderstood(Malformed):
    """The box beside the button is not ticked."""

    code = "leaving_not_understood"
    article = "house: whoever leaves does not come back in this round"
    zh = "请先勾选确认：退出后不能再参加本次拍卖。"
    en = "Please tick the box first: whoever leaves takes no further part in this round."


@get("/my/registrations/{registration_id:uuid}", opt=FOR_BIDDERS, include_in_schema=False)
async def show_registration(registration_id: FromPath[UUID], db: TheDb, actor: TheActor, wiring: TheWiring) -> Template:
    """Show one's own registration; `RegistrationUnknown` for anybody else's."""
    return _page(await read_registration(db, actor, registration_id, wiring), wiring, refusal=None)


@post("/my/registrations/{registration_id:uuid}/account", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def ask_account(
    registration_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring
) -> Redirect:
    """Ask the bank for the sub-account of this deposit."""
    form = await read_form(request, PayForm)
    seen = await read_registration(db, actor, registration_id, wiring)
    await open_virtual_account(
        db, actor, OpenVirtualAccount(command_id=form.command_id, deposit_id=seen.own.deposit_id)
    )
    return Redirect(f"/my/registrations/{registration_id}#pay", status_code=303)


@post("/my/registrations/{registration_id:uuid}/card", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def ask_card(
    registration_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring
) -> Redirect | Template:
    """Ask for a card payment of this deposit, or say why a card is not offered."""
    form = await read_form(request, PayForm)
    seen = await read_registration(db, actor, registration_id, wiring)
    policy = wired.card_policy_of(wiring)
    try:
        if policy is None or "card" not in seen.file.terms.deposit_channels:
            raise CardNotInNotice
        command = StartCardPayment(
            command_id=form.command_id, deposit_id=seen.own.deposit_id, payment_id=form.payment_id or new_id()
        )
        await start_card_payment(db, actor, command, policy=policy)
    except Refusal as refusal:
        return _page(seen, wiring, refusal=refusal)
    return Redirect(f"/my/registrations/{registration_id}#pay", status_code=303)


@post("/my/registrations/{registration_id:uuid}/leave", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def ask_leave(
    registration_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring
) -> Redirect | Template:
    """Leave a stopped round and have the deposit back, or say why not."""
    form = await read_form(request, LeaveForm)
    try:
        if form.understood != "yes":
            raise LeavingNotUnderstood
        command = LeaveRound(command_id=form.command_id, registration_id=registration_id)
        await leave_round(db, actor, command, rooms=wired.rooms_of(wiring))
    except Refusal as refusal:
        return _page(await read_registration(db, actor, registration_id, wiring), wiring, refusal=refusal)
    return Redirect(f"/my/registrations/{registration_id}", status_code=303)


async def read_registration(db: Database, actor: Actor, registration_id: UUID, wiring: Wiring) -> Seen:
    """Read all that the page shows, or refuse (`RegistrationUnknown`)."""
    async with db.reading() as tx:
        own = await own_registration(tx, actor.person_id, registration_id)
        (rooms, bids, refused), file, deposit, after, owed, since, payer_name = await tx.together(
            _bidding(tx, own),
            lot_file(tx, own.lot.lot_id),
            own_deposit(tx, actor.person_id, own.deposit_id),
            _after(tx, own),
            _owed(tx, own, actor),
            silent_since(tx, actor.person_id, own.lot.lot_id),
            _payer_name(tx, actor, is_shown=wiring.stamp.may_pretend),
        )
        room = rooms.get(own.session_id)
        return Seen(
            own=own,
            ends_at=own.closes_at if room is None else from_us(room.end_us),
            file=file,
            deposit=deposit,
            after=after,
            owed=owed,
            bids=bids,
            refused=[
                (bid_id, bid, refusal_of_bid(bid.reason, bid.amount_fen))
                for bid_id, bid in refused
                if bid.reason is not None
            ],
            now=tx.now,
            lists_silent_since=since,
            payer_name=payer_name,
        )


async def _bidding(
    tx: Transaction, own: OwnRegistration
) -> tuple[dict[UUID, Standing], list[tuple[str, OwnBid]], list[tuple[str, OwnBid]]]:
    """Give the room, own bids and own refusals; none before there is a code."""
    if own.bidder_code is None:
        return await standings(tx, [own.session_id]), [], []
    return await tx.together(
        standings(tx, [own.session_id]),
        own_bids(tx, own.session_id, own.bidder_code),
        own_refusals(tx, own.session_id, own.bidder_code),
    )


async def _after(tx: Transaction, own: OwnRegistration) -> AfterSale | None:
    """Give the steps after the sale to the buyer; ``None`` for anybody else."""
    return await after_sale(tx, own.round_id, own.lot.lot_id) if own.state == "won" else None


async def _owed(tx: Transaction, own: OwnRegistration, actor: Actor) -> tuple[RecoveryShown, ...]:
    """Give what the court ordered the reader to pay in for this case."""
    return await recoveries_from(tx, [await case_of_round(tx, own.round_id)], [actor.person_id])


async def _payer_name(tx: Transaction, actor: Actor, *, is_shown: bool) -> str:
    """Open the reader's own name for the sandbox's bank page; empty where nothing pretends."""
    return await name_of(tx, actor.person_id) if is_shown else ""


def _page(seen: Seen, wiring: Wiring, *, refusal: Refusal | None) -> Template:
    return page(
        "bidder/registration.html",
        status=200 if refusal is None else status_of(refusal),
        say=words,
        seen=seen,
        own=seen.own,
        file=seen.file,
        deposit=seen.deposit,
        refusal=refusal,
        card_offer=card_offer(seen, wiring),
        account_name=wired.text_of(wiring, wired.BANK_ACCOUNT_NAME) or seen.file.card.court,
        transfer_url=transfer_url(seen, wiring),
        to_pay_fen=seen.deposit.to_pay_fen,
        words_of=desk_words,
        items=check_list(seen.own, seen.deposit.purchase, seen.after, terms=seen.file.terms),
        item_states=Item,
        now=seen.now,
    )


def card_offer(seen: Seen, wiring: Wiring) -> CardOffer:
    """Say whether a card is offered, why not, and where an open payment goes on. Source: 网拍 25."""
    policy = wired.card_policy_of(wiring)
    if policy is None or "card" not in seen.file.terms.deposit_channels:
        return CardOffer(_reason(CardNotInNotice()), None, "")
    transfer_time = LAW.duration("auction.transfer_deposit_to_court_hours", on=local_day(seen.now))
    try:
        require_card_offered(Money(seen.own.deposit_fen), policy, transfer_time=transfer_time)
    except CardNotOffered as refusal:
        return CardOffer(_reason(refusal), None, "")
    payment = next((one for one in seen.deposit.payments if one.state not in ENDED), None)
    return CardOffer("", payment, _pay_url(seen, payment, wiring))


def _reason(refusal: CardNotOffered) -> str:
    """Give the reason in the reader's language."""
    return words.own_language(refusal.zh, refusal.en)


def _pay_url(seen: Seen, payment: CardPaymentShown | None, wiring: Wiring) -> str:
    """Give the sandbox page where the open payment is made, empty elsewhere."""
    base = wiring.settings.sandbox_pay_url
    if not base or payment is None or payment.provider_id is None or payment.state != "open":
        return ""
    back = f"{wiring.settings.site_url}/my/registrations/{seen.own.registration_id}"
    return f"{base}/{payment.provider_id}?{urlencode({'return_url': back})}"


def transfer_url(seen: Seen, wiring: Wiring) -> str:
    """Give the sandbox page that plays the payer's bank, filled in; empty where nothing pretends or is to be paid."""
    base = wired.text_of(wiring, wired.BANK_TRANSFER_PAGE)
    purchase, number = seen.deposit.purchase, seen.deposit.account_number
    if not base or not wiring.stamp.may_pretend:
        return ""
    if purchase is not None and seen.deposit.to_pay_fen > 0:
        account, remark, amount_fen = seen.file.case.case_account_number, purchase.reference, seen.deposit.to_pay_fen
    elif number is not None and (seen.deposit.deposit.state == "pending" or seen.deposit.is_lapsed):
        account, remark = number, seen.deposit.deposit.reference
        amount_fen = seen.own.deposit_fen - seen.deposit.deposit.received_fen
    else:
        return ""
    filled = {
        "to_account": account,
        "amount_yuan": words.yuan(amount_fen),
        "remark": remark,
        "from_name": seen.payer_name,
    }
    return f"{base}?{urlencode(filled)}"
