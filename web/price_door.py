"""A price that supervision set aside carries no sale (参考价 25): valuation knows that first; the sale hears of it by a message."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.db import Transaction
from auction.sale.lots.lint import ReferencePriceSetAside
from auction.sale.lots.list_lot import ListLot
from auction.sale.lots.publish_notice import PublishNotice
from auction.sale.lots.store import asset_of_lot
from valuation.methods.step_store import newest_price


async def require_price_of_listing(tx: Transaction, command: ListLot) -> None:
    """Refuse a listing on a price that was set aside (`ReferencePriceSetAside`)."""
    await _require(tx, command.asset_id)


async def require_price_of_notice(tx: Transaction, command: PublishNotice) -> None:
    """Refuse an announcement on a price that was set aside (`ReferencePriceSetAside`)."""
    await _require(tx, await asset_of_lot(tx, command.lot_id))


async def _require(tx: Transaction, asset_id: UUID) -> None:
    price = await newest_price(tx, asset_id)
    if price is not None and price.set_aside:
        raise ReferencePriceSetAside
