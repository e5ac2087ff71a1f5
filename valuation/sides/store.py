"""SQL of sides: who stated whom as representative."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from valuation.parties import CaseParty
from valuation.sides.speaking import OnSide, on_sides


class Representation(msgspec.Struct, frozen=True, kw_only=True):
    """What a paper states: ``representative_id`` speaks for ``party_id``; ``None``: it speaks for itself again."""

    party_id: UUID
    representative_id: UUID | None


async def add_representation(tx: Transaction, stated: Representation, *, case_id: UUID, paper_id: UUID) -> None:
    """Record a statement that two persons vouch for."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.party_representative (paper_id, case_id, party_id, representative_id, stated_at) "
            "VALUES (:paper_id, :case_id, :party_id, :representative_id, :now)"
        ),
        {**msgspec.structs.asdict(stated), "case_id": case_id, "paper_id": paper_id, "now": tx.now},
    )


async def representatives(tx: Transaction, case_id: UUID) -> dict[UUID, UUID]:
    """Give who stated whom, by the newest statement of each party; whoever took it back is not here."""
    rows = await tx.session.execute(
        text(
            "SELECT DISTINCT ON (party_id) party_id, representative_id FROM valuation.party_representative "
            "WHERE case_id = :id ORDER BY party_id, stated_at DESC, paper_id DESC"
        ),
        {"id": case_id},
    )
    return {row.party_id: row.representative_id for row in rows if row.representative_id is not None}


async def sides_of(tx: Transaction, case_id: UUID, parties: Iterable[CaseParty]) -> list[OnSide]:
    """Give every party of both sides of a case with who speaks for it now."""
    return on_sides(((party.party_id, party.role) for party in parties), await representatives(tx, case_id))
