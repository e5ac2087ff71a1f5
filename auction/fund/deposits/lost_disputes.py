"""End refunds that a lost dispute has carried out: the provider gave the holder of the card his money, so nothing is owed to him.

1. Only what the provider calls lost for good counts; while a dispute is open its refund stands as failed and a person is called.
2. Of what was lost, refunds of that payment that failed end in the order in which they were asked, each whole or not at all.
3. The case's claim on the provider ends with the refund, and what the dispute had put on the operator's recovery account is made good.
4. Where a cover stands for the refund, the operator has it back, as when the card had taken it (`cover_refund` rule 3).
5. It is booked once for an attempt; a dispute that its provider reopens and gives back afterwards calls a person.

Source: 网拍 23; auction/DECISIONS F79, F96.
"""

from __future__ import annotations

from sqlalchemy import select

from auction.fund.deposits import store
from auction.fund.deposits.attempts import entry_key
from auction.fund.deposits.send_refund import REFUND_STUCK, book_refund_done
from auction.fund.deposits.tables import CardPaymentRow, RefundRow
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import is_booked
from auction.kernel.db import Transaction
from auction.kernel.money import Money

REOPENED = "lost_dispute_returned"
"""Detail of the alarm: the provider gave back what a refund had ended by."""


async def end_refunds_by_dispute(tx: Transaction, payment: CardPaymentRow, *, lost: Money) -> None:
    """End what the lost part of a payment carried out (rules 2 to 5); ``lost``: what the provider says is lost now."""
    refunds = await _card_refunds(tx, payment)
    ended = [row for row in refunds if await is_booked(tx, _key(row))]
    left = lost.fen - sum(row.amount_fen for row in ended)
    if left < 0:
        for row in ended:
            await store.raise_alarm(tx, REFUND_STUCK, row.refund_id, case_id=row.case_id, detail=REOPENED)
    for row in refunds:
        if row.state == "failed" and row.amount_fen <= left:
            left -= row.amount_fen
            await _end(tx, row)


async def _card_refunds(tx: Transaction, payment: CardPaymentRow) -> list[RefundRow]:
    found = select(RefundRow).where(RefundRow.payment_id == payment.payment_id, RefundRow.channel == "card")
    return list((await tx.session.scalars(found.order_by(RefundRow.asked_at, RefundRow.refund_id))).all())


async def _end(tx: Transaction, row: RefundRow) -> None:
    await book_refund_done(tx, row, by_card=True)
    recovery, clearing = Account(AccountKind.OPERATOR_RECOVERY), Account(AccountKind.OPERATOR_CARD_CLEARING)
    pairs = move(Money(row.amount_fen), debit=clearing, credit=recovery)
    await post_entry(tx, book(_key(row), Cause.DISPUTE_LOST, pairs, case_id=None, subject_id=row.payment_id))


def _key(row: RefundRow) -> str:
    return entry_key("refund-by-dispute", row.refund_id, row.attempt)
