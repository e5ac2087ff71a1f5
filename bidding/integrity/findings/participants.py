"""Of whom a finding is: the codes of a round that it names, or, once the round is over, those behind the parties that it names.

Who stands behind a code is known in the sale alone; what is needed of it crosses through `Participants`.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from auction.contracts import RoundRoster
from auction.kernel.db import Transaction
from auction.kernel.persons import Kind
from bidding.integrity.findings.act_store import finding_of, record_of_round
from bidding.integrity.findings.acts import CodeNotOfFinding
from bidding.integrity.findings.findings import Finding
from bidding.integrity.findings.tables import FindingRow


class Participants(Protocol):
    """What the sale tells of its bidders: to a bidder his own code, of others a name, and that only after the close."""

    async def own_code(self, tx: Transaction, round_id: UUID, person_id: UUID) -> str | None:
        """Give this person's own code of a round, ``None`` if he has none."""
        ...

    async def name_behind(self, tx: Transaction, round_id: UUID, code: str) -> str:
        """Give the full name behind a code of a round that is over; every call was put on record before."""
        ...

    async def kind_behind(self, tx: Transaction, round_id: UUID, code: str) -> Kind:
        """Say whether a natural person or an organisation stands behind a code of an opened roster."""
        ...


def codes_of(finding: Finding, round_id: str, roster: RoundRoster | None) -> tuple[str, ...]:
    """Give the codes of a round that a finding is about; without a code or a party named, all who were qualified."""
    if round_id not in finding.subject.rounds:
        return ()
    if roster is None:
        return finding.subject.codes
    every = [entry.code for entry in roster.entries]
    named = set(finding.subject.codes) & set(every)
    named |= {entry.code for entry in roster.entries if entry.party in finding.subject.parties}
    return tuple(code for code in every if code in named) or tuple(every)


def roster_of(roster: object) -> RoundRoster:
    """Read a roster as it was handed over."""
    return msgspec.convert(roster, RoundRoster)


async def require_code_of_finding(tx: Transaction, row: FindingRow, round_id: UUID, code: str) -> None:
    """Refuse a code of which the finding says nothing (`CodeNotOfFinding`)."""
    record = await record_of_round(tx, round_id)
    roster = None if record is None else roster_of(record.roster)
    if code not in codes_of(finding_of(row), str(round_id), roster):
        raise CodeNotOfFinding(code=code, field="code")
