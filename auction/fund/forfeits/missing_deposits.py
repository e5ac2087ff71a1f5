"""Take what a defaulter owes of his deposit when he pays it after all, within the caller's transaction.

1. What of a deposit was not there to be kept is on record since the default was declared; its owner owes it until it is here.
2. Money for it is never booked by itself: whoever paid too late for a sale pays for nothing. It waits to be claimed, the handler says that it is this
   debt, and finance confirms (`attribute_receipt`).
3. It is taken up to what is missing; what is more goes back to its payer at once.
4. It stands where the deposit would: with the forfeited money of its round, waits for the same resale, and goes the same way (`forfeited`).
5. When nothing is missing any more the alarm ends.

Source: 网拍 24; auction/DECISIONS F101.
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.deposits import store
from auction.fund.deposits.record_receipt import SWEEP_RECEIPT, SweepAsked
from auction.fund.deposits.send_refund import ask_refund_of_receipt, refund_account, refund_id_of
from auction.fund.deposits.tables import ReceiptRow
from auction.fund.forfeits.forfeited_of_case import forfeited_account
from auction.fund.forfeits.tables import MissingDepositRow
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.kernel.jobs import enqueue
from auction.kernel.money import ZERO, Money, total

DEPOSIT_MISSING = "deposit_missing"
"""Alarm: a defaulter's deposit, or part of it, was not there to be kept; he owes it."""
FORFEIT = "forfeit"
"""Kind of the receipts of such a debt; their subject is the round."""
MAY_BE_MISSING_DEPOSIT = "may_be_missing_deposit"
"""Why a receipt waits: it names a deposit of which something is still missing."""


class NothingMissing(Conflict):
    """Nothing of this deposit is missing."""

    code = "nothing_missing"
    article = "网拍 24"
    zh = "该笔保证金没有应补缴的缺额。"
    en = "Nothing of this deposit is missing."


async def record_missing(tx: Transaction, *, round_id: UUID, case_id: UUID, missing: Money, kept: Money) -> None:
    """Put on record what of a defaulter's deposit is missing, and call a person (rule 1)."""
    if await tx.session.get(MissingDepositRow, round_id) is None:
        row = MissingDepositRow(round_id=round_id, case_id=case_id, missing_fen=missing.fen, noted_at=tx.now)
        await store.add(tx, row)
    detail = f"missing {missing}, kept {kept}"
    await store.raise_alarm(tx, DEPOSIT_MISSING, round_id, case_id=case_id, detail=detail)


async def still_missing(tx: Transaction, round_id: UUID) -> Money:
    """Give what of the deposit of a round its defaulter still owes; zero where nothing ever was missing."""
    row = await tx.session.get(MissingDepositRow, round_id)
    return ZERO if row is None else max(ZERO, Money(row.missing_fen) - await _received(tx, round_id))


async def _received(tx: Transaction, round_id: UUID) -> Money:
    return total([Money(one.amount_fen) for one in await store.receipts_for(tx, FORFEIT, round_id)])


async def require_missing(tx: Transaction, round_id: UUID) -> None:
    """Refuse where nothing is missing (`NothingMissing`)."""
    if not await still_missing(tx, round_id):
        raise NothingMissing(round_id=round_id)


async def receive_for_forfeit(
    tx: Transaction, round_id: UUID, case_id: UUID, receipt: ReceiptRow, came_by: list[Posting]
) -> None:
    """Book a receipt that was attributed to a missing deposit (rules 3 to 5); ``came_by``: by which postings the case holds it."""
    row = await tx.session.get(MissingDepositRow, round_id)
    assert row is not None, "it was asked whether anything is missing"
    amount = Money(receipt.amount_fen)
    before = await _received(tx, round_id) - amount  # this receipt is attributed already
    taken = min(amount, max(ZERO, Money(row.missing_fen) - before))
    excess = amount - taken
    refund_id = refund_id_of("excess", receipt.receipt_id)
    owed = refund_account(case_id, refund_id)
    credits_ = ((forfeited_account(case_id, round_id), taken), (owed, excess))
    entry = book(
        f"receipt:{receipt.receipt_id}",
        Cause.DEPOSIT_FORFEITED,
        [*came_by, *(Posting(account, -part) for account, part in credits_ if part)],
        case_id=case_id,
        subject_id=round_id,
    )
    await post_entry(tx, entry)
    if excess:
        await ask_refund_of_receipt(tx, receipt, excess, refund_id=refund_id, account=owed)
    if taken:
        await enqueue(tx, SWEEP_RECEIPT, SweepAsked(receipt_id=receipt.receipt_id))
    if not await still_missing(tx, round_id):
        await store.clear_alarm(tx, DEPOSIT_MISSING, round_id)
