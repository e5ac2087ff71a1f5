"""What valuation asks of the sale: when an asset was first announced; neither knows the other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from auction.kernel.db import Transaction
from auction.sale.lots.store import first_announced_at


class SaleOfAssets:
    """See `valuation.objections.supervision.Announcements`."""

    async def first_announced_at(self, tx: Transaction, asset_id: UUID, *, since: datetime) -> datetime | None:
        """Give the instant of the first announcement from ``since`` on, ``None`` if there is none."""
        return await first_announced_at(tx, asset_id, since=since)
