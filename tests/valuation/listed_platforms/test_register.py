"""The register of platforms: five late in a year, removal, bar, conditions; to the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
import pytest

from valuation.listed_platforms.admission import Conditions, PlatformConditionsNotMet, check_conditions
from valuation.listed_platforms.recipients import MandatesSentApart, check_recipients
from valuation.listed_platforms.register import (
    ListingDayWrong,
    PlatformBarred,
    PlatformListedAlready,
    PlatformNotListed,
    PlatformUnconnected,
    RemovalGround,
    RemovalUnfounded,
    barred_until,
    check_day,
    check_listing,
    check_removal,
    late_on,
    lateness,
)

TODAY = date(2028, 3, 20)
FIRST = date(2027, 3, 5)
FOUR = [FIRST, date(2027, 5, 6), date(2027, 8, 3), date(2027, 12, 1)]
CONDITIONS = Conditions(
    is_licensed=True,
    runs_soundly=True,
    price_kinds=("past", "guide", "market"),
    data_is_true=True,
    analyses=True,
    retention_years=10,
)


@pytest.mark.parametrize(("offset", "is_due"), [(-1, True), (0, True), (1, False)])
def test_fifth_late_result_on_the_last_day_of_the_year(offset: int, is_due: bool) -> None:
    """The year from the first ends on the same date: the fifth on that day counts, a day later not (参考价 9, law L12)."""
    fifth = date(2028, 3, 5) + timedelta(days=offset)

    found = lateness([*FOUR, fifth], today=TODAY)

    assert (found.worst_year, found.is_due) == (5 if is_due else 4, is_due)


@pytest.mark.parametrize(("number", "is_due"), [(4, False), (5, True), (6, True)])
def test_five_is_the_limit(number: int, is_due: bool) -> None:
    """Four are not enough, five are, six are (参考价 9)."""
    assert lateness([FIRST + timedelta(days=n) for n in range(number)], today=TODAY).is_due is is_due


def test_year_is_any_twelve_months_and_later_ones_do_not_heal() -> None:
    """Five across New Year count; what was due once stays due; the last year is told apart."""
    across = [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 5), date(2027, 2, 1), date(2027, 3, 1)]

    found = lateness(across, today=date(2028, 2, 20))

    assert found.is_due
    assert found.in_last_year == 1
    assert lateness([], today=TODAY).worst_year == 0


def test_result_is_late_on_the_day_after_its_term() -> None:
    """Due on 4 March, late on 5 March."""
    assert late_on(date(2027, 3, 4)) == FIRST


@pytest.mark.parametrize(("offset", "is_free"), [(-1, False), (0, False), (1, True)])
def test_bar_ends_with_the_same_date_after_five_years(offset: int, is_free: bool) -> None:
    """Barred through the last day, free on the next (参考价 9)."""
    bar = barred_until(date(2027, 3, 5))
    day = bar + timedelta(days=offset)
    assert bar == date(2032, 3, 5)

    if is_free:
        check_listing(day, bar=bar, is_listed=False)
    else:
        with pytest.raises(PlatformBarred):
            check_listing(day, bar=bar, is_listed=False)


def test_listed_platform_is_not_listed_twice() -> None:
    """A second entry is refused, and so is a day to come."""
    with pytest.raises(PlatformListedAlready):
        check_listing(TODAY, bar=None, is_listed=True)
    with pytest.raises(ListingDayWrong):
        check_day(TODAY + timedelta(days=1), today=TODAY)
    check_day(TODAY, today=TODAY)


@pytest.mark.parametrize("ground", ["collusion", "fraud", "leak", "failed_review", "other"])
def test_grounds_that_rest_on_papers_need_no_count(ground: RemovalGround) -> None:
    """Collusion and the like are shown by the decision's paper (参考价 9)."""
    check_removal(ground, late=lateness([], today=TODAY), refusals=0)


def test_register_contradicts_what_it_does_not_hold() -> None:
    """Four late results are no five, and no refusal is none."""
    with pytest.raises(RemovalUnfounded):
        check_removal("late", late=lateness(FOUR, today=TODAY), refusals=3)
    with pytest.raises(RemovalUnfounded):
        check_removal("refused", late=lateness([*FOUR, FIRST], today=TODAY), refusals=0)
    check_removal("refused", late=lateness([], today=TODAY), refusals=1)


@pytest.mark.parametrize(
    "wrong",
    [{"is_licensed": False}, {"price_kinds": ("past", "past", "guide")}, {"data_is_true": False}, {"analyses": False}, {"runs_soundly": False}, {"retention_years": 9}],
)  # fmt: skip
def test_each_condition_is_needed(wrong: dict[str, object]) -> None:
    """Five conditions, all together (参考价 8(2))."""
    check_conditions(CONDITIONS, on=TODAY)
    with pytest.raises(PlatformConditionsNotMet):
        check_conditions(msgspec.structs.replace(CONDITIONS, **wrong), on=TODAY)


def test_all_listed_platforms_at_one_moment() -> None:
    """None left out, no stranger, one instant (参考价 10)."""
    at = datetime.fromisoformat("2027-03-01T09:00:00+08:00")
    check_recipients(["a", "b"], {"a": at, "b": at})
    with pytest.raises(PlatformUnconnected):
        check_recipients(["a", "b"], {"a": at})
    with pytest.raises(PlatformNotListed):
        check_recipients(["a"], {"a": at, "b": at})
    with pytest.raises(MandatesSentApart):
        check_recipients(["a", "b"], {"a": at, "b": at + timedelta(microseconds=1)})
