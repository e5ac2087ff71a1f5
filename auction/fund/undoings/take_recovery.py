"""Book what comes of a recovery, within the caller's transaction.

1. It is taken up to what is owed; what is more goes back to its payer at once.
2. Returned for a sale that was set aside, it goes on to those who paid the price, the lender first (`send_back`).
3. What a reversed creditor returns goes first to those who paid a price that was set aside since and that misses it.
4. Everything else stands among the proceeds and is distributed by a plan, or in escrow for a third party who refused it.
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.deposits import store as deposits
from auction.fund.deposits.record_receipt import SWEEP_RECEIPT, SweepAsked
from auction.fund.deposits.send_refund import ask_refund_of_receipt, refund_account, refund_id_of
from auction.fund.deposits.tables import ReceiptRow
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.undoings import store
from auction.fund.undoings.order_undoing import waits_in
from auction.fund.undoings.return_price import send_back, still_short
from auction.fund.undoings.tables import UndoingRow
from auction.fund.undoings.undoings import UndoingKind
from auction.kernel.db import Transaction
from auction.kernel.jobs import enqueue
from auction.kernel.money import ZERO, Money


async def receive_for_recovery(tx: Transaction, recovery_id: UUID, receipt: ReceiptRow, came_by: list[Posting]) -> None:
    """Book a receipt for a recovery; ``came_by`` are the postings by which the case holds the money."""
    recovery = await store.recovery_row(tx, recovery_id)
    undoing = await store.undoing_row(tx, recovery.undoing_id)
    amount = Money(receipt.amount_fen)
    before = await store.received_of(tx, recovery_id) - amount
    taken = min(amount, max(ZERO, Money(recovery.amount_fen) - before))
    excess = amount - taken
    refund_id = refund_id_of("excess", receipt.receipt_id)
    owed = refund_account(recovery.case_id, refund_id)
    given = await credits_of(tx, undoing, taken, reason=f"returned:{receipt.receipt_id}") if taken else []
    entry = book(
        f"receipt:{receipt.receipt_id}",
        Cause.RECOVERY_RECEIVED,
        [*came_by, *given, *([Posting(owed, -excess)] if excess else [])],
        case_id=recovery.case_id,
        subject_id=recovery_id,
    )
    await post_entry(tx, entry)
    if excess:
        await ask_refund_of_receipt(tx, receipt, excess, refund_id=refund_id, account=owed)
    if taken:
        await enqueue(tx, SWEEP_RECEIPT, SweepAsked(receipt_id=receipt.receipt_id))


async def credits_of(tx: Transaction, undoing: UndoingRow, taken: Money, *, reason: str) -> list[Posting]:
    """Say where what comes of an undoing goes (rules 2 to 4), and ask for what goes back under ``reason``."""
    if undoing.kind == UndoingKind.SETTING_ASIDE.value:
        assert undoing.round_id is not None, "a sale that was set aside is of a round"
        purchase = await deposits.purchase_row(tx, undoing.round_id)
        assert purchase is not None, "a sale that was set aside has its purchase"
        return await send_back(tx, purchase, taken, reason=reason)
    given: list[Posting] = []
    if undoing.kind == UndoingKind.REVERSAL.value:
        for purchase in await deposits.purchases_of_case(tx, undoing.case_id):
            part = min(taken, await still_short(tx, purchase))
            taken -= part
            if part:
                given += await send_back(tx, purchase, part, reason=reason)
    return [*given, *([Posting(waits_in(undoing), -taken)] if taken else [])]
