"""The plan of a run: written before anything else, the same until it is finished."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from auction.law.calendar import COURT_CALENDAR
from auction.law.case_numbers import parse_case_number, parse_instrument_number
from web.demonstration.plan import Plan, open_plan, working_day, write_plan

MONDAY = date(2027, 3, 1)
SATURDAY = date(2027, 3, 6)


def test_run_that_starts_again_has_the_same_plan(tmp_path: Path) -> None:
    """Another day, the same unfinished run: its dates are those of the day on which it began."""
    path = tmp_path / "plan.json"
    first = open_plan(path, today=MONDAY)

    assert open_plan(path, today=MONDAY + timedelta(days=40)) == first
    assert (first.number, first.begun_on) == (1, MONDAY)
    assert not list(tmp_path.glob("*.draft"))


def test_finished_run_is_followed_by_the_next(tmp_path: Path) -> None:
    """After the end comes another case, under another number."""
    path = tmp_path / "plan.json"
    first = open_plan(path, today=MONDAY)
    write_plan(path, msgspec.structs.replace(first, finished=True))
    second = open_plan(path, today=MONDAY)

    assert (second.number, second.finished) == (2, False)
    assert second.case_number != first.case_number
    assert second.instrument_number != first.instrument_number


def test_run_begins_on_a_working_day(tmp_path: Path) -> None:
    """Begun on a weekend, the case begins on the next working day."""
    plan = open_plan(tmp_path / "plan.json", today=SATURDAY)

    assert plan.begun_on == date(2027, 3, 8)
    assert not COURT_CALENDAR.is_day_off(plan.begun_on)


@pytest.mark.parametrize("number", [1, 2, 500])
def test_numbers_are_of_the_real_form(number: int) -> None:
    """Case and instrument have numbers that the product takes; the key of all ids is the case's."""
    plan = Plan(number=number, begun_on=MONDAY)

    assert parse_case_number(plan.case_number).is_sale_file
    assert str(parse_instrument_number(plan.instrument_number)) == plan.instrument_number
    assert plan.key == plan.case_number


def test_plan_that_was_cut_off_while_written_leaves_the_old_one(tmp_path: Path) -> None:
    """A draft that a crash left behind is not the plan."""
    path = tmp_path / "plan.json"
    first = open_plan(path, today=MONDAY)
    path.with_suffix(".draft").write_bytes(b'{"number": 9')

    assert open_plan(path, today=MONDAY) == first


@pytest.mark.parametrize(("days_later", "expected"), [(0, MONDAY), (4, date(2027, 3, 5)), (5, date(2027, 3, 8))])
def test_working_day_rolls_over_days_off(days_later: int, expected: date) -> None:
    """A day off is rolled over to the next working day."""
    assert working_day(MONDAY, days_later=days_later) == expected
