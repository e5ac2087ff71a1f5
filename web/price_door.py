"""A price that supervision set aside carries no sale (参考价 25): valuation knows that, and only the web knows both."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.sale.lots.list_lot import ListLot
from auction.sale.lots.publish_notice import PublishNotice
from auction.sale.lots.store import asset_of_lot
from valuation.methods.step_store import newest_price


class PriceSetAside(Conflict):
    """The newest price of the asset was set aside; a new one is needed before anything is listed or announced."""

    code = "reference_price_set_aside"
    article = "参考价 25"
    zh = "该财产的参考价已经执行监督程序撤销，应当重新确定后再上拍、公告。"
    en = "The reference price of this asset was set aside; it is fixed anew before anything is listed or announced."


async def require_price_of_listing(tx: Transaction, command: ListLot) -> None:
    """Refuse a listing on a price that was set aside (`PriceSetAside`)."""
    await _require(tx, command.asset_id)


async def require_price_of_notice(tx: Transaction, command: PublishNotice) -> None:
    """Refuse an announcement on a price that was set aside (`PriceSetAside`)."""
    await _require(tx, await asset_of_lot(tx, command.lot_id))


async def _require(tx: Transaction, asset_id: UUID) -> None:
    price = await newest_price(tx, asset_id)
    if price is not None and price.set_aside:
        raise PriceSetAside
