"""Medians of several runs, and the search for the highest rate."""

from __future__ import annotations

import pytest

from loadtests.find_rate import CLOSE_ENOUGH, TRIALS_LIMIT, Trial, find_rate, judge
from loadtests.outcome import Outcome
from loadtests.repeat import median_of


def test_figures_and_ratios_are_medians() -> None:
    """Of three runs each figure and ratio is the one in the middle."""
    runs = [
        Outcome(
            figures={"ack_p99_ms": p99, "only_once": 1.0} if p99 < 2 else {"ack_p99_ms": p99}, ratios={"row_lock": r}
        )
        for p99, r in ((1.0, 3.0), (9.0, 2.0), (4.0, 7.0))
    ]
    found = median_of(runs)

    assert found.figures == {"ack_p99_ms": 4.0}
    assert found.ratios == {"row_lock": 3.0, "bare_function": None, "bare_send": None}


def test_ratio_that_one_run_lacks_is_not_measured() -> None:
    """A median is never made of fewer runs than were asked for."""
    runs = [Outcome(figures={}, ratios={"row_lock": one}) for one in (1.0, None, 3.0)]

    assert median_of(runs).ratios["row_lock"] is None


def test_violation_of_any_run_stays() -> None:
    """What broke in one of the runs breaks the whole, and says in which."""
    runs = [Outcome(figures={}), Outcome(figures={}, violations=["gap: 3"], notes=["busy"]), Outcome(figures={})]

    assert median_of(runs).violations == ["run 2: gap: 3"]
    assert median_of(runs).notes == ["run 2: busy"]


def test_single_run_is_its_own_median() -> None:
    """One run is given as it is."""
    outcome = Outcome(figures={"a": 1.0}, violations=["b"])

    assert median_of([outcome]) is outcome


def _house(bears: float) -> Outcome:
    return Outcome(figures={"ack_p99_ms": bears, "unanswered": 0, "unsent": 0})


@pytest.mark.parametrize("limit", [3.0, 99.0, 1_000.0, 1_234.0, 40_000.0])
async def test_search_ends_just_below_what_is_borne(limit: float) -> None:
    """Whatever a house bears is found to within a twentieth, from a first guess far off."""

    async def attempt(rate: float) -> Outcome:
        return _house(50.0 if rate <= limit else 500.0)

    found = await find_rate(attempt, first=1_000.0, p99_ms=100.0, seconds=5.0, tell=lambda _: None)

    assert found.best is not None
    assert limit / CLOSE_ENOUGH <= found.best.rate <= limit
    assert len(found.trials) <= TRIALS_LIMIT
    assert found.broken == []


async def test_search_gives_up_where_nothing_is_borne() -> None:
    """A house that is always late ends the search without a rate."""

    async def attempt(_rate: float) -> Outcome:
        return _house(101.0)

    found = await find_rate(attempt, first=8.0, p99_ms=100.0, seconds=5.0, tell=lambda _: None)

    assert found.best is None
    assert [one.rate for one in found.trials] == [8.0, 4.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("outcome", "why_not"),
    [
        (_house(100.0), ""),
        (_house(100.1), "p99 is 100.1 ms"),
        (Outcome(figures={"ack_p99_ms": 1.0, "unsent": 2}), "2 arrivals unsent"),
        (
            Outcome(figures={"ack_p99_ms": 1.0, "unanswered": 1}, violations=["unanswered: 1"]),
            "1 bids without an answer",
        ),
        (Outcome(figures={"ack_p99_ms": 1.0}, violations=["gap: 7"]), "broken: gap: 7"),
    ],
)
def test_rate_is_borne_only_if_all_is_right(outcome: Outcome, why_not: str) -> None:
    """At the bound is borne; late, unsent, unanswered or wrong is not."""
    assert judge(5.0, outcome, p99_ms=100.0) == Trial(rate=5.0, p99_ms=outcome.figures["ack_p99_ms"], why_not=why_not)
