"""See that the buyer's deposit is applied and lies in the court's account in time, with an alarm at half time.

1. The clock runs from the close. It ends when the deposit is applied, every bank receipt of it lies under the case's own
   number, and card money was advanced (网拍 25).
2. Nothing is moved here: the jobs that apply, advance and sweep do that, and this one looks whether they did.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.fund.deposits import store
from auction.fund.deposits.deposits import ALARM_SHARE, DepositState
from auction.fund.deposits.tables import DepositRow, PurchaseRow
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.law.parameters import LAW
from auction.law.periods import hours_end

CHECK_MOVE = "fund.check_move"
MOVE_LATE = "move_late"
"""Alarm: half of the legal time is over and the buyer's deposit does not lie in the court's account."""


class MoveAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that looks whether the buyer's deposit reached the court."""

    round_id: UUID


def move_due(closed_at: datetime) -> datetime:
    """The last instant that is in time for the buyer's deposit to reach the court. Source: 网拍 25."""
    return hours_end(closed_at, LAW.duration("auction.transfer_deposit_to_court_hours", on=local_day(closed_at)))


async def plan_check(tx: Transaction, purchase: PurchaseRow, *, closed_at: datetime) -> None:
    """Start the legal clock of the buyer's deposit and enqueue its alarm; a repetition changes nothing."""
    if purchase.deposit_due_at is not None:
        return
    purchase.deposit_due_at = move_due(closed_at)
    await tx.session.flush()
    half_time = closed_at + (purchase.deposit_due_at - closed_at) / ALARM_SHARE
    await enqueue(tx, CHECK_MOVE, MoveAsked(round_id=purchase.round_id), due_at=half_time)


async def is_moved(tx: Transaction, deposit: DepositRow) -> bool:
    """Whether a buyer's deposit is applied and lies in the court's account (rule 1)."""
    if deposit.state == DepositState.HELD.value:
        return False
    receipts = await store.receipts_for(tx, "deposit", deposit.deposit_id)
    advance = await store.advance_of_deposit(tx, deposit.deposit_id)
    return all(receipt.swept for receipt in receipts) and (advance is None or advance.state == "received")


async def handle_check_move(db: Database, job: Job) -> None:
    """Ring the alarm when the buyer's deposit has not reached the court at half time."""
    round_id = job.decode(MoveAsked).round_id

    async def work(tx: Transaction) -> None:
        purchase = await store.purchase_row(tx, round_id)
        if purchase is None or await is_moved(tx, await store.deposit_row(tx, purchase.deposit_id)):
            return
        detail = f"due {purchase.deposit_due_at}"
        await store.raise_alarm(tx, MOVE_LATE, purchase.deposit_id, case_id=purchase.case_id, detail=detail)

    await db.transact(work)


async def note_if_moved(tx: Transaction, deposit_id: UUID) -> None:
    """Clear the alarm once the deposit lies in the court's account."""
    if await is_moved(tx, await store.deposit_row(tx, deposit_id)):
        await store.clear_alarm(tx, MOVE_LATE, deposit_id)
