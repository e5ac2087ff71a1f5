from __future__ import annotations

from datetime import date

import pytest

from web.catalogue.month import Stretch, first_of_month, month_beside, weeks_of

TODAY = date(2027, 3, 5)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2027-12", date(2027, 12, 1)), ("2030-01", date(2030, 1, 1)), ("2024-12", date(2024, 12, 1)),
        ("2031-01", date(2027, 3, 1)), ("2023-12", date(2027, 3, 1)), ("", date(2027, 3, 1)), ("2027-13", date(2027, 3, 1)),
        ("2027-3x", date(2027, 3, 1)), ("0000-01", date(2027, 3, 1)),
    ],
)  # fmt: skip
def test_month_is_read_from_the_address(asked: str, expected: date) -> None:
    """Three years either way, the present month for anything else."""
    assert first_of_month(asked, TODAY) == expected


@pytest.mark.parametrize(
    ("first", "before", "after"),
    [
        (date(2027, 1, 1), "2026-12", "2027-02"),
        (date(2027, 2, 1), "2027-01", "2027-03"),
        (date(2027, 12, 1), "2027-11", "2028-01"),
    ],
)
def test_months_follow_each_other(first: date, before: str, after: str) -> None:
    """No month is left out, whatever its length."""
    assert (month_beside(first, later=False), month_beside(first, later=True)) == (before, after)


def test_lot_counts_on_each_day_of_its_bidding() -> None:
    """From the day it opens to the day it ends, both included, over the turn of a month too."""
    weeks = weeks_of(
        date(2027, 3, 1),
        [Stretch(date(2027, 2, 28), date(2027, 3, 2), 2), Stretch(date(2027, 3, 2), date(2027, 3, 2), 1)],
    )
    days = {day.on: (day.opening, day.running) for week in weeks for day in week}

    assert [days[date(2027, 3, number)] for number in (1, 2, 3)] == [(0, 2), (1, 3), (0, 0)]
    assert all(len(week) == 7 and week[0].on.weekday() == 0 for week in weeks)
