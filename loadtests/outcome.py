"""What a scenario found: figures, ratios, verdict; and the thresholds that a tester may set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from loadtests.open_model import Load

RATIOS: Final = ("row_lock", "bare_function", "bare_send")
SHOWN_LIMIT: Final = 5
"""Violations that the verdict names; their number is always said."""


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """A bound on one figure or ratio by its name."""

    side: Literal["min", "max"]
    figure: str
    bound: float


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds that a run must keep; ``None``: no bound."""

    max_ack_p99_ms: float | None = None
    max_send_lag_p99_ms: float | None = None
    max_unsent: float | None = None
    min_durable_bids_per_s: float | None = None
    min_deliveries_per_s: float | None = None
    min_row_lock: float | None = None
    min_bare_function: float | None = None
    max_bare_send: float | None = None
    bounds: tuple[Bound, ...] = ()
    """Bounds on any other figures."""


NAMED: Final = tuple(name for name in Thresholds.__struct_fields__ if name != "bounds")
"""Thresholds with an option of their own."""


class Outcome(msgspec.Struct, kw_only=True):
    """Everything that a run found."""

    figures: dict[str, float]
    ratios: dict[str, float | None] = msgspec.field(default_factory=lambda: dict.fromkeys(RATIOS))
    violations: list[str] = msgspec.field(default_factory=list)
    """What the checker found, one sentence each."""
    notes: list[str] = msgspec.field(default_factory=list)
    """What a reader must know of these figures, one sentence each; breaks nothing."""


def last_line(scenario: str, seed: int, outcome: Outcome, thresholds: Thresholds) -> dict[str, object]:
    """Give the last line of ``--json``."""
    return {
        "scenario": scenario,
        "seed": seed,
        "figures": outcome.figures,
        "ratios": outcome.ratios,
        "verdict": verdict(outcome, thresholds),
    }


def verdict(outcome: Outcome, thresholds: Thresholds) -> str:
    """Give ``ok``, or what broke: correctness first, then each threshold that was missed."""
    broken = list(outcome.violations[:SHOWN_LIMIT])
    if len(outcome.violations) > SHOWN_LIMIT:
        broken.append(f"{len(outcome.violations)} violations in all")
    return "; ".join([*broken, *missed(outcome, thresholds)]) or "ok"


def missed(outcome: Outcome, thresholds: Thresholds) -> list[str]:
    """Name each threshold that the figures do not keep; a figure that was not measured keeps none."""
    found: Mapping[str, float | None] = {**outcome.figures, **outcome.ratios}
    return [sentence for one in _bounds(thresholds) if (sentence := _missed(one, found.get(one.figure)))]


def _bounds(thresholds: Thresholds) -> Iterator[Bound]:
    for name in NAMED:
        side, _, figure = name.partition("_")
        bound = getattr(thresholds, name)
        if bound is not None:
            yield Bound(side="max" if side == "max" else "min", figure=figure, bound=bound)
    yield from thresholds.bounds


def _missed(one: Bound, value: float | None) -> str:
    if value is not None and (value <= one.bound if one.side == "max" else value >= one.bound):
        return ""
    return f"{one.figure} is {'not measured' if value is None else value}, {one.side} {one.bound:g}"


def load_figures(load: Load) -> dict[str, float]:
    """Give the figures that every open run has."""
    corrected, uncorrected = load.latencies.corrected.summary(), load.latencies.uncorrected.summary()
    return {
        "ack_p50_ms": corrected.p50_ms,
        "ack_p90_ms": corrected.p90_ms,
        "ack_p99_ms": corrected.p99_ms,
        "ack_p999_ms": corrected.p999_ms,
        "ack_worst_ms": corrected.worst_ms,
        "ack_uncorrected_p50_ms": uncorrected.p50_ms,
        "ack_uncorrected_p99_ms": uncorrected.p99_ms,
        "send_lag_p99_ms": load.lag.summary().p99_ms,
        "offered": load.offered,
        "sent": load.sent,
        "unsent": load.unsent,
        "answered": load.answered,
        "unanswered": load.unanswered,
    }


def ratio(of: float, to: float | None, *, digits: int = 3) -> float | None:
    """Give ``of`` as so many times ``to``; ``None`` without anything to compare with."""
    return round(of / to, digits) if to else None
