"""Start paying a deposit by card: commit that it is asked, call the provider in a job, note what he says.

1. The provider's key is stored before the first call; a payment that was asked is asked again under the same key.
2. One payment is open for a deposit at a time; a failed or cancelled one may be followed by another.
3. What the provider's object says is what counts; events only say that it is worth reading.

Source: 网拍 17, 25.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.deposits import store
from auction.fund.deposits.apply_deposit import CaptureAsked, apply, plan_capture
from auction.fund.deposits.deposits import (
    AUTHORISATION_LOST,
    Backing,
    CardPolicy,
    DepositNotPending,
    DepositState,
    DepositUnknown,
    may_authorise,
    outlives,
    require_card_offered,
)
from auction.fund.deposits.lost_disputes import end_refunds_by_dispute
from auction.fund.deposits.open_payments import require_open_account
from auction.fund.deposits.record_receipt import (
    end_authorisation,
    is_backed_by,
    note_authorised,
    receive_card_payment,
    takes_money,
)
from auction.fund.deposits.release_deposit import CANCEL_PAYMENT, PaymentGivenUp
from auction.fund.deposits.send_refund import ASK_CARD_PAYMENT, PaymentAsked
from auction.fund.deposits.tables import CardPaymentRow, DepositRow
from auction.fund.gateway import CardCharge, CardGateway, CardPayment, ProviderRefused
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import count_entries
from auction.fund.look_again import look_again
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import NotFound
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import Money
from auction.law.parameters import LAW

PAYMENT_DISPUTED = "payment_disputed"
"""Alarm: the payer's bank took a payment back; the operator bears it (never the case)."""

ENDED = frozenset({"cancelled", "failed"})
OLDER_THAN: dict[str, frozenset[str]] = {
    "authorised": frozenset({"open", "failed"}),
    "succeeded": frozenset({"open", "failed", "authorised", "cancelled"}),
    "cancelled": frozenset({"open", "failed", "authorised", "succeeded"}),
}
"""Pictures that are older than a state, for no payment goes back to them: a repeated call is answered as it first was."""


class PaymentUnknown(NotFound):
    """There is no such card payment."""

    code = "card_payment_unknown"
    article = "网拍 17"
    zh = "没有该笔银行卡支付。"
    en = "There is no such card payment."


class StartCardPayment(Command, frozen=True, kw_only=True):
    """Pay this deposit by card."""

    deposit_id: UUID
    payment_id: UUID


class CardPaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """A card payment as its payer sees it; ``client_secret`` is there once the provider knows the payment."""

    payment_id: UUID
    deposit_id: UUID
    amount_fen: int
    state: str
    provider_id: str | None
    client_secret: str | None
    only_authorised: bool


async def start_card_payment(
    db: Database, actor: Actor, command: StartCardPayment, *, policy: CardPolicy
) -> CardPaymentView:
    """Ask for a card payment of a deposit; the page reads `card_payment_view` until the provider has answered.

    Raises `DepositUnknown` (also when it is another bidder's), `DepositNotPending`, `CardNotOffered`, `CaseAccountClosed`.
    """
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> CardPaymentView:
        await tx.about_case(await store.case_of_deposit(tx, command.deposit_id))
        deposit = await store.deposit_row(tx, command.deposit_id)
        if deposit.person_id != actor.person_id:
            raise DepositUnknown(deposit_id=command.deposit_id)
        if not takes_money(deposit):
            raise DepositNotPending(deposit_id=command.deposit_id)
        await require_open_account(tx, deposit.case_id)
        amount = Money(deposit.amount_fen)
        transfer_time = LAW.duration("auction.transfer_deposit_to_court_hours", on=local_day(tx.now))
        require_card_offered(amount, policy, transfer_time=transfer_time)
        for payment in await store.payments_of_deposit(tx, deposit.deposit_id):
            if payment.state not in ENDED:
                return _view(tx, payment)
        row = CardPaymentRow(
            payment_id=command.payment_id,
            deposit_id=deposit.deposit_id,
            case_id=deposit.case_id,
            provider_key=f"deposit:{deposit.registration_id}:{command.payment_id}",
            amount_fen=amount.fen,
            capture="manual" if may_authorise(now=tx.now, closes_at=deposit.closes_at) else "automatic",
            state="asked",
            disputed_fen=0,
            asked_at=tx.now,
        )
        await store.add(tx, row)
        await enqueue(tx, ASK_CARD_PAYMENT, PaymentAsked(payment_id=row.payment_id))
        return _view(tx, row)

    return await db.carry_out(actor, command, work, CardPaymentView)


async def card_payment_view(tx: Transaction, payment_id: UUID) -> CardPaymentView:
    """Show a card payment to its payer. Raises `PaymentUnknown`."""
    row = await tx.session.get(CardPaymentRow, payment_id)
    if row is None:
        raise PaymentUnknown(payment_id=payment_id)
    return _view(tx, row)


def _view(tx: Transaction, row: CardPaymentRow) -> CardPaymentView:
    return CardPaymentView(
        payment_id=row.payment_id,
        deposit_id=row.deposit_id,
        amount_fen=row.amount_fen,
        state=row.state,
        provider_id=row.provider_id,
        client_secret=None if row.secret_sealed is None else tx.sealer.open(row.secret_sealed),
        only_authorised=row.capture == "manual",
    )


async def handle_ask_card_payment(db: Database, cards: CardGateway, job: Job) -> None:
    """Ask the provider for the payment, or find out what became of the asking; look again while it is open."""
    asked = job.decode(PaymentAsked)
    await push_card_payment(db, cards, asked.payment_id)

    async def again(tx: Transaction) -> None:
        row = await store.payment_row(tx, asked.payment_id)
        if row is not None and row.state in ("asked", "open"):
            later = PaymentAsked(payment_id=asked.payment_id, look=asked.look + 1)
            await look_again(tx, ASK_CARD_PAYMENT, later, look=asked.look)

    await db.transact(again)


async def push_card_payment(db: Database, cards: CardGateway, payment_id: UUID) -> None:
    """Bring one payment as far as it goes now; harmless to repeat (rules 1 and 3)."""
    row = await _read(db, payment_id)
    if row is None:
        return
    if row.provider_id is not None:
        seen = await cards.find(row.provider_id)
    else:
        # The provider forgets keys after a day; our own id in its metadata does not age.
        known = await cards.find_by_payment_id(str(payment_id))
        seen = known or await cards.charge(_charge(row))
    await db.transact(lambda tx: note_payment_seen(tx, payment_id, seen))


async def handle_capture_payment(db: Database, cards: CardGateway, job: Job) -> None:
    """Capture what was planned of an authorisation; one that is captured already, or whose deposit has ended, is only noted."""
    payment_id = job.decode(CaptureAsked).payment_id
    row = await _read(db, payment_id)
    if row is None or row.provider_id is None:
        return
    try:
        if await _has_ended(db, row.deposit_id):
            seen = await cards.find(row.provider_id)
        else:
            seen = await cards.capture(row.provider_id, amount_fen=row.taken_fen, key=f"capture:{payment_id}")
    except ProviderRefused:
        seen = await cards.find(row.provider_id)
    await db.transact(lambda tx: note_payment_seen(tx, payment_id, seen))


async def handle_cancel_payment(db: Database, cards: CardGateway, job: Job) -> None:
    """Cancel a payment that nobody needs any more; one that was paid meanwhile is noted, and goes back."""
    payment_id = job.decode(PaymentGivenUp).payment_id
    await push_card_payment(db, cards, payment_id)
    row = await _read(db, payment_id)
    if row is None or row.provider_id is None or row.state not in ("open", "authorised"):
        return
    try:
        seen = await cards.cancel(row.provider_id, key=f"cancel:{payment_id}")
    except ProviderRefused:
        seen = await cards.find(row.provider_id)
    await db.transact(lambda tx: note_payment_seen(tx, payment_id, seen))


async def note_payment_seen(tx: Transaction, payment_id: UUID, seen: CardPayment) -> None:
    """Note what a payment is at the provider now, and do once what follows from it."""
    found = await store.payment_row(tx, payment_id)
    if found is None:
        return
    await tx.about_case(found.case_id)
    row = await store.payment_row(tx, payment_id)
    assert row is not None, "a payment is never deleted"
    deposit = await store.deposit_row(tx, row.deposit_id)
    row.provider_id, row.seen_at = seen.provider_id, tx.now
    row.capture_before = seen.capture_before or row.capture_before
    if seen.client_secret is not None and row.secret_sealed is None:
        row.secret_sealed = tx.sealer.seal(seen.client_secret)
    if seen.state != row.state:
        await _follow(tx, deposit, row, seen)
    await _note_dispute(tx, row, Money(seen.disputed_fen))
    if row.state == "succeeded":
        await end_refunds_by_dispute(tx, row, lost=Money(seen.lost_fen))


async def _follow(tx: Transaction, deposit: DepositRow, row: CardPaymentRow, seen: CardPayment) -> None:
    before = row.state
    if seen.state in OLDER_THAN.get(before, ()):
        return  # an older picture that arrived late
    row.state = seen.state
    await tx.session.flush()
    if seen.state == "succeeded":
        await _paid(tx, deposit, row, seen)
    elif seen.state == "authorised":
        await _authorised(tx, deposit, row)
    elif before == "authorised":
        await _lost(tx, deposit, row)


async def _paid(tx: Transaction, deposit: DepositRow, row: CardPaymentRow, seen: CardPayment) -> None:
    if seen.received_fen != row.taken_fen:
        row.captured_fen = seen.received_fen  # what the provider took counts, whatever was planned
        await tx.session.flush()
    await receive_card_payment(tx, deposit, row, Money(seen.received_fen))
    if seen.fee_fen:
        fees = Account(AccountKind.OPERATOR_FEES)
        pairs = move(Money(seen.fee_fen), debit=fees, credit=Account(AccountKind.OPERATOR_CARD_CLEARING))
        entry = book(f"fee:{row.payment_id}", Cause.PROVIDER_FEE, pairs, case_id=None, subject_id=row.payment_id)
        await post_entry(tx, entry)
    purchase = await store.purchase_of_deposit(tx, deposit.deposit_id)
    if purchase is not None and deposit.state == DepositState.HELD.value:
        await apply(tx, deposit.deposit_id, closed_at=purchase.opened_at)


async def _authorised(tx: Transaction, deposit: DepositRow, row: CardPaymentRow) -> None:
    """Hold the deposit; capture at once an authorisation that may end too early; give up one that nobody needs."""
    wanted = await note_authorised(tx, deposit, row)
    if not wanted:
        await enqueue(tx, CANCEL_PAYMENT, PaymentGivenUp(payment_id=row.payment_id))
    elif not outlives(row.capture_before, closes_at=deposit.closes_at):
        await plan_capture(tx, row, Money(row.amount_fen))


async def _lost(tx: Transaction, deposit: DepositRow, row: CardPaymentRow) -> None:
    """An authorisation ended: as we wanted after a release, or by itself, which calls a person; one that backs nothing just ends."""
    if not await is_backed_by(tx, deposit, row):
        return
    entry_id = await end_authorisation(tx, deposit, row)
    deposit.backing = Backing.NONE.value
    await tx.session.flush()
    state = DepositState(deposit.state)
    await store.record_move(
        tx, deposit.deposit_id, event="authorisation_lost", before=state, after=state, entry_id=entry_id
    )
    detail = f"deposit {deposit.state}, to be paid anew until {deposit.closes_at}"
    await store.raise_alarm(tx, AUTHORISATION_LOST, deposit.deposit_id, case_id=deposit.case_id, detail=detail)


async def _note_dispute(tx: Transaction, row: CardPaymentRow, disputed: Money) -> None:
    """Book what a dispute took or gave back to the operator's recovery account; the case keeps its money (rule 3)."""
    change = disputed - Money(row.disputed_fen)
    if not change:
        return
    row.disputed_fen = disputed.fen
    await tx.session.flush()
    recovery = Account(AccountKind.OPERATOR_RECOVERY)
    clearing = Account(AccountKind.OPERATOR_CARD_CLEARING)
    took = change.fen > 0
    pairs = move(change, debit=recovery, credit=clearing) if took else move(-change, debit=clearing, credit=recovery)
    cause = Cause.PAYMENT_DISPUTED if took else Cause.DISPUTE_WON
    number = await count_entries(tx, row.payment_id, causes=(Cause.PAYMENT_DISPUTED, Cause.DISPUTE_WON)) + 1
    key = f"dispute-change:{row.payment_id}:{number}"
    await post_entry(tx, book(key, cause, pairs, case_id=None, subject_id=row.payment_id))
    if took:
        await store.raise_alarm(tx, PAYMENT_DISPUTED, row.payment_id, case_id=row.case_id, detail=str(disputed))


async def _has_ended(db: Database, deposit_id: UUID) -> bool:
    """Whether a deposit was given back or kept already: then nothing is charged for it any more."""
    async with db.reading() as tx:
        return (await store.deposit_row(tx, deposit_id)).ended_at is not None


async def _read(db: Database, payment_id: UUID) -> CardPaymentRow | None:
    async with db.reading() as tx:
        return await tx.session.get(CardPaymentRow, payment_id)


def _charge(row: CardPaymentRow) -> CardCharge:
    return CardCharge(
        key=row.provider_key,
        payment_id=str(row.payment_id),
        amount_fen=row.amount_fen,
        hold=row.capture == "manual",
        description=f"保证金 deposit {row.deposit_id}",
    )
