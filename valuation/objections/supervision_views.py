"""Requests for enforcement supervision of an asset's prices, for the desks: who asked, why, and what was decided."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from valuation.objections.supervision import SupervisionGround


class SupervisionShown(msgspec.Struct, frozen=True, kw_only=True):
    """One request; ``founded`` is ``None`` while nobody decided."""

    supervision_id: UUID
    reference_price_id: UUID
    party_id: UUID
    ground: SupervisionGround
    asked_at: datetime
    founded: bool | None
    decided_at: datetime | None


async def supervisions_of(tx: Transaction, asset_id: UUID) -> list[SupervisionShown]:
    """Give every request about a price of an asset, the newest first. Source: 参考价 25."""
    rows = await tx.session.execute(
        text(
            "SELECT s.supervision_id, s.reference_price_id, s.party_id, s.ground, s.asked_at, d.founded, d.decided_at "
            "FROM valuation.price_supervision s JOIN valuation.reference_price p USING (reference_price_id) "
            "LEFT JOIN valuation.price_supervision_decision d USING (supervision_id) WHERE p.asset_id = :asset_id "
            "ORDER BY s.asked_at DESC, s.supervision_id"
        ),
        {"asset_id": asset_id},
    )
    return [SupervisionShown(**row) for row in rows.mappings()]
