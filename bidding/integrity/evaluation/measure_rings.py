"""Measure recall on simulated rings at a review of one lot in a hundred. The full market is `fapai simulate-rings`; this row takes a smaller one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from bidding.integrity.evaluation.files import FileMissing
from bidding.integrity.evaluation.measure_art import ALLOWED, scores_of_ordinary
from bidding.integrity.evaluation.rows import Figure, Row
from bidding.integrity.simulator.evaluate_rings import evaluate_rings
from bidding.integrity.simulator.parameters import committed_parameters
from bidding.integrity.simulator.recall import RingRow, RingsReport

KEY: Final = "simulator"
LOTS: Final = 10_000


def measure_rings(folder: Path, lots: int = LOTS) -> list[Row]:
    """Measure the row: the market needs no file, its parameters are committed; ordinary lots of a file are flagged at its threshold."""
    parameters = committed_parameters()
    report = evaluate_rings(parameters, parameters.seed, lots)
    return [as_row(report, _ordinary(folder, report.threshold))]


def _ordinary(folder: Path, threshold: float) -> float | None:
    """Give the share of recorded ordinary lots that the same threshold would send to review; None without their file."""
    try:
        scores = scores_of_ordinary(folder)
    except FileMissing:
        return None
    return round(sum(score >= threshold for score in scores) / len(scores), 5) if scores else None


def as_row(report: RingsReport, ordinary: float | None) -> Row:
    """Give the report of a simulated market as a row of the table."""
    false_alarms = (
        Figure(name="false_alarm_share", value=report.false_alarm_share),
        Figure(name="ordinary_lots_flagged_at_its_threshold", value=ordinary, reach=ALLOWED, at_most=True),
    )
    return Row(
        key=KEY,
        data="bidding/integrity/simulator/parameters.toml",
        protocol_zh="模拟市场，复核预算为标的的1%时的召回率（参数在调整筛查之前已固定）",
        protocol_en="simulated market, recall at a review of 1 % of lots (parameters fixed before screens were tuned)",
        figures=(*(_figure(row) for row in report.rows), *false_alarms),
        counts={
            "lots": report.lots,
            "rounds": report.rounds,
            "reviewed": report.reviewed,
            "rigged": report.rigged,
            "lots_of_each": {row.kind: row.all.lots for row in report.rows},
        },
        choices={
            "seed": report.seed,
            "parameters": report.parameters,
            "budget": report.budget,
            "threshold": report.threshold,
            "intervals": {row.kind: [row.all.low, row.all.high] for row in report.rows},
            "screens": msgspec.to_builtins(report.screens),
        },
        notes_zh=("完整市场（十万个标的）由 fapai simulate-rings 检验；本行标的较少，区间较宽。",),
        notes_en=(
            "The full market of 100,000 lots is measured by `fapai simulate-rings`; here are fewer lots and wider intervals.",
        ),
    )


def _figure(row: RingRow) -> Figure:
    return Figure(name=row.kind, value=row.all.recall if row.all.lots else None, reach=row.aim)
