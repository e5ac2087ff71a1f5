"""Which assets are named on record: of which lot each claim is, and which judgment debtor owned each lot (written by `settlement.name_assets`)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from auction.fund.plans.tables import ClaimLotRow, LotOwnerRow
from auction.kernel.db import Transaction


async def lots_named(tx: Transaction, case_id: UUID) -> dict[UUID, UUID]:
    """Give by claim the lot that was named for it; a claim that names none is not in it."""
    found = select(ClaimLotRow).where(ClaimLotRow.case_id == case_id)
    return {row.claim_id: row.lot_id for row in await tx.session.scalars(found)}


async def owners_recorded(tx: Transaction, case_id: UUID) -> dict[UUID, UUID]:
    """Give by lot the party that is on record as its owner, as it was recorded last."""
    found = select(LotOwnerRow).where(LotOwnerRow.case_id == case_id).order_by(LotOwnerRow.number)
    return {row.lot_id: row.party_id for row in await tx.session.scalars(found)}
