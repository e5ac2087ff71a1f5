"""The signals on an asset's price for the court's pages: its sources, comparable sales and their record, put together."""

from __future__ import annotations

from auction.kernel.db import Transaction
from auction.sale.desk import AssetShown
from auction.sale.disclosure.sold_lots import SoldLots, area_cm2
from valuation.inquiries.store import inquiry
from valuation.objections.views import PriceEvidence
from valuation.plausibility.backtest import by_source
from valuation.plausibility.comparing import compare, place_of
from valuation.plausibility.signals import Signal, SourceValue, Valued, look_at


async def signals_of(tx: Transaction, asset: AssetShown, evidence: PriceEvidence | None) -> list[Signal]:
    """Give the signals on the newest online inquiry of an asset; none before it has a result."""
    if evidence is None or evidence.amount_fen is None:
        return []
    features = (await inquiry(tx, evidence.inquiry_id)).features
    lots = await SoldLots().closed_lots(tx, asset.asset_class.value)
    valued = Valued(
        asset_class=asset.asset_class.value,
        place=place_of(asset.address) if place_of(asset.address) != "—" else features.city + features.district,
        area_cm2=features.area_cm2 or _area(asset),
        amount_fen=evidence.amount_fen,
    )
    sources = [
        SourceValue(name=one.platform_name, value_fen=one.value_fen)
        for one in evidence.course.platforms
        if one.value_fen is not None and one.outcome == "in_time"
    ]
    others = [
        lot for lot in lots if evidence.fixed is None or lot.reference_price_id != evidence.fixed.reference_price_id
    ]
    return look_at(valued, sources, others, compare(await by_source(tx, others), groups=("source",)))


def _area(asset: AssetShown) -> int | None:
    return next((area_cm2(fact.zh) for fact in asset.facts if fact.field == "area"), None)
