"""Case money that stands: how much, since when, until when it was to be paid, and why it is not.

The night rings for each case that stands too long, and stops ringing when it does not any more (`ring_for_standing`).
Deposits of a running round are never read here: their sum would tell how many take part (security 2).
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, text

from auction.fund.deposits.store import clear_alarm, raise_alarm
from auction.fund.payouts.clocks import Clock
from auction.fund.payouts.delay_payout import DelayView
from auction.fund.payouts.payout_clock import PayoutClock, clocks_from
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction

PAYOUT_LATE = "payout_late"
"""Alarm: a case's money stands longer than its clock and an approved delay allow."""
MAX_STANDING = 1_000
"""Most cases on the worklist, the longest standing first."""
MAX_PAID = 20_000
"""Most payouts that the figures count, the newest first."""


class StandingCase(msgspec.Struct, frozen=True, kw_only=True):
    """The money of one case that is to be paid out; ``due`` is ``None`` while an approved delay lasts."""

    case_id: UUID
    standing_fen: int
    escrow_fen: int
    complete_on: date
    due: date | None
    binding: Clock
    today: date
    delay: DelayView | None
    """The newest request to pay later, whatever became of it."""
    returned: int
    """Payouts of it that came back and were not paid anew."""

    @property
    def days_over(self) -> int:
        """Days since the last day; nothing while it is not over, or a delay lasts."""
        return 0 if self.due is None else max(0, (self.today - self.due).days)

    @property
    def too_long(self) -> bool:
        """Whether it stands too long."""
        return self.days_over > 0


class PaidOut(msgspec.Struct, frozen=True, kw_only=True):
    """One payout that the bank confirmed."""

    case_id: UUID
    complete_on: date
    paid_on: date
    due: date | None


_STANDING = """
SELECT * FROM (
    SELECT f.case_id, min(p.paid_at) AS paid_at,
           coalesce((SELECT sum(b.side * b.balance_fen) FROM fund.account a JOIN fund.balance b ON b.account_code = a.code
                      WHERE a.case_id = f.case_id AND a.kind IN ('proceeds', 'forfeited', 'costs_payable', 'taxes_payable',
                            'claims_payable', 'surplus_payable', 'payout_clearing')), 0) AS standing_fen,
           coalesce((SELECT sum(b.side * b.balance_fen) FROM fund.account a JOIN fund.balance b ON b.account_code = a.code
                      WHERE a.case_id = f.case_id AND a.kind = 'escrow'), 0) AS escrow_fen,
           (SELECT count(*) FROM fund.alarm l WHERE l.case_id = f.case_id AND l.kind = 'payout_returned'
               AND l.cleared_at IS NULL) AS returned
      FROM fund.case_fund f JOIN fund.purchase p ON p.case_id = f.case_id AND p.state = 'paid'
     WHERE f.closed_at IS NULL
     GROUP BY f.case_id) AS opened
 WHERE standing_fen <> 0 OR escrow_fen <> 0
 ORDER BY paid_at, case_id LIMIT :limit
"""
_PAID = """
SELECT d.case_id, d.ended_at, (SELECT min(p.paid_at) FROM fund.purchase p WHERE p.case_id = d.case_id AND p.state = 'paid')
       AS paid_at
  FROM fund.disbursement d WHERE d.state = 'paid' ORDER BY d.ended_at DESC LIMIT :limit
"""


async def standing_cases(tx: Transaction) -> tuple[StandingCase, ...]:
    """Give the cases whose price is complete and whose money is not all paid, the longest standing first."""
    rows = (await tx.session.execute(text(_STANDING), {"limit": MAX_STANDING})).all()
    clocks = await clocks_from(tx, {row.case_id: local_day(row.paid_at) for row in rows})
    return tuple(_standing(row, clocks[row.case_id], local_day(tx.now)) for row in rows)


def _standing(row: Row[Any], clock: PayoutClock, today: date) -> StandingCase:
    return StandingCase(
        case_id=row.case_id,
        standing_fen=int(row.standing_fen),
        escrow_fen=int(row.escrow_fen),
        complete_on=clock.complete_on,
        due=clock.due,
        binding=clock.binding,
        today=today,
        delay=clock.delays[0] if clock.delays else None,
        returned=row.returned,
    )


async def payouts_made(tx: Transaction) -> tuple[PaidOut, ...]:
    """Give the payouts that the bank confirmed, newest first, each with the last day that bound it."""
    found = await tx.session.execute(text(_PAID), {"limit": MAX_PAID})
    rows = [row for row in found if row.paid_at is not None]
    clocks = await clocks_from(tx, {row.case_id: local_day(row.paid_at) for row in rows})
    return tuple(
        PaidOut(
            case_id=row.case_id,
            complete_on=clocks[row.case_id].complete_on,
            paid_on=local_day(row.ended_at),
            due=clocks[row.case_id].due,
        )
        for row in rows
    )


async def ring_for_standing(db: Database) -> int:
    """Ring for each case whose money stands too long, clear the others, and give how many ring; harmless to repeat."""

    async def work(tx: Transaction) -> int:
        late = {case.case_id: case for case in await standing_cases(tx) if case.too_long}
        rows = await tx.session.execute(
            text("SELECT subject_id FROM fund.alarm WHERE kind = :kind AND cleared_at IS NULL"), {"kind": PAYOUT_LATE}
        )
        for case_id in set(rows.scalars()) - late.keys():
            await clear_alarm(tx, PAYOUT_LATE, case_id)
        for case in late.values():
            detail = f"{case.days_over} days, {case.standing_fen} fen"
            await raise_alarm(tx, PAYOUT_LATE, case.case_id, case_id=case.case_id, detail=detail)
        return len(late)

    return await db.transact(work)
