"""Raise findings and tell the judge of those that pass the operating point: each stored once, each told once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.contracts import FindingRaised
from auction.kernel.db import Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import enqueue
from bidding.integrity.findings.findings import Finding
from bidding.integrity.findings.store import raise_findings
from bidding.integrity.findings.tables import FindingRow
from bidding.integrity.screens.operating_point import is_kept, told

NOTE_FINDING = "sale.note_finding"
MOST_FINDINGS = 1_000
"""So many findings on one round are looked at together."""


async def raise_and_tell(tx: Transaction, findings: Iterable[Finding], case_of: dict[str, UUID]) -> tuple[UUID, ...]:
    """Store what is new and send a word for whatever is told now; gives the ids of the new ones.

    A weak finding that stood alone is told when another screen finds something on the same round.
    """
    kept = [finding for finding in findings if is_kept(finding)]
    new = await raise_findings(tx, kept, case_of)
    for round_id in sorted({name for finding in kept for name in finding.subject.rounds if name in case_of}):
        await _tell(tx, round_id, case_of[round_id])
    return new


async def findings_on(tx: Transaction, round_id: str) -> Sequence[Finding]:
    """Give every finding about a round, the strongest first."""
    found = select(FindingRow.finding).where(FindingRow.round_ids.contains([round_id]))
    rows = (await tx.session.scalars(found.order_by(FindingRow.strength.desc()).limit(MOST_FINDINGS))).all()
    return [msgspec.convert(row, Finding) for row in rows]


async def _tell(tx: Transaction, round_id: str, case_id: UUID) -> None:
    for finding in told(await findings_on(tx, round_id)):
        word = FindingRaised(
            case_id=case_id,
            finding_id=finding.finding_id,
            round_id=UUID(round_id),
            screen=finding.screen,
            strength=finding.strength,
            raised_at=tx.now,
        )
        once = named_id("finding-told", str(finding.finding_id), str(case_id))
        await enqueue(tx, NOTE_FINDING, word, only_once_as=once)
