"""Recall: how many rigged lots the review reaches at its budget, and how many honest ones it looks at instead. Pure.

1. Lots are put in order by what their findings come to together (`combining`),
   strengths being published calibrations against matched controls; labels come in only when it is counted.
2. The review looks at one lot in a hundred (`BUDGET`), at none without a finding; lots that tie at the end of the budget are taken in
   an order that has nothing to do with them.
3. False alarms are counted at that same point: reviewed lots that are not rigged.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.simulator.combining import combined
from bidding.integrity.simulator.truth import RingLot, Truth

BUDGET: Final = 0.01
AIMS: Final[Mapping[str, float]] = {"one_controller_decided": 0.9, "silent_room": 0.6, "planned_default": 0.6}
"""Recall that was asked for; the other rows are reported."""
SURE: Final = 1.96
"""Intervals are Wilson's, of 95 %."""

Ranked = list[tuple[str, float]]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the rigged lots: how many there were, and how many the review reached."""

    lots: int
    found: int
    recall: float
    low: float
    high: float


class RingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of ring."""

    kind: str
    all: Found
    rings: int
    rings_found: int
    """Rings of which at least one lot was reached."""
    by_size: Mapping[str, Found]
    by_discipline: Mapping[str, Found]
    by_effect: Mapping[str, Found]
    screens: Mapping[str, int]
    """How many of the reached lots each screen pointed at."""
    aim: float | None
    holds: bool | None


class RingsReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole evaluation."""

    parameters: str
    seed: int
    lots: int
    rounds: int
    budget: float
    reviewed: int
    threshold: float
    """The score of the last lot that was reviewed: the operating point."""
    rigged: int
    rigged_found: int
    false_alarms: int
    false_alarm_share: float
    """Of the honest lots."""
    false_alarms_by_screen: Mapping[str, int]
    screens: Mapping[str, str]
    """Screens that found anything, with their versions."""
    rows: tuple[RingRow, ...]

    @property
    def holds(self) -> bool:
        """Whether every recall that was asked for was reached; a part without lots asks for nothing."""
        return all(row.holds is not False for row in self.rows)


def rank(records: Iterable[RoundRecord], findings: Iterable[Finding]) -> tuple[Ranked, dict[str, set[str]]]:
    """Give the lots with a score, the highest first, and the screens that pointed at each lot."""
    lot_of = {record.round_id: record.lot_id for record in records}
    by_lot: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        for lot in dict.fromkeys(lot_of[one] for one in finding.subject.rounds if one in lot_of):
            by_lot[lot].append(finding)
    scored = [(lot, score) for lot, found in by_lot.items() if (score := combined(found)) > 0]
    scored.sort(key=lambda one: (-one[1], _lottery(one[0])))
    return scored, {lot: {finding.screen for finding in found} for lot, found in by_lot.items()}


def report(
    records: Sequence[RoundRecord], findings: Sequence[Finding], truth: Truth, *, parameters: str, seed: int
) -> RingsReport:
    """Count what the review at its budget reaches."""
    lots = {record.lot_id for record in records}
    ranked, pointed = rank(records, findings)
    reviewed = ranked[: round(BUDGET * len(lots))]
    reached = {lot for lot, _ in reviewed}
    false = reached - set(truth.lots)
    return RingsReport(
        parameters=parameters,
        seed=seed,
        lots=len(lots),
        rounds=len(records),
        budget=BUDGET,
        reviewed=len(reviewed),
        threshold=round(reviewed[-1][1], 3) if reviewed else 0.0,
        rigged=len(truth.lots),
        rigged_found=len(reached & set(truth.lots)),
        false_alarms=len(false),
        false_alarm_share=round(len(false) / max(1, len(lots) - len(truth.lots)), 5),
        false_alarms_by_screen=_screens(false, pointed),
        screens={one.screen: one.version for one in sorted(findings, key=lambda one: one.screen)},
        rows=tuple(_rows(truth, reached, pointed)),
    )


def _rows(truth: Truth, reached: set[str], pointed: Mapping[str, set[str]]) -> Iterable[RingRow]:
    kinds: defaultdict[str, list[RingLot]] = defaultdict(list)
    for lot in truth.lots.values():
        kinds[lot.kind].append(lot)
        if lot.kind == "one_controller":
            kinds[f"one_controller_{'decided' if lot.has_decided_link else 'undecided'}"].append(lot)
    for kind, lots in kinds.items():
        yield _row(kind, lots, reached, pointed)


def _row(kind: str, lots: Sequence[RingLot], reached: set[str], pointed: Mapping[str, set[str]]) -> RingRow:
    found = [lot for lot in lots if lot.lot_id in reached]
    everything, aim = _found(lots, reached), AIMS.get(kind)
    return RingRow(
        kind=kind,
        all=everything,
        rings=len({lot.ring for lot in lots}),
        rings_found=len({lot.ring for lot in found}),
        by_size=_parts(lots, reached, lambda lot: str(lot.size)),
        by_discipline=_parts(lots, reached, lambda lot: _band(lot.discipline, 0.1)),
        by_effect=_parts(lots, reached, lambda lot: _band(lot.effect, 0.05)),
        screens=_screens({lot.lot_id for lot in found}, pointed),
        aim=aim,
        holds=None if aim is None else everything.recall >= aim,
    )


def _parts(lots: Sequence[RingLot], reached: set[str], of: Callable[[RingLot], str]) -> dict[str, Found]:
    parts: defaultdict[str, list[RingLot]] = defaultdict(list)
    for lot in lots:
        parts[of(lot)].append(lot)
    return {name: _found(parts[name], reached) for name in sorted(parts)}


def _found(lots: Sequence[RingLot], reached: set[str]) -> Found:
    found = sum(lot.lot_id in reached for lot in lots)
    low, high = _interval(found, len(lots))
    return Found(lots=len(lots), found=found, recall=round(found / len(lots), 4), low=low, high=high)


def _interval(found: int, of: int) -> tuple[float, float]:
    share, wide = found / of, SURE**2 / of
    middle = (share + wide / 2) / (1 + wide)
    half = math.sqrt(share * (1 - share) * wide + wide**2 / 4) / (1 + wide)
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def _band(value: float, width: float) -> str:
    """Name the band of a value: its lower end and its upper one."""
    low = math.floor(round(value / width, 6)) * width
    return f"{low:.2f}-{low + width:.2f}"


def _screens(lots: set[str], pointed: Mapping[str, set[str]]) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for lot in lots:
        for screen in pointed[lot]:
            counts[screen] += 1
    return dict(sorted(counts.items()))


def _lottery(lot: str) -> bytes:
    """Give the place of a lot among equals."""
    return hashlib.blake2b(lot.encode(), digest_size=8).digest()
