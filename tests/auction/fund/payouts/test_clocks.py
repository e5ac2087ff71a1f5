"""Clocks of payouts, delays and escrow: the pure rules at their edges."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from auction.fund.payouts.clocks import (
    Clock,
    Delay,
    DelayGround,
    LocalDaysNotShorter,
    PayoutLimit,
    due_with_delay,
    pay_after_delay_by,
    payout_limits,
    require_local_days,
)
from auction.fund.payouts.escrow import EscrowCostWrong, split_escrow
from auction.kernel.money import Money
from auction.law.calendar import COURT_CALENDAR

ARRIVED = date(2026, 11, 2)


@pytest.mark.parametrize(("days", "clock"), [(20, Clock.LOCAL), (21, Clock.OPINION_2021), (22, Clock.OPINION_2021)])
def test_binding_clock_is_named(days: int, clock: Clock) -> None:
    """The strictest clock binds and says its name; where two end on one day the national one is named."""
    assert payout_limits(ARRIVED, COURT_CALENDAR, local_days=days).binding.clock is clock


def test_order_goes_out_within_ten_working_days() -> None:
    """The order has a last day of its own, before the payment's."""
    limits = payout_limits(ARRIVED, COURT_CALENDAR)

    assert limits.order_by == date(2026, 11, 16)
    assert limits.binding == PayoutLimit(Clock.OPINION_2021, date(2026, 11, 23))


@pytest.mark.parametrize("days", [0, 31])
def test_local_limit_is_no_longer_than_the_law(days: int) -> None:
    """Nothing, or more than thirty days, is no limit of a court's own; one and thirty are."""
    require_local_days(min(max(days, 1), 30), on=ARRIVED)

    with pytest.raises(LocalDaysNotShorter):
        require_local_days(days, on=ARRIVED)


def test_delay_stops_the_clock_and_leaves_ten_days() -> None:
    """While the ground lasts nothing is due; after it ten days run, and never less than the clock that ran already."""
    limit = payout_limits(ARRIVED, COURT_CALENDAR).binding
    ended = limit.last_day - timedelta(days=10)

    assert due_with_delay(limit, None, COURT_CALENDAR) == limit
    assert due_with_delay(limit, Delay(DelayGround.MONEY_FROZEN, None), COURT_CALENDAR) is None
    assert pay_after_delay_by(date(2026, 11, 16), COURT_CALENDAR) == date(2026, 11, 26)
    for days, clock in ((-1, limit.clock), (0, limit.clock), (1, Clock.AFTER_DELAY)):
        found = due_with_delay(limit, Delay(DelayGround.MONEY_FROZEN, ended + timedelta(days=days)), COURT_CALENDAR)
        assert found is not None
        assert found.clock is clock


@pytest.mark.parametrize("cost", [-1, 100, 101])
def test_cost_leaves_something_of_the_share(cost: int) -> None:
    """A cost below nothing or as high as the share is refused; nothing and a fen less than the share are taken."""
    assert split_escrow(Money(100), Money(0)).net == Money(100)
    assert split_escrow(Money(100), Money(99)).net == Money(1)

    with pytest.raises(EscrowCostWrong):
        split_escrow(Money(100), Money(cost))
