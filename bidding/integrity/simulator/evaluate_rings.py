"""Evaluate rings: simulate a market, run every screen over it as the product would, and count what the review reaches.

1. Screens see records and decided links, nothing else; their controls are fitted on the same rounds, without labels.
2. New screens count as soon as they stand in `screens.all_screens`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.all_cross_lot import across_lots
from bidding.integrity.screens.all_screens import of_one_round
from bidding.integrity.screens.fitting import fit_baselines
from bidding.integrity.simulator.generator import Simulation
from bidding.integrity.simulator.parameters import Parameters
from bidding.integrity.simulator.recall import RingsReport, report

Links: TypeAlias = Iterable[tuple[str, str]]
Screening: TypeAlias = Callable[[Sequence[RoundRecord], Links], Iterable[Finding]]
Tell: TypeAlias = Callable[[str], None]


def tell_nobody(_said: str) -> None:
    """Tell nobody of progress."""


def evaluate_rings(
    parameters: Parameters,
    seed: int,
    lots: int | None = None,
    *,
    screening: Screening | None = None,
    tell: Tell = tell_nobody,
) -> RingsReport:
    """Simulate, screen and count; with the product's screens unless others are given."""
    simulation = Simulation(parameters, seed, lots)
    tell("模拟 simulating")
    records = list(simulation.records())
    tell(f"筛查 screening {len(records)}")
    links = sorted((min(pair), max(pair)) for pair in simulation.truth.decided_links)
    findings = list((screening or every_screen)(records, links))
    tell("统计 counting")
    return report(records, findings, simulation.truth, parameters=parameters.version, seed=seed)


def every_screen(records: Sequence[RoundRecord], links: Links) -> Iterator[Finding]:
    """Run the screens of the product: those of one round, and those across lots."""
    baselines = fit_baselines(records, links)
    for record in records:
        yield from of_one_round(record, baselines)
    yield from across_lots(records, baselines)
