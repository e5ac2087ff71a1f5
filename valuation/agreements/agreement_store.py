"""SQL of agreements: who was asked until when, and their sealed proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from valuation.agreements.agreement import AgreementState, AgreementUnknown, Proposal
from valuation.sides.speaking import OnSide, Side, speakers


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One agreement as stored; its id is that of its step."""

    step_id: UUID
    case_id: UUID
    asset_id: UUID
    until: date
    """Last day for proposals."""
    deadline_at: datetime
    """First instant at which a proposal is late."""
    state: AgreementState
    closed_at: datetime | None = None


async def add_agreement(tx: Transaction, agreement: Agreement, parties: Sequence[OnSide]) -> None:
    """Record an agreement and whom it asks, and whom through another of his side."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.agreement (step_id, case_id, asset_id, until, deadline_at, state) "
            "VALUES (:step_id, :case_id, :asset_id, :until, :deadline_at, 'open')"
        ),
        agreement.__dict__,
    )
    for party in parties:
        await tx.session.execute(
            text(
                "INSERT INTO valuation.agreement_invited (step_id, party_id, side, represented_by) "
                "VALUES (:step_id, :party_id, :side, :represented_by)"
            ),
            {"step_id": agreement.step_id, **msgspec.structs.asdict(party)},
        )


async def agreement(tx: Transaction, step_id: UUID) -> Agreement:
    """Give an agreement; raises `AgreementUnknown`."""
    rows = await tx.session.execute(
        text(
            "SELECT step_id, case_id, asset_id, until, deadline_at, state, closed_at FROM valuation.agreement "
            "WHERE step_id = :id"
        ),
        {"id": step_id},
    )
    found = rows.one_or_none()
    if found is None:
        raise AgreementUnknown
    return Agreement(**found._mapping)


async def parties_of(tx: Transaction, step_id: UUID) -> list[OnSide]:
    """Give the parties of both sides as the agreement found them."""
    rows = await tx.session.execute(
        text(
            "SELECT party_id, side, represented_by FROM valuation.agreement_invited WHERE step_id = :id "
            "ORDER BY side, party_id"
        ),
        {"id": step_id},
    )
    return [OnSide(**row) for row in rows.mappings()]


async def invited(tx: Transaction, step_id: UUID) -> dict[UUID, Side]:
    """Give whom the agreement asks, with the side of each; who speaks through another is not asked."""
    return speakers(await parties_of(tx, step_id))


async def add_proposal(
    tx: Transaction,
    *,
    step_id: UUID,
    party_id: UUID,
    proposal: Proposal,
    proposed_at: datetime,
    document_sha256: str | None,
    recorded_by: UUID | None,
    paper_id: UUID | None,
) -> None:
    """Keep a proposal sealed; the amount stands nowhere in the clear. ``recorded_by``: who typed a paper of the party."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.agreement_proposal (step_id, party_id, sealed, document_sha256, recorded_by, proposed_at, "
            "paper_id) VALUES (:step_id, :party_id, :sealed, :document, :recorded_by, :at, :paper_id)"
        ),
        {
            "step_id": step_id,
            "party_id": party_id,
            "sealed": tx.sealer.seal(msgspec.json.encode(proposal).decode()),
            "document": document_sha256,
            "recorded_by": recorded_by,
            "at": proposed_at,
            "paper_id": paper_id,
        },
    )


async def proposed_at(tx: Transaction, step_id: UUID) -> dict[UUID, datetime]:
    """Give who has proposed, and when; not what."""
    rows = await tx.session.execute(
        text("SELECT party_id, proposed_at FROM valuation.agreement_proposal WHERE step_id = :id"), {"id": step_id}
    )
    return {row.party_id: row.proposed_at for row in rows}


async def recorders(tx: Transaction, step_id: UUID) -> dict[str, set[UUID]]:
    """Give for each side the officers who typed its papers."""
    rows = await tx.session.execute(
        text(
            "SELECT i.side, p.recorded_by FROM valuation.agreement_proposal p JOIN valuation.agreement_invited i "
            "USING (step_id, party_id) WHERE p.step_id = :id AND p.recorded_by IS NOT NULL"
        ),
        {"id": step_id},
    )
    found: dict[str, set[UUID]] = {}
    for row in rows:
        found.setdefault(row.side, set()).add(row.recorded_by)
    return found


async def open_proposals(tx: Transaction, step_id: UUID) -> dict[UUID, Proposal]:
    """Open the seals; only `close_agreement` calls this, when nothing more can come, and what shows a closed agreement."""
    rows = await tx.session.execute(
        text("SELECT party_id, sealed FROM valuation.agreement_proposal WHERE step_id = :id ORDER BY party_id"),
        {"id": step_id},
    )
    return {row.party_id: msgspec.json.decode(tx.sealer.open(row.sealed), type=Proposal) for row in rows}


async def set_state(tx: Transaction, step_id: UUID, state: AgreementState) -> None:
    """Note how the agreement stands."""
    await tx.session.execute(
        text(
            "UPDATE valuation.agreement SET state = :state, closed_at = coalesce(closed_at, :now) WHERE step_id = :id"
        ),
        {"id": step_id, "state": state, "now": tx.now},
    )
