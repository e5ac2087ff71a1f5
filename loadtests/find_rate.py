"""Find the highest rate that a house bears: each rate is tried in a run of its own, on a house of its own. Pure.

1. A rate is borne if the run's verdict is right, nothing stayed unsent or unanswered, and the corrected p99 is within the bound.
2. From the first rate the search doubles (or halves) until one rate is borne and one is not; then it halves the distance,
   by ratio, until the two are within `CLOSE_ENOUGH`, or `TRIALS_LIMIT` runs were made. It gives the highest rate that was borne.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from loadtests.open_model import ARRIVALS_LIMIT
from loadtests.outcome import Outcome

TRIALS_LIMIT: Final = 16
CLOSE_ENOUGH: Final = 1.05
LEAST_RATE: Final = 1.0


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One rate that was tried."""

    rate: float
    p99_ms: float
    why_not: str
    """Why it was not borne; empty: it was."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found."""

    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial | None:
        """The highest rate that was borne; ``None``: not even the lowest one that was tried."""
        return max((one for one in self.trials if not one.why_not), key=lambda one: one.rate, default=None)

    @property
    def broken(self) -> list[str]:
        """What was wrong (not merely slow) at any rate."""
        return [f"at {one.rate:g}/s: {one.why_not}" for one in self.trials if one.why_not.startswith("broken")]


async def find_rate(
    attempt: Callable[[float], Awaitable[Outcome]],
    *,
    first: float,
    p99_ms: float,
    seconds: float,
    tell: Callable[[Trial], None],
) -> Found:
    """Search; ``attempt`` runs the scenario at a rate (rule 2)."""
    trials: list[Trial] = []
    most = ARRIVALS_LIMIT / seconds
    rate: float | None = first
    while rate is not None and len(trials) < TRIALS_LIMIT:
        outcome = await attempt(rate)
        trials.append(judge(rate, outcome, p99_ms=p99_ms))
        tell(trials[-1])
        rate = next_rate(trials, most=most)
    return Found(trials=tuple(trials))


def judge(rate: float, outcome: Outcome, *, p99_ms: float) -> Trial:
    """Say whether a rate was borne (rule 1)."""
    found = outcome.figures["ack_p99_ms"]
    return Trial(rate=rate, p99_ms=found, why_not=_why_not(outcome, found, p99_ms))


def next_rate(trials: list[Trial], *, most: float) -> float | None:
    """Give the rate to try next; ``None``: the answer is known (rule 2)."""
    borne = max((one.rate for one in trials if not one.why_not), default=None)
    failed = min((one.rate for one in trials if one.why_not and (borne is None or one.rate > borne)), default=None)
    if failed is None:
        assert borne is not None, "something was tried"
        return min(borne * 2, most) if borne < most else None
    if borne is None:
        return failed / 2 if failed / 2 >= LEAST_RATE else None
    return math.sqrt(borne * failed) if failed / borne > CLOSE_ENOUGH else None


def _why_not(outcome: Outcome, found_ms: float, p99_ms: float) -> str:
    if outcome.figures.get("unanswered"):
        return f"{outcome.figures['unanswered']:g} bids without an answer"
    if outcome.violations:
        return f"broken: {outcome.violations[0]}"
    if outcome.figures.get("unsent"):
        return f"{outcome.figures['unsent']:g} arrivals unsent"
    return f"p99 is {found_ms:g} ms" if found_ms > p99_ms else ""
