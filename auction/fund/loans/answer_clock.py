"""The clock of a lender's answer to an application and to the request for a commitment (loans rule 8).

Before the close only buyer and lender are told of a late answer: who asked for a loan is nobody else's business, and an alarm at
the court would say how many take part. From the request for a commitment on, the court is told, too. Nothing moves by itself: the
borrower takes back what nobody answers, and the last day for the price stays where it is (网拍 24).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.fund.deposits.store import clear_alarm, raise_alarm
from auction.fund.loans import store
from auction.fund.loans.asking import approval_key, commitment_key
from auction.fund.loans.draw_clock import tell_lender
from auction.fund.loans.loans import LoanState
from auction.fund.loans.tables import LoanRow
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import deadline_at, working_days_end

CHECK_ANSWER = "fund.check_answer"
COMMITMENT_LATE = "loan_commitment_late"
"""Alarm: the lender has not said in time whether he commits."""


class AnswerDue(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that looks whether a lender answered in time."""

    loan_id: UUID
    due_at: datetime


async def start_approval_clock(tx: Transaction, row: LoanRow) -> None:
    """Fix the last day for the answer to an application that is made now."""
    await _start(tx, row, row.approval_working_days or LAW.days("loan.approval_working_days", on=local_day(tx.now)))


async def start_commitment_clock(tx: Transaction, row: LoanRow) -> None:
    """Fix the last day for the answer to a commitment that is asked for now."""
    await _start(tx, row, row.commitment_working_days or LAW.days("loan.commitment_working_days", on=local_day(tx.now)))


async def _start(tx: Transaction, row: LoanRow, days: int) -> None:
    row.answer_due_at = deadline_at(working_days_end(local_day(tx.now), days, COURT_CALENDAR))
    await enqueue(tx, CHECK_ANSWER, AnswerDue(loan_id=row.loan_id, due_at=row.answer_due_at), due_at=row.answer_due_at)


async def stop_clock(tx: Transaction, row: LoanRow) -> None:
    """Note that the lender's answer is there, or is not wanted any more."""
    row.answer_due_at = None
    await clear_alarm(tx, COMMITMENT_LATE, row.loan_id)


async def handle_check_answer(db: Database, job: Job) -> None:
    """Tell of an answer that is not there on its last day; a question of later has its own clock."""
    due = job.decode(AnswerDue)
    await db.transact(lambda tx: _check(tx, due))


async def _check(tx: Transaction, due: AnswerDue) -> None:
    await tx.about_case(await store.case_of_loan(tx, due.loan_id))
    row = await store.loan_row(tx, due.loan_id)
    if row.answer_due_at != due.due_at or not store.loan_view(row).is_unanswered(tx.now):
        return
    subject = due.due_at.isoformat()
    if row.state == LoanState.APPLIED.value:
        if await store.note_told(tx, row.loan_id, kind="approval_late", subject=subject, told="buyer"):
            await tell_lender(tx, row, kind="approval_late", subject=approval_key(row.loan_id))
        return
    await store.note_told(tx, row.loan_id, kind="commitment_late", subject=subject, told="buyer")
    if await store.note_told(tx, row.loan_id, kind="commitment_late", subject=subject, told="court"):
        await raise_alarm(tx, COMMITMENT_LATE, row.loan_id, case_id=row.case_id, detail=row.reference)
        await tell_lender(tx, row, kind="commitment_late", subject=commitment_key(row))
