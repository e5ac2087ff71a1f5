"""Until when money that has arrived for a case is to be paid out: the strictest clock, named, and a delay that counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.fund.case_file import courts_of_cases
from auction.fund.payouts.clocks import Clock, Delay, PayoutLimit, due_with_delay, payout_limits
from auction.fund.payouts.delay_payout import DelayView, delays_of_cases
from auction.fund.payouts.set_payout_days import PayoutDaysView, days_set_on, payout_days_of
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.law.calendar import COURT_CALENDAR


class PayoutClock(msgspec.Struct, frozen=True, kw_only=True):
    """Until when arrived money of a case is to be paid out, by each clock, and by the one that binds.

    Source: 执行款物 10 (30 days; delay); 执行监督意见 (10 + 5 working days).
    """

    case_id: UUID
    complete_on: date
    """The day on which the last fen of the price had arrived."""
    pay_by: date
    """30 natural days after the notice of arrival (执行款物 10(1))."""
    order_by: date
    """The payment order, 10 working days after arrival (执行监督意见)."""
    finance_pays_by: date
    """Payment, 5 working days after the last day of the order (执行监督意见)."""
    local_by: date | None
    """By the court's own rule; ``None`` where it has set none."""
    due: date | None
    """The last day that binds; ``None`` while an approved delay lasts."""
    binding: Clock
    """The clock that says so."""
    delays: tuple[DelayView, ...] = ()
    """What was asked, newest first, whatever became of it."""


async def payout_clock(tx: Transaction, case_id: UUID) -> PayoutClock | None:
    """Show the pay-out limits of the price that was complete first; ``None`` where none is.

    Money that comes later, or a second lot's, moves no limit that runs already.
    """
    found = await tx.session.execute(
        text("SELECT min(paid_at) FROM fund.purchase WHERE case_id = :case_id AND state = 'paid'"), {"case_id": case_id}
    )
    at = found.scalar_one()
    return None if at is None else (await clocks_from(tx, {case_id: local_day(at)}))[case_id]


async def clocks_from(tx: Transaction, arrived: Mapping[UUID, date]) -> dict[UUID, PayoutClock]:
    """Run the clocks of cases whose money had arrived on these days; three queries, however many they are."""
    (courts, set_days), delays = await tx.together(_days_set(tx, arrived), delays_of_cases(tx, arrived))
    return {
        case_id: _clock(
            case_id,
            day,
            local_days=days_set_on(set_days.get(courts.get(case_id, ""), ()), day),
            delays=delays.get(case_id, ()),
        )
        for case_id, day in arrived.items()
    }


async def _days_set(
    tx: Transaction, case_ids: Collection[UUID]
) -> tuple[dict[UUID, str], dict[str, tuple[PayoutDaysView, ...]]]:
    """Give the courts of the cases, and what each of these courts has set for itself."""
    courts = await courts_of_cases(tx, case_ids)
    return courts, await payout_days_of(tx, set(courts.values()))


def _clock(case_id: UUID, arrived_on: date, *, local_days: int | None, delays: Sequence[DelayView]) -> PayoutClock:
    limits = payout_limits(arrived_on, COURT_CALENDAR, local_days=local_days)
    ends = {limit.clock: limit.last_day for limit in limits.limits}
    due = due_with_delay(limits.binding, _counting(delays), COURT_CALENDAR)
    binding: PayoutLimit = due or limits.binding
    return PayoutClock(
        case_id=case_id,
        complete_on=arrived_on,
        pay_by=ends[Clock.LAW_2017],
        order_by=limits.order_by,
        finance_pays_by=ends[Clock.OPINION_2021],
        local_by=ends.get(Clock.LOCAL),
        due=None if due is None else due.last_day,
        binding=binding.clock,
        delays=tuple(delays),
    )


def _counting(delays: Sequence[DelayView]) -> Delay | None:
    """Give the newest delay that was approved; a request or a refusal stops nothing."""
    return next((view.counts for view in delays if view.counts is not None), None)
