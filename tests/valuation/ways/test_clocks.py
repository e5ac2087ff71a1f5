"""Clocks of the way to a price: from when, until when, and whether something was done in time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
import pytest

from auction.kernel.clock import SHANGHAI
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from valuation.methods.order import Standing
from valuation.methods.steps import Step
from valuation.ways.clocks import PriceDays, WayClock, WayClockState, way_clocks
from valuation.ways.ways import AgreementWay, InvitedParty, PriceWay

SEIZED_ON = date(2026, 3, 2)
START_DUE = datetime(2026, 4, 2, tzinfo=SHANGHAI)
"""1 April is the thirtieth day; the first instant after it is late."""


def way(*opened: datetime) -> PriceWay:
    """Make a way with these steps."""
    steps = [
        Step(
            step_id=new_id(),
            case_id=new_id(),
            asset_id=new_id(),
            ordinal=number,
            method="agreement",
            ground="参考价 4(1)",
            opened_at=at,
        )
        for number, at in enumerate(opened, start=1)
    ]
    return PriceWay(
        steps=tuple(steps), standing=Standing(), circumstances=(), judged=(), price=None, agreement=None, targeted=None
    )


def start_clock(way: PriceWay, now: datetime) -> WayClock:
    """Give the clock of the procedure's start."""
    return way_clocks(way, now=now, calendar=COURT_CALENDAR, seized_on=SEIZED_ON)[0]


@pytest.mark.parametrize(
    ("offset_us", "waiting", "opened"), [(-1, "running", "met"), (0, "overdue", "late"), (1, "overdue", "late")]
)
def test_start_within_thirty_days_of_the_seizure(offset_us: int, waiting: WayClockState, opened: WayClockState) -> None:
    """Through the last instant of day 30 the start is in time; later it is overdue, and stays late when done (参考价 1)."""
    at = START_DUE + timedelta(microseconds=offset_us)

    assert start_clock(way(), at).due_at == START_DUE
    assert start_clock(way(), at).state == waiting
    assert start_clock(way(at), at + timedelta(days=100)).state == opened


def test_sale_starts_within_ten_days_of_the_price() -> None:
    """The clock of 参考价 30 runs from the fixing; an announcement ends it, and the last day of the sale stays open (27)."""
    fixed_at = datetime(2026, 3, 2, 15, tzinfo=SHANGHAI)
    price = PriceDays(fixed_at=fixed_at, valid_until=date(2027, 3, 1), announced_on=None)
    announced = PriceDays(fixed_at=fixed_at, valid_until=date(2027, 3, 1), announced_on=date(2026, 3, 13))
    now = datetime(2026, 3, 12, 23, 59, tzinfo=SHANGHAI)
    running = {
        clock.name: clock for clock in way_clocks(way(), now=now, calendar=COURT_CALENDAR, seized_on=None, price=price)
    }
    late = {
        clock.name: clock.state
        for clock in way_clocks(way(), now=now, calendar=COURT_CALENDAR, seized_on=None, price=announced)
    }

    assert running["start_sale"].due_at == datetime(2026, 3, 13, tzinfo=SHANGHAI)
    assert running["start_sale"].state == "running"
    assert running["sell_by"].due_at == datetime(2027, 9, 2, tzinfo=SHANGHAI)
    assert late == {"start_sale": "late", "validity": "met", "sell_by": "running"}


@pytest.mark.parametrize(
    ("has_ended", "offset_us", "state"),
    [(False, -1, "running"), (False, 0, "overdue"), (True, 0, "over"), (True, 1, "over")],
)
def test_nobody_owes_a_price_to_an_agreement_that_ended(has_ended: bool, offset_us: int, state: WayClockState) -> None:
    """A party that is silent is overdue while the agreement waits; once it ended the clock is over (参考价 4)."""
    until = datetime(2026, 4, 5, tzinfo=SHANGHAI)
    opened = way(datetime(2026, 4, 1, tzinfo=SHANGHAI))
    step = msgspec.structs.replace(opened.steps[0], ended_at=until if has_ended else None)
    silent = InvitedParty(party_id=new_id(), side="applicant", proposed_at=None, proposal=None)
    agreement = AgreementWay(
        step_id=step.step_id, until=date(2026, 4, 4), deadline_at=until, state="open", invited=(silent,)
    )
    asked = msgspec.structs.replace(opened, steps=(step,), agreement=agreement)
    now = until + timedelta(microseconds=offset_us)
    [clock] = way_clocks(asked, now=now, calendar=COURT_CALENDAR, seized_on=None)

    assert clock.state == state


@pytest.mark.parametrize(("is_closed", "state"), [(False, "overdue"), (True, "over")])
def test_no_report_is_awaited_once_the_inquiry_closed(is_closed: bool, state: WayClockState) -> None:
    """The platforms' clock is overdue only while their reports still count (参考价 11)."""
    opened_at = datetime(2026, 4, 1, tzinfo=SHANGHAI)
    opened = way(opened_at)
    step = msgspec.structs.replace(opened.steps[0], method="online_inquiry")
    asked = msgspec.structs.replace(opened, steps=(step,))
    due = opened_at + timedelta(days=3)
    [clock] = way_clocks(
        asked, now=due, calendar=COURT_CALENDAR, seized_on=None, platforms_due=due, platforms_closed=is_closed
    )

    assert clock.state == state
