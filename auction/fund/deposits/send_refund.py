"""Send money back to whoever paid it: to the same card payment, or to the account that a receipt came from.

1. A refund is booked as payable and asked for in one transaction; the provider is called by a job afterwards.
2. Its key is stored before the call; an unknown outcome is asked again under the same key.
3. It is done when the provider says so; only then the money leaves the books.
4. There is no field for another account: a refund names its receipt or its payment, nothing else (practice 30). Before
   an order goes out, its account is compared with the line that the bank itself wrote; one that differs stays, and calls
   a person.

Source: 网拍 23; 执行款物 11 (refunds to the payer need no panel).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from auction.fund.deposits import store
from auction.fund.deposits.deposits import RefundElsewhere, require_account_that_paid
from auction.fund.deposits.tables import CardPaymentRow, ReceiptRow, RefundRow
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
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import Money

SEND_REFUND = "fund.send_refund"
REFUND_STUCK = "refund_stuck"
"""Alarm: a refund failed at the provider and needs a person."""


class RefundAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that sends a refund, and looks again until it is done; ``look`` counts the looks."""

    refund_id: UUID
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
    """Give the id of the one refund of this source for this reason."""
    return named_id("refund", reason, str(source_id))


def _key_of(refund_id: UUID) -> str:
    """The provider's key of a refund, whatever the channel."""
    return f"refund:{refund_id}"


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
            provider_key=_key_of(refund_id),
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
            provider_key=_key_of(refund_id),
            state="asked",
            due_at=due_at,
            asked_at=tx.now,
        ),
    )


async def _ask(tx: Transaction, row: RefundRow) -> None:
    if await store.refund_row(tx, row.refund_id) is None:
        await store.add(tx, row)
        await enqueue(tx, SEND_REFUND, RefundAsked(refund_id=row.refund_id))


async def handle_send_refund(db: Database, cards: CardGateway, bank: Bank, job: Job) -> None:
    """Send a refund, and look again later while its outcome is open (rules 2 and 3)."""
    asked = job.decode(RefundAsked)
    if await push_refund(db, cards, bank, asked.refund_id):
        again = RefundAsked(refund_id=asked.refund_id, look=asked.look + 1)
        await db.transact(lambda tx: look_again(tx, SEND_REFUND, again, look=asked.look))


async def push_refund(db: Database, cards: CardGateway, bank: Bank, refund_id: UUID) -> bool:
    """Bring one refund as far as it goes now and say whether it is still open; harmless to repeat."""
    try:
        async with db.reading() as tx:
            row = await tx.session.get(RefundRow, refund_id)
            if row is None or row.state in ("done", "failed"):
                return False
            order = await _bank_order(tx, row) if row.channel == "bank" else None
            payment = None if row.payment_id is None else await tx.session.get(CardPaymentRow, row.payment_id)
        if order is not None:
            seen: CardPayment | CardRefund | BankOrderSeen = await bank.pay(order)
        else:
            assert payment is not None and payment.provider_id is not None, (
                "a refunded payment has reached the provider"
            )
            seen = await _send_to_card(cards, row, payment.provider_id)
    except (ProviderRefused, RefundElsewhere) as refused:
        # Under this key the bank may have paid before: an answer was lost, and the money was swept meanwhile (F51).
        known = await bank.find_order(_key_of(refund_id))
        if known is None:
            code = refused.code
            await db.transact(lambda tx: _note_failure(tx, refund_id, code))
            return False
        seen = known
    return await db.transact(lambda tx: note_refund_seen(tx, refund_id, seen))


async def _bank_order(tx: Transaction, row: RefundRow) -> BankOrder:
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
        to_account=payer.account,
        to_name=payer.name,
        amount_fen=row.amount_fen,
        remark=f"退款 {str(row.refund_id)[:8]}",
    )


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
    known = await cards.find_refund_by_id(provider_id, str(row.refund_id))
    if known is not None:
        return known
    return await cards.refund(
        provider_id, amount_fen=row.amount_fen, refund_id=str(row.refund_id), key=row.provider_key
    )


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
    if isinstance(seen, CardRefund):
        row.provider_id = seen.provider_id
    outcome = OUTCOMES.get(seen.state, "sent")
    if outcome == "done":
        await _book_done(tx, row)
    elif outcome == "failed":
        await _note_failure(tx, refund_id, seen.state)
    elif row.state == "asked":
        row.state = "sent"
        await tx.session.flush()
    return outcome == "sent"


async def _lock_refund(tx: Transaction, refund_id: UUID) -> None:
    found = await tx.session.execute(select(RefundRow.case_id).where(RefundRow.refund_id == refund_id))
    case_id = found.scalar_one_or_none()
    if case_id is None:
        await tx.lock(f"refund:{refund_id}")
    elif tx.case_id is None:
        await tx.about_case(case_id)


async def _book_done(tx: Transaction, row: RefundRow) -> None:
    if row.state == "done":
        return
    row.state, row.done_at = "done", tx.now
    await tx.session.flush()
    await store.clear_alarm(tx, REFUND_STUCK, row.refund_id)
    if row.deposit_id is not None:
        await store.clear_alarm(tx, "release_late", row.deposit_id)
    postings = await _out_of_the_books(tx, row)
    if postings:
        key = f"refund-paid:{row.refund_id}"
        await post_entry(tx, book(key, Cause.REFUND_PAID, postings, case_id=row.case_id, subject_id=row.refund_id))


async def _out_of_the_books(tx: Transaction, row: RefundRow) -> list[Posting]:
    """What leaves: nothing for an authorisation, nor for card money that the operator has taken over."""
    account = parse_code(row.account_code)
    amount = Money(row.amount_fen)
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


async def _book_back(tx: Transaction, row: RefundRow) -> None:
    """A refund that was done came back: the money stands in the books again, owed as before."""
    postings = [Posting(posting.account, -posting.amount) for posting in await _out_of_the_books(tx, row)]
    if postings:
        key = f"refund-returned:{row.refund_id}"
        await post_entry(tx, book(key, Cause.REFUND_RETURNED, postings, case_id=row.case_id, subject_id=row.refund_id))
