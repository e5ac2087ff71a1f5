"""The clock of a draw: its last day, and who is told once it has passed (loans rule 8).

The court is told by an alarm, the buyer on the page of his loan, the lender by a call. Each is told once for each draw; the
loan goes on, and the buyer's own last day for the balance does not move (网拍 24).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.fund.deposits.store import raise_alarm
from auction.fund.gateway import ProviderRefused
from auction.fund.loans import store
from auction.fund.loans.lender import Lenders, Told
from auction.fund.loans.loans import LoanState
from auction.fund.loans.tables import LoanRow
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import deadline_at, working_days_end

CHECK_DRAW = "fund.check_draw"
TELL_LENDER = "fund.tell_lender"
DRAW_LATE = "loan_draw_late"
"""Alarm: the lender did not pay a draw by its last day."""

NoticeKind = Literal["approval_late", "commitment_late", "draw_late", "mortgage_filed", "mortgage_registered"]


class DrawDue(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that looks whether a draw was paid in time."""

    loan_id: UUID
    due_at: datetime


class LenderTold(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that tells a lender something."""

    loan_id: UUID
    kind: NoticeKind
    subject: str


def draw_key(loan_id: UUID, drawn_fen: int) -> str:
    """The key under which a draw of this amount is asked: another amount is another request."""
    return f"loan:{loan_id}:{drawn_fen}"


async def start_clock(tx: Transaction, row: LoanRow) -> None:
    """Fix the last day of a draw that is asked now, and look again when it has passed."""
    today = local_day(tx.now)
    days = row.draw_working_days or LAW.days("loan.draw_working_days", on=today)
    row.draw_asked_at = tx.now
    row.draw_due_at = deadline_at(working_days_end(today, days, COURT_CALENDAR))
    await enqueue(tx, CHECK_DRAW, DrawDue(loan_id=row.loan_id, due_at=row.draw_due_at), due_at=row.draw_due_at)


async def handle_check_draw(db: Database, job: Job) -> None:
    """Tell court, buyer and lender of a draw that is not paid on its last day; a draw of later has its own clock."""
    due = job.decode(DrawDue)
    await db.transact(lambda tx: _check(tx, due))


async def _check(tx: Transaction, due: DrawDue) -> None:
    await tx.about_case(await store.case_of_loan(tx, due.loan_id))
    row = await store.loan_row(tx, due.loan_id)
    is_late = row.state == LoanState.DRAWING.value and row.draw_due_at == due.due_at and tx.now >= due.due_at
    if not is_late or row.drawn_fen is None:
        return
    subject = due.due_at.isoformat()
    await store.note_told(tx, row.loan_id, kind="draw_late", subject=subject, told="buyer")
    if await store.note_told(tx, row.loan_id, kind="draw_late", subject=subject, told="court"):
        await raise_alarm(tx, DRAW_LATE, row.loan_id, case_id=row.case_id, detail=row.reference)
        await tell_lender(tx, row, kind="draw_late", subject=draw_key(row.loan_id, row.drawn_fen))


async def tell_lender(tx: Transaction, row: LoanRow, *, kind: NoticeKind, subject: str) -> None:
    """Have the lender told something once this transaction is committed."""
    await enqueue(tx, TELL_LENDER, LenderTold(loan_id=row.loan_id, kind=kind, subject=subject))


async def handle_tell_lender(db: Database, lenders: Lenders, job: Job) -> None:
    """Tell the lender, then note that he was told; told again after a crash, he takes it once by its key."""
    told = job.decode(LenderTold)
    async with db.reading() as tx:
        row = await store.loan_row(tx, told.loan_id)
        lender = lenders[await store.lender_of_product(tx, row.product_id)]
    key = f"notice:{told.kind}:{told.loan_id}:{told.subject}"
    try:
        await lender.tell(Told(key=key, kind=told.kind, commitment_no=row.commitment_no or "", subject=told.subject))
    except ProviderRefused:
        return

    async def note(tx: Transaction) -> None:
        await store.note_told(tx, told.loan_id, kind=told.kind, subject=told.subject, told="lender")

    await db.transact(note)
