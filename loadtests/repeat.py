"""One answer from several runs: the median of each figure and ratio, and everything that broke in any of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from loadtests.outcome import RATIOS, Outcome


def median_of(outcomes: Sequence[Outcome]) -> Outcome:
    """Give the median outcome; a figure that one run lacks is left out, a violation in one run is a violation.

    Of an even number of runs the median is the mean of the two in the middle.
    """
    assert outcomes, "something was run"
    if len(outcomes) == 1:
        return outcomes[0]
    figures = {
        name: median(outcome.figures[name] for outcome in outcomes)
        for name in outcomes[0].figures
        if all(name in outcome.figures for outcome in outcomes)
    }
    return Outcome(
        figures=figures,
        ratios={name: _ratio([outcome.ratios.get(name) for outcome in outcomes]) for name in RATIOS},
        violations=_of_all([outcome.violations for outcome in outcomes]),
        notes=_of_all([outcome.notes for outcome in outcomes]),
    )


def _ratio(found: Sequence[float | None]) -> float | None:
    """Give the median of a ratio; ``None`` if one run did not measure it."""
    known = [one for one in found if one is not None]
    return median(known) if known and len(known) == len(found) else None


def _of_all(of_runs: Sequence[Sequence[str]]) -> list[str]:
    return [f"run {number}: {one}" for number, found in enumerate(of_runs, start=1) for one in found]
