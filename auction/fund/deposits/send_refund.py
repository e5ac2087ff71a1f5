"""Send money back to whoever paid it: to the same card payment, or to the account that a receipt came from.

1. A refund is booked as payable and asked for in one transaction; the provider is called by a job afterwards.
2. Its key is stored before the call; an unknown outcome is asked again under the same key.
3. It is done when the provider says so; only then the money leaves the books.
4. There is no field for another account: a refund names its receipt or its payment, nothing else (practice 30). Before
   an order goes out, its account is compared with the line that the bank itself wrote; one that differs stays, and calls
   a person.
5. An attempt after a first that failed goes out only when the provider still says that every earlier one has failed; a
   picture of an earlier attempt never moves a later one (`attempts`). What its provider called failed stays so: two workers may note their
   pictures in another order than they took them. Only a failure of our own making may turn out to have been paid.
6. Where the account that paid is closed, an attempt may name another account of the same payer, once it may be used. A card
   refund goes to such an account when the operator has covered it (`cover_refund`): what the provider holds is not paid by the court.
   A payment that its holder disputes is not refunded beside the dispute; one that he wins ends the refund (`lost_disputes`).
7. Money that the court has no title to goes back in the time that the law gives for losers' deposits, from the moment that it is known
   (网拍 23 by analogy; auction/DECISIONS F67), with an alarm at half of it. A release has its own clock, from the close.

Source: 网拍 23; 执行款物 11 (refunds to the payer need no panel).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from auction.fund.deposits import store
from auction.fund.deposits.attempts import attempt_id_of, attempt_key, entry_key
from auction.fund.deposits.cover_refund import (
    account_owing,
    ask_cover,
    is_disputed,
    lacks_cover,
    receipt_of_cover,
    standing_cover,
)
from auction.fund.deposits.deposits import ALARM_SHARE, RefundElsewhere, refund_due, require_account_that_paid
from auction.fund.deposits.tables import CardPaymentRow, ReceiptRow, RefundAccountRow, RefundRow
from auction.fund.gateway import (
    Bank,
    BankLine,
    BankOrder,
    BankOrderSeen,
    CardGateway,
    CardPayment,
    CardRefund,
    ProviderRefused,
)
from auction.fund.ledger.accounts import Account, AccountKind, parse_code
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.open_case_fund import case_fund_view
from auction.fund.ledger.post_entry import post_entry
from auction.fund.look_again import look_again
from auction.fund.orders_in_doubt import is_in_doubt
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import InvariantViolated
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import Money
from auction.kernel.persons import name_of

SEND_REFUND = "fund.send_refund"
ASK_CARD_PAYMENT = "fund.ask_card_payment"
CHECK_REFUND = "fund.check_refund"
REFUND_LATE = "refund_late"
"""Alarm: half of the time for a refund is over and it is not confirmed back."""
REFUND_STUCK = "refund_stuck"
"""Alarm: a refund failed at the provider and needs a person."""
EARLIER_ATTEMPT = "earlier_attempt_not_final"
"""Why an attempt did not go out: the provider does not say any more that the one before has failed."""
PAYMENT_DISPUTED = "payment_disputed"
"""Why a card refund is neither sent nor covered: the provider gives its holder the money himself."""


class RefundAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that sends a refund, and looks again until it is done; ``look`` counts the looks."""

    refund_id: UUID
    look: int = 0


class PaymentAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the jobs that ask for a card payment or read it again; ``look`` counts the looks."""

    payment_id: UUID
    look: int = 0


OUTCOMES = {
    "pending": "sent",
    "succeeded": "done",
    "failed": "failed",
    "cancelled": "done",
    "accepted": "sent",
    "executed": "sent",
    "confirmed": "done",
    "rejected": "failed",
    "returned": "failed",
}
"""What a provider's state of a refund, a given-up authorisation or an order means for the refund."""


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """Who paid, as the bank told it; sealed at rest."""

    account: str
    name: str


def refund_id_of(reason: str, source_id: UUID) -> UUID:
    """Give the id of the one refund of this receipt for this reason."""
    return named_id("refund", reason, str(source_id))


def payment_refund_id_of(reason: str, payment_id: UUID) -> UUID:
    """Give the id of the one refund of this card payment for this reason; a payment's own id is its sender's, and may be any receipt's."""
    return named_id("refund of payment", reason, str(payment_id))


def refund_account(case_id: UUID, refund_id: UUID) -> Account:
    """The account in which money waits to go back."""
    return Account(AccountKind.REFUNDS, case_id, refund_id)


async def ask_refund_of_receipt(
    tx: Transaction,
    receipt: ReceiptRow,
    amount: Money,
    *,
    refund_id: UUID,
    account: Account,
    deposit_id: UUID | None = None,
    due_at: datetime | None = None,
) -> None:
    """Ask for money of a bank receipt to go back; ``account`` already owes it in the books."""
    await _ask(
        tx,
        RefundRow(
            refund_id=refund_id,
            case_id=account.case_id,
            deposit_id=deposit_id,
            receipt_id=receipt.receipt_id,
            payment_id=None,
            channel="bank",
            account_code=account.code,
            amount_fen=amount.fen,
            provider_key=attempt_key(refund_id, 1),
            state="asked",
            due_at=due_at,
            asked_at=tx.now,
        ),
    )


async def ask_refund_of_payment(
    tx: Transaction,
    payment: CardPaymentRow,
    amount: Money,
    *,
    refund_id: UUID,
    account: Account,
    due_at: datetime | None = None,
) -> None:
    """Ask for money of a card payment to go back; an authorisation is given up instead of refunded."""
    await _ask(
        tx,
        RefundRow(
            refund_id=refund_id,
            case_id=payment.case_id,
            deposit_id=payment.deposit_id,
            receipt_id=None,
            payment_id=payment.payment_id,
            channel="card" if payment.state == "succeeded" else "authorisation",
            account_code=account.code,
            amount_fen=amount.fen,
            provider_key=attempt_key(refund_id, 1),
            state="asked",
            due_at=due_at,
            asked_at=tx.now,
        ),
    )


async def _ask(tx: Transaction, row: RefundRow) -> None:
    """Put a refund on record once; one that no release's clock covers runs under its own (rule 7)."""
    known = await store.refund_row(tx, row.refund_id)
    if known is not None:
        if (known.receipt_id, known.payment_id) != (row.receipt_id, row.payment_id):
            raise InvariantViolated(f"refund {row.refund_id} is of another source")
        return
    own_clock = row.due_at is None
    row.due_at = row.due_at or refund_due(tx.now)
    await store.add(tx, row)
    await enqueue(tx, SEND_REFUND, RefundAsked(refund_id=row.refund_id))
    if own_clock:
        half_time = tx.now + (row.due_at - tx.now) / ALARM_SHARE
        await enqueue(tx, CHECK_REFUND, RefundAsked(refund_id=row.refund_id), due_at=half_time)


async def handle_check_refund(db: Database, job: Job) -> None:
    """Ring the alarm when a refund is not confirmed back at half of its time (rule 7)."""
    refund_id = job.decode(RefundAsked).refund_id

    async def work(tx: Transaction) -> None:
        row = await store.refund_row(tx, refund_id)
        if row is not None and row.state != "done":
            detail = f"state {row.state}, due {row.due_at}"
            await store.raise_alarm(tx, REFUND_LATE, refund_id, case_id=row.case_id, detail=detail)

    await db.transact(work)


async def handle_send_refund(db: Database, cards: CardGateway, bank: Bank, job: Job) -> None:
    """Send a refund, and look again later while its outcome is open (rules 2 and 3)."""
    asked = job.decode(RefundAsked)
    if await push_refund(db, cards, bank, asked.refund_id):
        again = RefundAsked(refund_id=asked.refund_id, look=asked.look + 1)
        await db.transact(lambda tx: look_again(tx, SEND_REFUND, again, look=asked.look))


async def push_refund(db: Database, cards: CardGateway, bank: Bank, refund_id: UUID) -> bool:
    """Bring one refund as far as it goes now and say whether it is still open; harmless to repeat."""
    try:
        sending = await _read_sending(db, refund_id)
        if sending is None or sending.waits:
            return sending is not None
        live = await _live_earlier(cards, bank, sending)
        if live is not None:
            await db.transact(lambda tx: _note_failure(tx, refund_id, EARLIER_ATTEMPT))
            await db.transact(lambda tx: note_refund_seen(tx, refund_id, live))
            return False
        if sending.is_disputed and not await _is_known(cards, bank, sending):
            await db.transact(lambda tx: _note_failure(tx, refund_id, PAYMENT_DISPUTED))
            return False
        if sending.lacks_cover:
            # The operator's money wakes the refund when it is here (`take_bank_line`); its own alarm rings when it is late.
            await db.transact(lambda tx: _ask_cover(tx, refund_id))
            return False
        seen = await _send(cards, bank, sending)
    except (ProviderRefused, RefundElsewhere) as refused:
        # Under this key the bank may have paid before: an answer was lost, and the money was swept meanwhile (F51).
        known = await _known_order(db, bank, refund_id)
        if known is None:
            code = refused.code
            await db.transact(lambda tx: _note_failure(tx, refund_id, code))
            return False
        seen = known
    return await db.transact(lambda tx: note_refund_seen(tx, refund_id, seen))


@dataclass(frozen=True, slots=True)
class _Sending:
    """What is needed to send one attempt, read in one transaction; ``earlier``: the failed ones' keys, and which went by bank."""

    row: RefundRow
    order: BankOrder | None
    payment_id: str
    earlier: tuple[tuple[str, bool], ...]
    waits: bool
    lacks_cover: bool
    is_disputed: bool


async def _read_sending(db: Database, refund_id: UUID) -> _Sending | None:
    """Read what an attempt needs; ``None``: nothing is to be sent."""
    async with db.reading() as tx:
        row = await tx.session.get(RefundRow, refund_id)
        if row is None or row.state in ("done", "failed"):
            return None
        other = await store.account_of_attempt(tx, refund_id, row.attempt)
        waits = other is not None and (other.usable_from is None or tx.now < other.usable_from)
        payment = None if row.payment_id is None else await tx.session.get(CardPaymentRow, row.payment_id)
        return _Sending(
            row=row,
            order=await _bank_order(tx, row, other) if row.channel == "bank" or other is not None else None,
            payment_id="" if payment is None else payment.provider_id or "",
            earlier=await _earlier_attempts(tx, row),
            waits=waits,
            lacks_cover=other is not None and await lacks_cover(tx, row),
            is_disputed=row.channel == "card" and await is_disputed(tx, row),
        )


async def _earlier_attempts(tx: Transaction, row: RefundRow) -> tuple[tuple[str, bool], ...]:
    """Give the keys of the attempts before the one that counts, in their order, each with whether it went to a bank account."""
    attempts = await store.attempts_of(tx, row.refund_id)
    to_accounts = [False, *(one.refund_account_id is not None for one in attempts)]
    by_bank = row.channel == "bank"
    return tuple((one.replaced_key, by_bank or named) for one, named in zip(attempts, to_accounts, strict=False))


async def _ask_cover(tx: Transaction, refund_id: UUID) -> None:
    """Ask the operator to cover a refund; one whose payment is disputed meanwhile has failed and calls a person."""
    await _lock_refund(tx, refund_id)
    row = await store.refund_row(tx, refund_id)
    if row is None or row.state != "asked" or await _account_of_attempt(tx, row) is None:
        return
    if await is_disputed(tx, row):
        await _note_failure(tx, refund_id, PAYMENT_DISPUTED)
    else:
        await ask_cover(tx, row)


async def _account_of_attempt(tx: Transaction, row: RefundRow) -> RefundAccountRow | None:
    return await store.account_of_attempt(tx, row.refund_id, row.attempt)


async def _live_earlier(cards: CardGateway, bank: Bank, sending: _Sending) -> BankOrderSeen | CardRefund | None:
    """Give an earlier attempt that has not failed for good, as the provider holds it now; an authorisation is given up only once."""
    for number, (key, by_bank) in enumerate(sending.earlier, start=1):
        seen: BankOrderSeen | CardRefund | None = None
        if by_bank:
            seen = await bank.find_order(key)
        elif sending.row.channel == "card":
            attempt = str(attempt_id_of(sending.row.refund_id, number))
            seen = await cards.find_refund_by_id(sending.payment_id, attempt)
        if seen is not None and OUTCOMES.get(seen.state) != "failed":
            return seen
    return None


async def _is_known(cards: CardGateway, bank: Bank, sending: _Sending) -> bool:
    """Whether the attempt that counts is at its provider already: then its outcome counts, and nothing new is sent."""
    if sending.order is not None:
        return await bank.find_order(sending.row.provider_key) is not None
    attempt_id = str(attempt_id_of(sending.row.refund_id, sending.row.attempt))
    return await cards.find_refund_by_id(sending.payment_id, attempt_id) is not None


async def _send(cards: CardGateway, bank: Bank, sending: _Sending) -> CardPayment | CardRefund | BankOrderSeen:
    if sending.order is not None:
        return await bank.pay(sending.order)
    assert sending.payment_id, "a refunded payment has reached the provider"
    return await _send_to_card(cards, sending.row, sending.payment_id)


async def _known_order(db: Database, bank: Bank, refund_id: UUID) -> BankOrderSeen | None:
    async with db.reading() as tx:
        row = await tx.session.get(RefundRow, refund_id)
    return None if row is None else await bank.find_order(row.provider_key)


async def _bank_order(tx: Transaction, row: RefundRow, other: RefundAccountRow | None) -> BankOrder:
    """Write the order; ``other``: the payer's other account, confirmed because the one that paid is closed (rule 6)."""
    if row.channel == "card":
        return await _order_for_card(tx, row, other)
    assert row.receipt_id is not None, "a bank refund names its receipt"
    receipt = await tx.session.get(ReceiptRow, row.receipt_id)
    assert receipt is not None and receipt.payer_sealed is not None, "a receipt that is to go back keeps its payer"
    payer = msgspec.json.decode(tx.sealer.open(receipt.payer_sealed), type=Payer)
    require_account_that_paid(paid_from=await _paid_from(tx, receipt) or payer.account, refund_to=payer.account)
    if receipt.swept and receipt.case_id is not None:
        source = (await case_fund_view(tx, receipt.case_id)).account_number
    else:
        source = "" if receipt.paid_to_sealed is None else tx.sealer.open(receipt.paid_to_sealed)
    return BankOrder(
        key=row.provider_key,
        from_account=source,
        to_account=payer.account if other is None else tx.sealer.open(other.number_sealed),
        to_name=payer.name,
        amount_fen=row.amount_fen,
        remark=f"退款 {str(row.refund_id)[:8]}",
    )


async def _order_for_card(tx: Transaction, row: RefundRow, other: RefundAccountRow | None) -> BankOrder:
    """Write the order that pays what a card could not take to its holder's account, out of the case's own number."""
    payer = await payer_of(tx, row)
    assert other is not None, "card money goes to an account only once one is confirmed"
    assert payer is not None, "a card payment is of a bidder's deposit"
    assert row.case_id is not None, "a card payment belongs to a case"
    return BankOrder(
        key=row.provider_key,
        from_account=(await case_fund_view(tx, row.case_id)).account_number,
        to_account=tx.sealer.open(other.number_sealed),
        to_name=payer.name,
        amount_fen=row.amount_fen,
        remark=f"退款 {str(row.refund_id)[:8]}",
    )


async def payer_of(tx: Transaction, row: RefundRow) -> Payer | None:
    """Give who paid what a refund sends back: of a card payment its bidder, without an account; ``None`` for an authorisation."""
    if row.channel == "card" and row.payment_id is not None:
        payment = await store.payment_row(tx, row.payment_id)
        assert payment is not None, "a refund's payment is never deleted"
        deposit = await store.deposit_row(tx, payment.deposit_id)
        return Payer(account="", name=await name_of(tx, deposit.person_id))
    receipt = None if row.receipt_id is None else await tx.session.get(ReceiptRow, row.receipt_id)
    if receipt is None or receipt.payer_sealed is None:
        return None
    return msgspec.json.decode(tx.sealer.open(receipt.payer_sealed), type=Payer)


async def _paid_from(tx: Transaction, receipt: ReceiptRow) -> str | None:
    """Read from the bank's own line which account paid; ``None`` once the line was erased."""
    line = text("SELECT body_sealed FROM fund.bank_line WHERE line_id = :line_id")
    sealed: bytes | None = await tx.session.scalar(line, {"line_id": receipt.external_id})
    return None if sealed is None else msgspec.json.decode(tx.sealer.open(sealed), type=BankLine).counter_account


async def _send_to_card(cards: CardGateway, row: RefundRow, provider_id: str) -> CardPayment | CardRefund:
    if row.channel == "authorisation":
        return await _give_up(cards, row, provider_id)
    if row.provider_id is not None:
        return await cards.find_refund(row.provider_id)
    # The provider forgets keys after a day; our own id in its metadata does not age.
    attempt_id = str(attempt_id_of(row.refund_id, row.attempt))
    known = await cards.find_refund_by_id(provider_id, attempt_id)
    if known is not None:
        return known
    return await cards.refund(provider_id, amount_fen=row.amount_fen, refund_id=attempt_id, key=row.provider_key)


async def _give_up(cards: CardGateway, row: RefundRow, provider_id: str) -> CardPayment:
    """Cancel an authorisation; one that was captured first is charged money, which goes back as such, and not this way."""
    try:
        return await cards.cancel(provider_id, key=row.provider_key)
    except ProviderRefused:
        seen = await cards.find(provider_id)
        if seen.state not in ("succeeded", "cancelled"):
            raise
        return seen


async def note_refund_seen(tx: Transaction, refund_id: UUID, seen: CardPayment | CardRefund | BankOrderSeen) -> bool:
    """Note what the provider says about a refund now, book it out of the case when it is done; true while it is open."""
    await _lock_refund(tx, refund_id)
    row = await store.refund_row(tx, refund_id)
    if row is None:
        return False
    outcome = OUTCOMES.get(seen.state, "sent")
    if outcome == "done" and isinstance(seen, BankOrderSeen) and await is_in_doubt(tx, refund_id):
        return True
    if await _is_of_earlier_attempt(tx, row, seen):
        await _note_earlier(tx, row, outcome, by_card=isinstance(seen, CardRefund))
        return row.state in ("asked", "sent")
    if row.failed_attempt == row.attempt and not isinstance(seen, CardPayment):
        return False
    if isinstance(seen, CardRefund):
        row.provider_id = seen.provider_id
    if isinstance(seen, CardPayment):
        await _note_given_up(tx, row, seen)
    if outcome == "done":
        await book_refund_done(tx, row)
    elif outcome == "failed":
        await _note_failure(tx, refund_id, seen.state)
        row.failed_attempt = row.attempt
        await tx.session.flush()
    elif row.state == "asked":
        row.state = "sent"
        await tx.session.flush()
    return outcome == "sent"


async def _note_given_up(tx: Transaction, row: RefundRow, seen: CardPayment) -> None:
    """Let our own payment stand as the provider's does; one that was charged after all is read again, and goes back as money."""
    payment = None if row.payment_id is None else await store.payment_row(tx, row.payment_id)
    if payment is None or payment.state != "authorised":
        return
    if seen.state == "cancelled":
        payment.state, payment.seen_at = "cancelled", tx.now
        await tx.session.flush()
    else:
        await enqueue(tx, ASK_CARD_PAYMENT, PaymentAsked(payment_id=payment.payment_id))


async def _is_of_earlier_attempt(
    tx: Transaction, row: RefundRow, seen: CardPayment | CardRefund | BankOrderSeen
) -> bool:
    """Whether a picture shows an attempt before the one that counts (rule 5)."""
    earlier = await store.attempts_of(tx, row.refund_id)
    if isinstance(seen, BankOrderSeen):
        return seen.key in {one.replaced_key for one in earlier}
    if not isinstance(seen, CardRefund):
        return False
    return seen.provider_id in {one.replaced_id for one in earlier} or await _account_of_attempt(tx, row) is not None


async def _note_earlier(tx: Transaction, row: RefundRow, outcome: str, *, by_card: bool) -> None:
    """An earlier attempt that paid after all ends the refund where no later one is out; else a person is called: it may be paid twice."""
    if outcome == "done" and row.state == "failed":
        await book_refund_done(tx, row, by_card=by_card)
    elif outcome != "failed":
        await store.raise_alarm(tx, REFUND_STUCK, row.refund_id, case_id=row.case_id, detail=EARLIER_ATTEMPT)


async def _lock_refund(tx: Transaction, refund_id: UUID) -> None:
    found = await tx.session.execute(select(RefundRow.case_id).where(RefundRow.refund_id == refund_id))
    case_id = found.scalar_one_or_none()
    if case_id is None:
        await tx.lock(f"refund:{refund_id}")
    elif tx.case_id is None:
        await tx.about_case(case_id)


async def book_refund_done(tx: Transaction, row: RefundRow, *, by_card: bool = False) -> None:
    """Book a refund out of the case; ``by_card``: the holder of the card has it, whatever the attempt that counts names."""
    if row.state == "done":
        return
    row.state, row.done_at = "done", tx.now
    await tx.session.flush()
    await store.clear_alarm(tx, REFUND_STUCK, row.refund_id)
    await store.clear_alarm(tx, REFUND_LATE, row.refund_id)
    if row.deposit_id is not None:
        await store.clear_alarm(tx, "release_late", row.deposit_id)
    to_account = not by_card and await _account_of_attempt(tx, row) is not None
    postings = [] if to_account else await _give_cover_back(tx, row)
    postings = postings or await _out_of_the_books(tx, row, to_account=to_account)
    if postings:
        key = entry_key("refund-paid", row.refund_id, row.attempt)
        await post_entry(tx, book(key, Cause.REFUND_PAID, postings, case_id=row.case_id, subject_id=row.refund_id))


async def _give_cover_back(tx: Transaction, row: RefundRow) -> list[Posting]:
    """The card took a refund that the operator has covered: his money goes back to him (`cover_refund` rule 3)."""
    cover = await standing_cover(tx, row.refund_id) if row.channel == "card" else None
    receipt = None if cover is None else await receipt_of_cover(tx, cover)
    if receipt is None or row.case_id is None:
        return []
    amount, back_id = Money(row.amount_fen), refund_id_of("cover", receipt.receipt_id)
    back = refund_account(row.case_id, back_id)
    await ask_refund_of_receipt(tx, receipt, amount, refund_id=back_id, account=back)
    return [Posting(account_owing(row), amount), Posting(back, -amount)]


async def _out_of_the_books(tx: Transaction, row: RefundRow, *, to_account: bool) -> list[Posting]:
    """What leaves: nothing for an authorisation, nor for card money that the operator has taken over; covered card money leaves the bank."""
    account = parse_code(row.account_code)
    amount = Money(row.amount_fen)
    if row.channel == "card" and to_account:
        return [Posting(account_owing(row), amount), Posting(Account(AccountKind.BANK, row.case_id), -amount)]
    if row.channel == "authorisation" or account.kind is AccountKind.OPERATOR_CARD_CLEARING:
        return []
    if row.channel == "card":
        return [Posting(account, amount), Posting(Account(AccountKind.CARD_CLEARING, row.case_id), -amount)]
    held_at = AccountKind.COURT_BANK if row.case_id is None else AccountKind.BANK
    postings = [Posting(account, amount), Posting(Account(held_at, row.case_id), -amount)]
    receipt = await tx.session.get(ReceiptRow, row.receipt_id)
    if receipt is not None and receipt.kind == "advance":
        postings += [
            Posting(Account(AccountKind.OPERATOR_ADVANCE), amount),
            Posting(Account(AccountKind.OPERATOR_CARD_CLEARING), -amount),
        ]
    return postings


async def _note_failure(tx: Transaction, refund_id: UUID, code: str) -> None:
    await _lock_refund(tx, refund_id)
    row = await store.refund_row(tx, refund_id)
    if row is None or row.state == "failed":
        return
    if row.state == "done":
        await _book_back(tx, row)
    row.state = "failed"
    await tx.session.flush()
    await store.raise_alarm(tx, REFUND_STUCK, refund_id, case_id=row.case_id, detail=code)
    if row.payment_id is not None and await is_disputed(tx, row):
        # A dispute that is lost by now ends this refund (`lost_disputes`): the payment is read again.
        await enqueue(tx, ASK_CARD_PAYMENT, PaymentAsked(payment_id=row.payment_id))


async def _book_back(tx: Transaction, row: RefundRow) -> None:
    """A refund that was done came back: the money stands in the books again, owed as before."""
    to_account = await _account_of_attempt(tx, row) is not None
    left = await _out_of_the_books(tx, row, to_account=to_account)
    postings = [Posting(posting.account, -posting.amount) for posting in left]
    if postings:
        key = entry_key("refund-returned", row.refund_id, row.attempt)
        await post_entry(tx, book(key, Cause.REFUND_RETURNED, postings, case_id=row.case_id, subject_id=row.refund_id))
