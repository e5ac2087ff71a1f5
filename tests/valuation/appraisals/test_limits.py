"""The time for a report and its extensions, at their last instants and across days off (参考价 19)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from auction.kernel.clock import SHANGHAI
from auction.law.calendar import COURT_CALENDAR
from auction.law.periods import Pause
from valuation.appraisals.rules.limits import (
    ExtensionAskedLate,
    ExtensionsUsedUp,
    ExtensionTooLong,
    check_extension_request,
    report_end,
)

RECEIVED = date(2027, 3, 1)
SECOND = timedelta(seconds=1)


def end(*extensions: int, received: date = RECEIVED, pauses: tuple[Pause, ...] = (), is_reissue: bool = False) -> date:
    """Give the last day of a term."""
    return report_end(received, is_reissue=is_reissue, pauses=pauses, extensions=extensions, calendar=COURT_CALENDAR)


def at(day: date, hour: int = 12) -> datetime:
    """Give an instant of a court day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def test_thirty_days_do_not_count_the_day_of_receipt() -> None:
    """Received on 1 March, the report is due on the thirtieth day after it."""
    assert end() == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 8, 31), date(2026, 9, 30)),  # the day before the holidays of National Day
        (date(2026, 9, 1), date(2026, 10, 8)),  # 1 October is the first of seven days off
        (date(2026, 8, 21), date(2026, 9, 20)),  # a Sunday that the notice made a working day
    ],
)
def test_last_day_rolls_over_days_off(received: date, last: date) -> None:
    """A day off moves the end to the next working day; a made-up working day does not."""
    assert end(received=received) == last


def test_stay_is_deducted_day_by_day() -> None:
    """Ten days of stay move the end by ten days, then it rolls (参考价 19(1))."""
    ten = Pause(date(2027, 3, 10), date(2027, 3, 19))

    assert end(pauses=(ten,)) == COURT_CALENDAR.first_working_day(date(2027, 4, 10))


def test_stay_after_the_end_deducts_nothing() -> None:
    """What stood still after the term was over changes nothing."""
    assert end(pauses=(Pause(date(2027, 4, 2), date(2027, 4, 9)),)) == end()


def test_extensions_run_from_the_end_as_it_stands() -> None:
    """Two extensions of fifteen days follow the end, each rolling for itself."""
    first = COURT_CALENDAR.first_working_day(date(2027, 4, 15))

    assert end(15) == first
    assert end(15, 15) == COURT_CALENDAR.first_working_day(first + timedelta(days=15))


def test_report_issued_again_has_fifteen_days() -> None:
    """A lapsed report is issued again within fifteen days (参考价 19(4))."""
    assert end(is_reissue=True) == date(2027, 3, 16)


def test_extension_is_asked_until_the_end_of_the_fifth_day_before() -> None:
    """The last instant of 26 March is in time for an end on 31 March; the next one is not."""
    last_instant = datetime(2027, 3, 26, 23, 59, 59, 999999, tzinfo=SHANGHAI)
    check_extension_request(last_instant, end_day=date(2027, 3, 31), granted=0, days=15)

    with pytest.raises(ExtensionAskedLate):
        check_extension_request(last_instant + timedelta(microseconds=1), end_day=date(2027, 3, 31), granted=0, days=15)


@pytest.mark.parametrize("days", [0, 16])
def test_extension_has_one_to_fifteen_days(days: int) -> None:
    """None and sixteen are refused; one and fifteen are lawful."""
    check_extension_request(at(RECEIVED), end_day=date(2027, 3, 31), granted=1, days=15)
    check_extension_request(at(RECEIVED), end_day=date(2027, 3, 31), granted=1, days=1)

    with pytest.raises(ExtensionTooLong):
        check_extension_request(at(RECEIVED), end_day=date(2027, 3, 31), granted=0, days=days)


def test_third_extension_is_refused() -> None:
    """The law lets the court extend twice."""
    with pytest.raises(ExtensionsUsedUp):
        check_extension_request(at(RECEIVED), end_day=date(2027, 3, 31), granted=2, days=1)
