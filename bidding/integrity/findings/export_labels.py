"""Give what the court made of findings, as labels for the evaluation of screens: no code, no party, no case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec

from auction.kernel.db import Transaction
from bidding.integrity.findings.act_store import finding_of, spoken_on
from bidding.integrity.findings.acts import Label, label_of
from bidding.integrity.findings.findings import Value
from bidding.integrity.findings.store import findings_of_cases, set_aside_among

LABELS_MOST = 10_000
"""Most findings of one export, the strongest first."""


class LabelledFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding with its label; ``is_control``: the court cleared it, so it counts among the controls."""

    finding_id: UUID
    screen: str
    version: str
    facts: Mapping[str, Value]
    strength: float
    label: Label
    is_control: bool


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, counted."""

    format: str
    cleared: int
    acted_on: int
    open: int
    findings: tuple[LabelledFinding, ...]


async def export_labels(tx: Transaction, case_ids: Collection[UUID]) -> Labels:
    """Give the labels of the findings of these cases; facts that would name a code or a party are left out."""
    rows = await findings_of_cases(tx, case_ids, limit=LABELS_MOST)
    words = await spoken_on(tx, [row.finding_id for row in rows])
    set_aside = {finding_id for finding_id, case_id in await set_aside_among(tx, rows) if case_id in case_ids}
    found = []
    for row in rows:
        finding = finding_of(row)
        named = {*finding.subject.codes, *finding.subject.parties, *finding.subject.debtors, *finding.subject.rounds}
        said = (word for word in words[row.finding_id] if word.case_id is None or word.case_id in case_ids)
        label = label_of((word.spoken for word in said), is_set_aside=row.finding_id in set_aside)
        found.append(
            LabelledFinding(
                finding_id=row.finding_id,
                screen=row.screen,
                version=row.version,
                facts={name: fact for name, fact in finding.facts.items() if fact not in named},
                strength=row.strength,
                label=label,
                is_control=label == "cleared",
            )
        )
    counts = {label: sum(one.label == label for one in found) for label in ("cleared", "acted_on", "open")}
    return Labels(format="fapai-finding-labels-v1", findings=tuple(found), **counts)
