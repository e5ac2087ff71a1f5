"""Record money that came in for a deposit, a purchase or a loan, within the caller's transaction.

1. A deposit takes money until it is full; what is more goes back at once; what is less waits.
2. A purchase takes money until the hammer price; what is more goes back at once.
3. Money for a round that has ended, or a purchase that is paid, goes back whole.
4. Each receipt is booked once, under the key of the line or payment that it came by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from auction.fund.deposits import store
from auction.fund.deposits.deposits import (
    AUTHORISATION_LOST,
    Backing,
    DepositState,
    has_lapsed,
    is_covered,
    split_receipt,
)
from auction.fund.deposits.open_deposit import hold_deposit
from auction.fund.deposits.purchases import balance_due, note_if_complete
from auction.fund.deposits.send_refund import (
    ask_refund_of_payment,
    ask_refund_of_receipt,
    payment_refund_id_of,
    refund_account,
    refund_id_of,
)
from auction.fund.deposits.tables import CardPaymentRow, DepositRow, PurchaseRow, ReceiptRow
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.kernel.db import Transaction
from auction.kernel.jobs import enqueue
from auction.kernel.money import ZERO, Money

APPLY_DEPOSIT = "fund.apply_deposit"
SWEEP_RECEIPT = "fund.sweep_receipt"


class SweepAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that brings a receipt's money under the case's own number."""

    receipt_id: UUID


class ApplyAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that applies the winner's deposit."""

    deposit_id: UUID
    closed_at: datetime


def deposit_account(row: DepositRow) -> Account:
    """The account in which this deposit is owed."""
    return Account(AccountKind.DEPOSITS, row.case_id, row.deposit_id)


async def receive_for_deposit(
    tx: Transaction, deposit: DepositRow, receipt: ReceiptRow, came_by: list[Posting]
) -> None:
    """Book a bank receipt for a deposit; ``came_by`` are the postings by which the case holds the money."""
    amount = Money(receipt.amount_fen)
    kept, excess = await _split_for_deposit(tx, deposit, amount)
    refund_id = refund_id_of("excess", receipt.receipt_id)
    owed = refund_account(deposit.case_id, refund_id)
    postings = [*came_by, *_credits((deposit_account(deposit), kept), (owed, excess))]
    entry = book(
        f"receipt:{receipt.receipt_id}",
        Cause.DEPOSIT_RECEIVED,
        postings,
        case_id=deposit.case_id,
        subject_id=deposit.deposit_id,
    )
    entry_id = await post_entry(tx, entry)
    if excess:
        await ask_refund_of_receipt(
            tx, receipt, excess, refund_id=refund_id, account=owed, deposit_id=deposit.deposit_id
        )
    await _hold_if_full(tx, deposit, entry_id)


async def receive_card_payment(tx: Transaction, deposit: DepositRow, payment: CardPaymentRow, amount: Money) -> None:
    """Book a card payment that succeeded; one that was authorised before replaces its memorandum."""
    if await is_backed_by(tx, deposit, payment):
        await end_authorisation(tx, deposit, payment)
        deposit.backing = Backing.CASH.value
        kept, excess = amount, ZERO
    else:
        kept, excess = await _split_for_deposit(tx, deposit, amount)
    refund_id = payment_refund_id_of("excess", payment.payment_id)
    owed = refund_account(deposit.case_id, refund_id)
    clearing = Account(AccountKind.CARD_CLEARING, deposit.case_id)
    entry = book(
        f"card:{payment.payment_id}",
        Cause.DEPOSIT_RECEIVED,
        [Posting(clearing, amount), *_credits((deposit_account(deposit), kept), (owed, excess))],
        case_id=deposit.case_id,
        subject_id=deposit.deposit_id,
    )
    entry_id = await post_entry(tx, entry)
    if excess:
        await ask_refund_of_payment(tx, payment, excess, refund_id=refund_id, account=owed)
    await _hold_if_full(tx, deposit, entry_id)


async def note_authorised(tx: Transaction, deposit: DepositRow, payment: CardPaymentRow) -> bool:
    """Hold a deposit on an authorisation; false when it is not wanted any more and must be given up."""
    full = payment.amount_fen == deposit.amount_fen
    if not takes_money(deposit) or not full:
        return False
    if await ledger.balance_of(tx, deposit_account(deposit)):
        return False
    amount = Money(payment.amount_fen)
    entry = book(
        _authorised_key(payment),
        Cause.DEPOSIT_AUTHORISED,
        [Posting(_authorised(deposit), amount), Posting(_authorised_owed(deposit), -amount)],
        case_id=deposit.case_id,
        subject_id=deposit.deposit_id,
    )
    entry_id = await post_entry(tx, entry)
    if deposit.state == DepositState.PENDING.value:
        await hold_deposit(tx, deposit, backing=Backing.AUTHORISATION, event="authorised", entry_id=entry_id)
    else:
        await _replace(tx, deposit, Backing.AUTHORISATION, entry_id)
    return True


async def is_backed_by(tx: Transaction, deposit: DepositRow, payment: CardPaymentRow) -> bool:
    """Whether this authorisation, and not another payment's, stands behind the deposit."""
    held = deposit.backing == Backing.AUTHORISATION.value
    return held and await ledger.is_booked(tx, _authorised_key(payment))


async def end_authorisation(tx: Transaction, deposit: DepositRow, payment: CardPaymentRow) -> UUID:
    """Take the memorandum of an authorisation out of the books: it was captured, given up or lost."""
    amount = Money(payment.amount_fen)
    entry = book(
        f"authorisation-ended:{payment.payment_id}",
        Cause.AUTHORISATION_ENDED,
        [Posting(_authorised(deposit), -amount), Posting(_authorised_owed(deposit), amount)],
        case_id=deposit.case_id,
        subject_id=deposit.deposit_id,
    )
    return await post_entry(tx, entry)


async def receive_for_purchase(
    tx: Transaction, purchase: PurchaseRow, receipt: ReceiptRow, came_by: list[Posting], *, cause: Cause
) -> Money:
    """Book a bank receipt for a purchase and give what was applied of it (rules 2 and 3)."""
    amount = Money(receipt.amount_fen)
    missing = ZERO if purchase.state != "open" else await balance_due(tx, purchase.round_id)
    applied = Money(min(missing.fen, amount.fen))
    set_off = Account(AccountKind.SET_OFF, purchase.case_id, purchase.round_id)
    in_place = await _for_set_off(tx, purchase, set_off, amount - applied, cause)
    excess = amount - applied - in_place
    refund_id = refund_id_of("excess", receipt.receipt_id)
    owed = refund_account(purchase.case_id, refund_id)
    proceeds = Account(AccountKind.PROCEEDS, purchase.case_id)
    entry = book(
        f"receipt:{receipt.receipt_id}",
        cause,
        [*came_by, *_credits((proceeds, applied), (set_off, in_place), (owed, excess))],
        case_id=purchase.case_id,
        subject_id=purchase.round_id,
    )
    await post_entry(tx, entry)
    if excess:
        await ask_refund_of_receipt(tx, receipt, excess, refund_id=refund_id, account=owed)
    if applied or in_place:
        await enqueue(tx, SWEEP_RECEIPT, SweepAsked(receipt_id=receipt.receipt_id))
    await note_if_complete(tx, purchase)
    return applied + in_place


async def _for_set_off(tx: Transaction, purchase: PurchaseRow, account: Account, left: Money, cause: Cause) -> Money:
    """Money of a buyer whose price is paid takes the place of his set-off as far as that is open; his share is then paid out to him."""
    if purchase.state != "paid" or cause is not Cause.BALANCE_RECEIVED:
        return ZERO
    return Money(min(left.fen, (await ledger.balance_of(tx, account)).fen))


async def refund_sources(
    tx: Transaction,
    account_of: Callable[[UUID], Account],
    *,
    sources: Sequence[ReceiptRow | CardPaymentRow],
    keep: Money = ZERO,
    reason: str,
    due_at: datetime | None = None,
) -> list[Posting]:
    """Ask for what is left of each source to go back, except the first ``keep``; give the credits to be booked.

    ``account_of`` makes the account that owes a refund from the refund's id.
    """
    owed: list[Posting] = []
    for source in sources:
        left = _came(source) - await _sent_back(tx, source)
        kept = Money(min(keep.fen, left.fen))
        keep, left = keep - kept, left - kept
        if not left:
            continue
        if isinstance(source, ReceiptRow):
            refund_id = refund_id_of(reason, source.receipt_id)
        else:
            refund_id = payment_refund_id_of(reason, source.payment_id)
        account = account_of(refund_id)
        if isinstance(source, ReceiptRow):
            deposit_id = source.subject_id if source.kind == "deposit" else None
            await ask_refund_of_receipt(
                tx, source, left, refund_id=refund_id, account=account, deposit_id=deposit_id, due_at=due_at
            )
        else:
            await ask_refund_of_payment(tx, source, left, refund_id=refund_id, account=account, due_at=due_at)
        owed.append(Posting(account, -left))
    return owed


def _came(source: ReceiptRow | CardPaymentRow) -> Money:
    return Money(source.amount_fen if isinstance(source, ReceiptRow) else source.taken_fen)


async def _sent_back(tx: Transaction, source: ReceiptRow | CardPaymentRow) -> Money:
    if isinstance(source, ReceiptRow):
        return await store.refunded_of_receipt(tx, source.receipt_id)
    return await store.refunded_of_payment(tx, source.payment_id)


async def _split_for_deposit(tx: Transaction, deposit: DepositRow, amount: Money) -> tuple[Money, Money]:
    if not takes_money(deposit):
        return ZERO, amount
    before = await ledger.balance_of(tx, deposit_account(deposit))
    return split_receipt(amount=Money(deposit.amount_fen), received_before=before, receipt=amount)


async def _hold_if_full(tx: Transaction, deposit: DepositRow, entry_id: UUID) -> None:
    if not takes_money(deposit):
        return
    confirmed = await ledger.balance_of(tx, deposit_account(deposit))
    if not is_covered(due=Money(deposit.amount_fen), confirmed=confirmed):
        return
    if deposit.state == DepositState.PENDING.value:
        await hold_deposit(tx, deposit, backing=Backing.CASH, event="received", entry_id=entry_id)
    else:
        await _replace(tx, deposit, Backing.CASH, entry_id)


def takes_money(deposit: DepositRow) -> bool:
    """Whether a deposit takes money now: it waits to be paid, or to be paid anew before its round has ended (deposits rule 9)."""
    if deposit.state == DepositState.PENDING.value:
        return True
    lapsed = has_lapsed(
        state=DepositState(deposit.state), backing=Backing(deposit.backing), amount=Money(deposit.amount_fen)
    )
    return lapsed and deposit.release_due_at is None


async def _replace(tx: Transaction, deposit: DepositRow, backing: Backing, entry_id: UUID) -> None:
    """Put new money behind a deposit whose authorisation was lost; it is held as before, and the alarm ends."""
    deposit.backing = backing.value
    await tx.session.flush()
    held = DepositState.HELD
    await store.record_move(tx, deposit.deposit_id, event="replaced", before=held, after=held, entry_id=entry_id)
    await store.clear_alarm(tx, AUTHORISATION_LOST, deposit.deposit_id)
    purchase = await store.purchase_of_deposit(tx, deposit.deposit_id)
    if purchase is not None:
        await enqueue(tx, APPLY_DEPOSIT, ApplyAsked(deposit_id=deposit.deposit_id, closed_at=purchase.opened_at))


def _credits(*parts: tuple[Account, Money]) -> list[Posting]:
    return [Posting(account, -amount) for account, amount in parts if amount]


def _authorised_key(payment: CardPaymentRow) -> str:
    return f"authorised:{payment.payment_id}"


def _authorised(deposit: DepositRow) -> Account:
    return Account(AccountKind.AUTHORISED, deposit.case_id, deposit.deposit_id)


def _authorised_owed(deposit: DepositRow) -> Account:
    return Account(AccountKind.AUTHORISED_OWED, deposit.case_id, deposit.deposit_id)
