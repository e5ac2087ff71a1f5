"""Court days: the properties that hold for every period, and the record that a deadline keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.kernel.clock import MICROSECOND, local_day
from auction.law.calendar import COURT_CALENDAR, Correction
from auction.law.parameters import LAW
from auction.law.periods import (
    add_months,
    clear_days_between,
    deadline_at,
    deemed_on,
    earliest_after_clear_days,
    is_in_time,
    latest_notice_day,
    legal_period,
    lengthen,
    months_end,
    paused_end,
    period_end,
    working_days_end,
    years_end,
)

DAYS = st.dates(date(2021, 1, 1), date(2090, 12, 31))
LENGTHS = st.integers(1, 400)
ONE_DAY = timedelta(days=1)


@given(start=DAYS, days=LENGTHS)
def test_rolled_end_is_the_first_working_day_not_earlier(start: date, days: int) -> None:
    """An end that rolls is a working day, never early, and only days off lie between."""
    plain = start + days * ONE_DAY

    end = period_end(start, days, COURT_CALENDAR)

    assert end >= plain
    assert COURT_CALENDAR.is_working_day(end)
    assert all(COURT_CALENDAR.is_day_off(plain + n * ONE_DAY) for n in range((end - plain).days))


@given(start=DAYS, days=LENGTHS)
def test_end_without_roll_over_is_plain(start: date, days: int) -> None:
    """Without roll-over the end is the N-th day after the start."""
    assert start + days * ONE_DAY == period_end(start, days, COURT_CALENDAR, rolls=False)


@given(start=DAYS, days=st.integers(1, 60))
def test_working_days_count_working_days(start: date, days: int) -> None:
    """Between start and end lie exactly the working days asked for."""
    end = working_days_end(start, days, COURT_CALENDAR)

    counted = [start + n * ONE_DAY for n in range(1, (end - start).days + 1)]
    assert days == sum(COURT_CALENDAR.is_working_day(day) for day in counted)
    assert COURT_CALENDAR.is_working_day(end)


@given(notice=DAYS, days=st.integers(0, 60))
def test_lead_times_agree_forwards_and_backwards(notice: date, days: int) -> None:
    """The earliest sale day and the latest notice day are each other's inverse, and one day less is too little."""
    sale = earliest_after_clear_days(notice, days)

    assert notice == latest_notice_day(sale, days)
    assert days == clear_days_between(notice, sale)
    assert days - 1 == clear_days_between(notice, sale - ONE_DAY)


@given(end=DAYS)
def test_deadline_is_the_first_instant_that_is_late(end: date) -> None:
    """The microsecond before the deadline is in time and on the last day; the deadline itself is late."""
    deadline = deadline_at(end)

    assert is_in_time(deadline - MICROSECOND, deadline)
    assert not is_in_time(deadline, deadline)
    assert not is_in_time(deadline + MICROSECOND, deadline)
    assert end == local_day(deadline - MICROSECOND)


@given(start=DAYS, days=LENGTHS)
def test_no_pause_changes_nothing(start: date, days: int) -> None:
    """A period without stays ends as any other."""
    assert period_end(start, days, COURT_CALENDAR) == paused_end(start, days, [], COURT_CALENDAR)


@given(start=DAYS, months=st.integers(1, 60))
def test_months_end_on_same_date_or_month_end(start: date, months: int) -> None:
    """The day is the same, or the last of a month that lacks it."""
    end = add_months(start, months)

    assert end.day == start.day or (end + ONE_DAY).day == 1
    assert end.day <= start.day
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months


def test_years_of_a_leap_day_end_in_february() -> None:
    """29 February plus three years is 28 February, without roll-over."""
    assert date(2031, 2, 28) == years_end(date(2028, 2, 29), 3, COURT_CALENDAR, rolls=False)


def test_months_roll_when_an_act_ends_them() -> None:
    """Six months that end on a Sunday roll to Monday when they end an act."""
    assert date(2026, 11, 1).weekday() == 6
    assert date(2026, 11, 2) == months_end(date(2026, 5, 1), 6, COURT_CALENDAR)


def test_deemed_date_never_rolls() -> None:
    """Five full days from 30 September 2026 are complete at the end of 5 October, a day off."""
    assert date(2026, 10, 5) == deemed_on(date(2026, 9, 30), 5)


def test_period_keeps_what_its_end_rests_on() -> None:
    """A stored period says whether it rolled, whether it is provisional, the calendar and the article."""
    period = legal_period(
        LAW.parameter("money.plan_objection_days", on=date(2026, 9, 16)), date(2026, 9, 16), COURT_CALENDAR
    )

    assert (date(2026, 10, 8), True, False) == (period.end_day, period.rolled, period.provisional)
    assert (COURT_CALENDAR.version, "Interp. 509") == (period.calendar_version, period.cite)
    assert datetime(2026, 10, 8, 16, tzinfo=UTC) == period.deadline


@pytest.mark.parametrize(
    ("start", "provisional"), [(date(2026, 12, 15), False), (date(2026, 12, 16), False), (date(2026, 12, 17), True)]
)
def test_end_in_an_unpublished_year_is_provisional(start: date, *, provisional: bool) -> None:
    """An end on 31 December 2026 is final, one that reaches January 2027 is provisional."""
    period = legal_period(LAW.parameter("money.plan_objection_days", on=start), start, COURT_CALENDAR)

    assert provisional == period.provisional


def test_end_that_never_rolls_is_never_provisional() -> None:
    """A limit without roll-over does not depend on any notice."""
    parameter = LAW.parameter("auction.second_within_days", on=date(2027, 5, 1))

    assert not legal_period(parameter, date(2027, 5, 1), COURT_CALENDAR).provisional


def test_corrected_calendar_lengthens_a_running_period_only() -> None:
    """A later end replaces the running one; an earlier one does not."""
    start = date(2026, 11, 2)
    parameter = LAW.parameter("reference_price.objection_days", on=start)
    running = legal_period(parameter, start, COURT_CALENDAR)
    closed = COURT_CALENDAR.corrected([Correction(date(2026, 11, 9), is_off=True, zh="停电", en="power cut")])
    opened = COURT_CALENDAR.corrected([Correction(date(2026, 11, 7), is_off=False, zh="上班", en="works")])

    longer = lengthen(running, legal_period(parameter, start, closed))
    same = lengthen(running, legal_period(parameter, start, opened))

    assert (date(2026, 11, 10), closed.version) == (longer.end_day, longer.calendar_version)
    assert running == same


def test_lead_time_is_no_period_of_an_act() -> None:
    """Running a lead time as a period is a mistake of ours and fails an assertion."""
    parameter = LAW.parameter("auction.notice_first_days.movable", on=date(2026, 1, 1))

    with pytest.raises(AssertionError, match="not a period"):
        legal_period(parameter, date(2026, 1, 1), COURT_CALENDAR)
