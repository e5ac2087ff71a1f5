"""Terms of an online inquiry: extension, correction, and the days of a stay deducted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from auction.kernel.clock import MICROSECOND, SHANGHAI, day_start
from auction.law.calendar import COURT_CALENDAR
from auction.law.periods import Pause
from valuation.inquiries.deadlines import (
    ExtensionAskedLate,
    ExtensionAskedTwice,
    ReportInAlready,
    at_expiry,
    check_extension,
    last_day,
    pauses_of,
    term_end,
)

DEADLINE = day_start(date(2027, 3, 5))


@pytest.mark.parametrize(
    ("in_time", "asked", "extended", "result"),
    [
        ((), (), False, "failed"),
        ((), ("a",), False, "extend"),
        ((), ("a",), True, "failed"),
        (("b",), ("a",), False, "mean"),
        (("b",), (), False, "mean"),
    ],
)
def test_end_of_the_term(in_time: tuple[str, ...], asked: tuple[str, ...], extended: bool, result: str) -> None:
    """All failed and one asked: more time, once; some answered: none for the rest; nobody: failure (参考价 11)."""
    found = at_expiry(in_time=in_time, asked_for_more=asked, was_extended=extended)

    assert found.result == result
    assert found.extended == (frozenset(asked) if result == "extend" else frozenset())


@pytest.mark.parametrize(("offset", "is_late"), [(-MICROSECOND, False), (timedelta(), True), (MICROSECOND, True)])
def test_more_time_is_asked_before_expiry(offset: timedelta, is_late: bool) -> None:
    """In the last microsecond it is in time, at 24:00 it is not (参考价 11(2))."""
    if is_late:
        with pytest.raises(ExtensionAskedLate):
            check_extension(
                DEADLINE + offset, deadline=DEADLINE, was_asked=False, was_extended=False, has_answered=False
            )
        return
    check_extension(DEADLINE + offset, deadline=DEADLINE, was_asked=False, was_extended=False, has_answered=False)


@pytest.mark.parametrize(
    ("asked", "extended", "answered", "refusal"),
    [(True, False, False, ExtensionAskedTwice), (False, True, False, ExtensionAskedTwice), (False, False, True, ReportInAlready)],
)  # fmt: skip
def test_more_time_is_asked_once_and_not_after_the_answer(
    asked: bool, extended: bool, answered: bool, refusal: type[Exception]
) -> None:
    """A second time, after an extension, or after the report: refused (参考价 11(2))."""
    with pytest.raises(refusal):
        check_extension(
            DEADLINE - timedelta(hours=1),
            deadline=DEADLINE,
            was_asked=asked,
            was_extended=extended,
            has_answered=answered,
        )


def test_extension_runs_from_the_last_day_of_the_first_term() -> None:
    """First term to 4 March; three days more end on Sunday 7, so on Monday 8 (CPL 85)."""
    assert last_day(DEADLINE) == date(2027, 3, 4)
    assert last_day(term_end("inquiry_extension_days", last_day(DEADLINE), COURT_CALENDAR)) == date(2027, 3, 8)


@pytest.mark.parametrize(
    ("pause", "end"),
    [
        (Pause(date(2027, 3, 2), date(2027, 3, 2)), date(2027, 3, 5)),
        (Pause(date(2027, 3, 3), date(2027, 3, 10)), date(2027, 3, 12)),
        (Pause(date(2027, 3, 1), date(2027, 3, 1)), date(2027, 3, 4)),
        (Pause(date(2027, 3, 5), date(2027, 3, 9)), date(2027, 3, 4)),
    ],
    ids=["one day", "eight days", "on the day of the mandate", "after the end"],
)
def test_days_of_a_stay_are_deducted(pause: Pause, end: date) -> None:
    """Mandate of 1 March: days of the stay do not count; those outside the term change nothing (参考价 28)."""
    assert last_day(term_end("inquiry_days", date(2027, 3, 1), COURT_CALENDAR, [pause])) == end


def test_stays_that_touch_are_one_pause() -> None:
    """Two stays on one day, or on days that follow, deduct no day twice."""

    def at(day: int, hour: int) -> datetime:
        return datetime(2027, 3, day, hour, tzinfo=SHANGHAI)

    stays = [(at(2, 15), at(3, 9)), (at(2, 9), at(2, 10)), (at(4, 9), at(4, 9)), (at(8, 9), at(9, 9))]

    assert pauses_of(stays) == [Pause(date(2027, 3, 2), date(2027, 3, 4)), Pause(date(2027, 3, 8), date(2027, 3, 9))]
