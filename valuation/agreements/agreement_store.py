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
from valuation.parties import CaseParty


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


async def add_agreement(tx: Transaction, agreement: Agreement, invited: Sequence[CaseParty]) -> None:
    """Record an agreement and whom it asks."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.agreement (step_id, case_id, asset_id, until, deadline_at, state) "
            "VALUES (:step_id, :case_id, :asset_id, :until, :deadline_at, 'open')"
        ),
        agreement.__dict__,
    )
    for party in invited:
        await tx.session.execute(
            text(
                "INSERT INTO valuation.agreement_invited (step_id, party_id, side) VALUES (:step_id, :party_id, :side)"
            ),
            {"step_id": agreement.step_id, "party_id": party.party_id, "side": party.role},
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


async def invited(tx: Transaction, step_id: UUID) -> dict[UUID, str]:
    """Give whom the agreement asks, with the side of each."""
    rows = await tx.session.execute(
        text("SELECT party_id, side FROM valuation.agreement_invited WHERE step_id = :id ORDER BY side, party_id"),
        {"id": step_id},
    )
    return {row.party_id: row.side for row in rows}


async def add_proposal(
    tx: Transaction,
    *,
    step_id: UUID,
    party_id: UUID,
    proposal: Proposal,
    document_sha256: str | None,
    recorded_by: UUID | None,
) -> None:
    """Keep a proposal sealed; the amount stands nowhere in the clear. ``recorded_by``: who typed a paper of the party."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.agreement_proposal (step_id, party_id, sealed, document_sha256, recorded_by, proposed_at) "
            "VALUES (:step_id, :party_id, :sealed, :document, :recorded_by, :now)"
        ),
        {
            "step_id": step_id,
            "party_id": party_id,
            "sealed": tx.sealer.seal(msgspec.json.encode(proposal).decode()),
            "document": document_sha256,
            "recorded_by": recorded_by,
            "now": tx.now,
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
