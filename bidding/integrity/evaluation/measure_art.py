"""Measure false alarms on ordinary trade: the operating point fixed on half of the houses, checked on the other half, and the reverse.

The screens and `screens.operating_point` are those that run in the product. Fixing means: controls are fitted on one half, and the least
strength of a finding is raised until at most `ALLOWED_WHEN_FIXED` of that half's lots are flagged (each auction looked at with controls
of the others). It never lies below the product's own. The other half is only looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bidding.integrity.evaluation.art_lots import (
    ART_COLUMNS,
    JUDICIAL_COLUMNS,
    RecordedRounds,
    read_art,
    read_judicial,
)
from bidding.integrity.evaluation.files import ART, JUDICIAL, FileMissing, rows_of
from bidding.integrity.evaluation.rows import Figure, Row
from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.all_cross_lot import across_lots
from bidding.integrity.screens.all_screens import of_one_round
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.fitting import fit_baselines
from bidding.integrity.screens.operating_point import BESIDE_FROM, TOLD_FROM, told
from bidding.integrity.simulator.combining import combined

KEY: Final = "art_soft_close"
ALLOWED: Final = 0.01
ALLOWED_WHEN_FIXED: Final = 0.005
FEWEST_LOTS: Final = 20
STEP: Final = 0.25
STEPS_LIMIT: Final = 24

Flags = Mapping[str, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """With which controls rounds are compared, and from which strength on a finding counts."""

    baselines: Baselines
    least: float


def flags_of(records: Iterable[RoundRecord], point: OperatingPoint) -> Flags:
    """Give, for each flagged round, the findings of which a judge would be told. Rounds without any are not named."""
    found = findings_of(tuple(records), point.baselines)
    flagged = {name: told(one for one in findings if one.strength >= point.least) for name, findings in found.items()}
    return {name: findings for name, findings in flagged.items() if findings}


def findings_of(records: Sequence[RoundRecord], baselines: Baselines) -> dict[str, list[Finding]]:
    """Give for each round what every screen found: those of one round, and those across lots that name it."""
    found = {record.round_id: of_one_round(record, baselines) for record in records}
    for finding in across_lots(records, baselines):
        for name in finding.subject.rounds:
            if name in found:
                found[name].append(finding)
    return found


def is_one_behavioural(findings: Sequence[Finding]) -> bool:
    """Whether one behavioural screen alone flagged a round."""
    return len({one.screen for one in findings}) == 1 and findings[0].is_weak


def fix_point(records: Sequence[RoundRecord], auctions: Sequence[str]) -> OperatingPoint:
    """Fix the operating point on these rounds; the controls of a round never hold its own auction."""
    names = sorted(set(auctions))
    sides = [{name for at, name in enumerate(names) if at % 2 == side} for side in (0, 1)]
    parts = [[r for r, a in zip(records, auctions, strict=True) if a in side] for side in sides]
    findings = [
        found
        for part, other in ((parts[0], parts[1]), (parts[1], parts[0]))
        for found in findings_of(part, fit_baselines(other)).values()
    ]
    least = BESIDE_FROM
    for _ in range(STEPS_LIMIT):
        flagged = sum(bool(told(one for one in few if one.strength >= least)) for few in findings)
        if flagged <= ALLOWED_WHEN_FIXED * len(records):
            break
        least += STEP
    return OperatingPoint(baselines=fit_baselines(records), least=least)


def halves(names: Sequence[str]) -> tuple[set[str], set[str]]:
    """Deal houses (or auctions) into two halves of like size, the largest first, each to the smaller half."""
    sizes = Counter(names)
    dealt: tuple[set[str], set[str]] = (set(), set())
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        smaller = min(dealt, key=lambda half: sum(sizes[one] for one in half))
        smaller.add(name)
    return dealt


def measure_art(folder: Path) -> Row:
    """Measure the row. Raises `FileMissing`, `ColumnsMissing`."""
    lots = read_art(rows_of(folder, ART, ART_COLUMNS))
    by = lots.houses if len(set(lots.houses)) > 1 else lots.auctions
    first, second = halves(by)
    sides = [[at for at, name in enumerate(by) if name in half] for half in (first, second)]
    if min(map(len, sides)) < FEWEST_LOTS:
        return _row(lots, by, (), {})
    checked: dict[str, Flags] = {}
    points: list[OperatingPoint] = []
    for name, fixed, other in (("first", sides[0], sides[1]), ("second", sides[1], sides[0])):
        point = fix_point([lots.rounds[at] for at in fixed], [lots.auctions[at] for at in fixed])
        points.append(point)
        checked[f"fixed_on_{name}_half"] = flags_of([lots.rounds[at] for at in other], point)
    shares = [len(flags) / len(other) for flags, other in zip(checked.values(), sides[::-1], strict=True)]
    alone = sum(is_one_behavioural(one) for flags in checked.values() for one in flags.values())
    figures = (
        *(
            Figure(name=f"flagged_{name}", value=round(share, 5), reach=ALLOWED, at_most=True)
            for name, share in zip(checked, shares, strict=True)
        ),
        Figure(name="flagged_by_one_behavioural_screen", value=alone, reach=0, at_most=True),
    )
    more = {
        "flagged": {name: len(flags) for name, flags in checked.items()},
        "least_strength": [point.least for point in points],
        "halves": [sorted(first), sorted(second)] if len(by) and by is lots.houses else "by auction",
        "judicial": _judicial(folder, points[0]),
    }
    return _row(lots, by, figures, more)


def scores_of_ordinary(folder: Path) -> list[float]:
    """Give each ordinary lot's place in the order of review, with controls of the other half. Raises `FileMissing`."""
    lots = read_art(rows_of(folder, ART, ART_COLUMNS))
    by = lots.houses if len(set(lots.houses)) > 1 else lots.auctions
    parts = [[lots.rounds[at] for at, name in enumerate(by) if name in half] for half in halves(by)]
    return [
        combined(found)
        for part, other in ((parts[0], parts[1]), (parts[1], parts[0]))
        for found in findings_of(part, fit_baselines(other)).values()
    ]


def _judicial(folder: Path, point: OperatingPoint) -> dict[str, Any]:
    """Look at the recorded judicial lots, too: how many are flagged at the first point."""
    try:
        lots = read_judicial(rows_of(folder, JUDICIAL, JUDICIAL_COLUMNS))
    except FileMissing:
        return {"data": JUDICIAL, "state": "missing"}
    flags = flags_of(lots.rounds, point)
    return {"data": JUDICIAL, "lots": len(lots.rounds), "flagged": len(flags), "left_out": lots.left_out}


def _row(lots: RecordedRounds, by: Sequence[str], figures: tuple[Figure, ...], more: Mapping[str, Any]) -> Row:
    return Row(
        key=KEY,
        data=ART,
        protocol_zh="工作点以一半拍卖行确定，在另一半上检验，并对调；被标记的标的占比",
        protocol_en="operating point fixed on half of the houses, checked on the others, and the reverse; share of lots flagged",
        state="measured" if figures else "too_small",
        figures=figures,
        counts={"lots": len(lots.rounds), "houses": len(set(lots.houses)), "rows_left_out": lots.left_out},
        choices={
            "told_from": TOLD_FROM,
            "beside_from": BESIDE_FROM,
            "allowed_when_fixed": ALLOWED_WHEN_FIXED,
            "split_by": "house" if by is lots.houses else "auction (one house only)",
            **more,
        },
        notes_zh=("普通交易没有标签：每个标记都按误报计算。",),
        notes_en=("Ordinary trade without labels: every flag counts as a false alarm.",),
    )
