"""The port to the sale: what valuation must know of it, and cannot look up itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from auction.contracts import ClosedLot, SaleEnd
from auction.kernel.db import Transaction


class SaleRecord(Protocol):
    """What has been announced and sold, read in the caller's transaction."""

    async def first_announced_on(self, tx: Transaction, reference_price_id: UUID) -> date | None:
        """Give the day of the first announcement or direct sell-off on this price; ``None`` before."""
        ...

    async def sale_price_of(self, tx: Transaction, reference_price_id: UUID) -> int | None:
        """Give what the asset was really sold for on this price, in fen; ``None`` while it is not sold."""
        ...

    async def end_of_sale(self, tx: Transaction, asset_id: UUID) -> SaleEnd:
        """Say how the sale of an asset ended by its record, or that it has not."""
        ...

    async def closed_lots(self, tx: Transaction, asset_class: str = "") -> Sequence[ClosedLot]:
        """Give the lots of this installation that were sold, the newest first; of one class where it is named."""
        ...
