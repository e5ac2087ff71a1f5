"""Take a payout that its bank sends back after its payee's share fell: what he owed back of it is here.

1. It counts towards what he owes by the undoings of that line, the oldest first, up to what is still owed; it then goes where his own payment would
   (`take_recovery`). What is more is owed to him again: he had paid his debt, or kept that part.
2. It happens once, in the transaction that notes the return; the entry's key names payout and debt.
3. What was prepared before a share fell cannot be on its way then: an undoing waits for payouts under way (`PayoutUnderWay`).

Source: auction/DECISIONS F80.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from auction.fund.gateway import BankOrderSeen
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.payouts.note_payout import clear_returned, note_payout_seen
from auction.fund.payouts.tables import DisbursementRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.payables import payable_account
from auction.fund.plans.tables import FallenShareRow
from auction.fund.undoings import store
from auction.fund.undoings.tables import RecoveryRow, UndoingRow
from auction.fund.undoings.take_recovery import credits_of
from auction.kernel.db import Transaction
from auction.kernel.money import Money


async def note_payout_and_debt(tx: Transaction, disbursement_id: UUID, seen: BankOrderSeen) -> None:
    """Note what the bank says about a payout; what came back of a share that fell is taken for the debt (rule 2)."""
    before = await tx.session.get(DisbursementRow, disbursement_id)
    assert before is not None, "a disbursement is never deleted"
    await tx.about_case(before.case_id)
    row = await tx.session.get(DisbursementRow, disbursement_id, populate_existing=True)
    was_paid = row is not None and row.state == "paid"
    await note_payout_seen(tx, disbursement_id, seen)
    row = await tx.session.get(DisbursementRow, disbursement_id, populate_existing=True)
    if row is not None and was_paid and row.state == "returned":
        await _take(tx, row)


async def _take(tx: Transaction, row: DisbursementRow) -> None:
    line, _ = await plan_store.settled_line(tx, row.line_id)
    payable = payable_account(row.case_id, line)
    if row.account_code != payable.code or await store.waits_at_the_court(tx, row.disbursement_id):
        return
    left = Money(row.amount_fen)
    for undoing, recovery in await _debts(tx, row):
        part = min(left, Money(recovery.amount_fen) - await store.received_of(tx, recovery.recovery_id))
        if part.fen <= 0:
            continue
        left -= part
        key = store.returned_key(row.disbursement_id, recovery.recovery_id)
        given = await credits_of(tx, undoing, part, reason=key)
        postings = [Posting(payable, part), *given]
        entry = book(key, Cause.RECOVERY_RECEIVED, postings, case_id=row.case_id, subject_id=recovery.recovery_id)
        await post_entry(tx, entry)
    if not left:
        await clear_returned(tx, row.line_id)


async def _debts(tx: Transaction, row: DisbursementRow) -> Sequence[tuple[UndoingRow, RecoveryRow]]:
    """Give what the payee owes by undoings under which what he was paid of this line fell, the oldest first."""
    found = await tx.session.execute(
        select(UndoingRow, RecoveryRow)
        .join(RecoveryRow, RecoveryRow.undoing_id == UndoingRow.undoing_id)
        .join(FallenShareRow, FallenShareRow.undoing_id == UndoingRow.undoing_id)
        .where(
            FallenShareRow.line_id == row.line_id,
            FallenShareRow.paid_fen > 0,
            RecoveryRow.person_id == row.payee_person_id,
        )
        .order_by(UndoingRow.ordered_at, RecoveryRow.recovery_id)
    )
    return [(undoing, recovery) for undoing, recovery in found.all()]
