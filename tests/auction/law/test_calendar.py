"""The court calendar: published years, provisional years, corrections and versions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from auction.law.calendar import (
    COURT_CALENDAR,
    CalendarCorrectionInvalid,
    Correction,
    DayOff,
    YearTable,
    span,
)

ONE_DAY = timedelta(days=1)


def off_days(year: int, month: int) -> set[int]:
    """Days of a month that are off."""
    first = date(year, month, 1)
    days = [first + offset * ONE_DAY for offset in range(31)]
    return {day.day for day in days if day.month == month and COURT_CALENDAR.is_day_off(day)}


def test_national_day_2026() -> None:
    """1–7 October 2026 are off, Saturday the 10th is a make-up working day, Sunday the 11th is off."""
    assert {1, 2, 3, 4, 5, 6, 7, 11, 17, 18, 24, 25, 31} == off_days(2026, 10)


def test_spring_festival_2026() -> None:
    """15–23 February 2026 are off; the Saturdays 14 and 28 are working days."""
    assert {1, 7, 8, *range(15, 24)} | {22} == off_days(2026, 2)


def test_national_day_2025_with_mid_autumn() -> None:
    """1–8 October 2025 are off and Saturday the 11th works."""
    assert {*range(1, 9), 12, 18, 19, 25, 26} == off_days(2025, 10)


@pytest.mark.parametrize(
    "day",
    [date(2025, month, day) for month, day in ((1, 26), (2, 8), (4, 27), (9, 28), (10, 11))]
    + [date(2026, month, day) for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))],
)
def test_make_up_weekends_are_working_days(day: date) -> None:
    """Every weekend day that a notice made a working day is one, and says why."""
    looked_up = COURT_CALENDAR.look_up(day)

    assert day.weekday() >= 5
    assert (looked_up.is_off, looked_up.is_provisional, looked_up.zh) == (False, False, "调休上班")


def test_published_years_are_not_provisional() -> None:
    """2026 is published to its last day; 2027 waits for its notice from the first."""
    assert not COURT_CALENDAR.is_provisional(date(2026, 12, 31))
    assert COURT_CALENDAR.is_provisional(date(2027, 1, 1))


def test_provisional_2027_has_its_thirteen_holidays_and_make_up_days() -> None:
    """Spring Festival 2027 is off from its eve, with its two weekend days made up."""
    assert {5, 6, 7, 8, 9, 10, 13, 14, 20, 21, 27, 28} == off_days(2027, 2)
    assert COURT_CALENDAR.look_up(date(2027, 2, 9)).zh == "春节补休"


def test_holiday_reason_is_named() -> None:
    """A holiday says which it is, a weekend that it is one, a working day nothing."""
    reasons = [COURT_CALENDAR.look_up(day).zh for day in span(date(2026, 9, 30), date(2026, 10, 1))]

    assert reasons == ["", "国庆节"]
    assert COURT_CALENDAR.look_up(date(2026, 11, 7)).zh == "周末"


@pytest.mark.parametrize("year", [1999, 2020, 2051, 2100, 3000, 9998])
def test_any_year_answers(year: int) -> None:
    """Years that nobody published or computed still answer, provisionally."""
    new_year = date(year, 1, 1)

    assert COURT_CALENDAR.is_day_off(new_year)
    assert COURT_CALENDAR.is_provisional(new_year)
    assert COURT_CALENDAR.first_working_day(new_year) > new_year


def test_first_working_day_of_a_working_day_is_itself() -> None:
    """A working day needs no roll-over; the days around National Day 2026 roll to the 8th."""
    rolled = [
        COURT_CALENDAR.first_working_day(day) for day in (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 7))
    ]

    assert [date(2026, 9, 30), date(2026, 10, 8), date(2026, 10, 8)] == rolled


def test_correction_changes_one_day_and_the_version() -> None:
    """A corrected day is off, no longer provisional, and the old calendar is unchanged."""
    typhoon = Correction(date(2027, 9, 1), is_off=True, zh="台风停工", en="closed for a typhoon")

    corrected = COURT_CALENDAR.corrected([typhoon])

    assert corrected.is_day_off(typhoon.day)
    assert not corrected.is_provisional(typhoon.day)
    assert corrected.look_up(typhoon.day).zh == "台风停工"
    assert not COURT_CALENDAR.is_day_off(typhoon.day)
    assert corrected.version != COURT_CALENDAR.version


def test_equal_corrections_give_an_equal_version() -> None:
    """The version depends on the facts, not on the order in which they were entered."""
    one = Correction(date(2027, 9, 1), is_off=True, zh="甲", en="a")
    two = Correction(date(2027, 9, 2), is_off=True, zh="乙", en="b")

    forward = COURT_CALENDAR.corrected([one]).corrected([two])
    backward = COURT_CALENDAR.corrected([two, one])

    assert forward.version == backward.version


def test_published_year_replaces_the_provisional_one() -> None:
    """Entering the notice of 2027 makes its days final."""
    notice = YearTable(
        year=2027,
        source="notice",
        off={date(2027, 2, 11): DayOff("春节", "Spring Festival")},
        working=frozenset({date(2027, 2, 20)}),
        is_provisional=False,
    )

    published = COURT_CALENDAR.with_year(notice)

    assert published.is_day_off(date(2027, 2, 11))
    assert published.is_working_day(date(2027, 2, 20))
    assert not published.is_provisional(date(2027, 2, 9))


@pytest.mark.parametrize(
    ("off", "working"),
    [
        ({date(2028, 1, 1): DayOff("x", "x")}, frozenset[date]()),
        ({}, frozenset({date(2027, 2, 19)})),
        ({date(2027, 2, 20): DayOff("x", "x")}, frozenset({date(2027, 2, 20)})),
    ],
    ids=["other_year", "weekday_made_working", "off_and_working"],
)
def test_impossible_year_is_refused(off: dict[date, DayOff], working: frozenset[date]) -> None:
    """A table of days that cannot be is refused when it is entered."""
    with pytest.raises(CalendarCorrectionInvalid):
        YearTable(year=2027, source="notice", off=off, working=working, is_provisional=False)


def test_correction_without_working_days_is_refused() -> None:
    """A calendar that never works again is refused instead of looping."""
    closed = [Correction(day, is_off=True, zh="停", en="closed") for day in span(date(2027, 3, 1), date(2027, 6, 1))]

    with pytest.raises(CalendarCorrectionInvalid):
        COURT_CALENDAR.corrected(closed)
