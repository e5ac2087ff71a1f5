"""What valuation asks of the sale: when an asset was first announced, and what it brought; neither knows the other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from auction.fund.deposits.store import purchases_of_case
from auction.kernel.db import Transaction
from auction.sale.lots.store import first_announced_at, lot_of_asset


class SaleOfAssets:
    """See `valuation.objections.supervision.Announcements` and `valuation.appraisals.fees.state_fee.SaleOutcomes`."""

    async def first_announced_at(self, tx: Transaction, asset_id: UUID, *, since: datetime) -> datetime | None:
        """Give the instant of the first announcement from ``since`` on, ``None`` if there is none."""
        return await first_announced_at(tx, asset_id, since=since)

    async def hammer_price_of(self, tx: Transaction, asset_id: UUID) -> int | None:
        """Give the hammer price of the sale that stands, ``None`` while nothing was sold."""
        lot = await lot_of_asset(tx, asset_id)
        if lot is None:
            return None
        stands = [
            purchase.hammer_price_fen
            for purchase in await purchases_of_case(tx, lot.case_id)
            if purchase.lot_id == lot.lot_id and purchase.state != "cancelled"
        ]
        return stands[-1] if stands else None
