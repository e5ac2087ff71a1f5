"""The signals on an asset's price for the court's pages: its sources, comparable sales and their record, put together."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.desk import AssetShown
from auction.sale.disclosure.sold_lots import SoldLots, area_cm2
from auction.sale.lots.panel_file import QuestionFile
from valuation.inquiries.store import inquiry
from valuation.objections.views import PriceEvidence
from valuation.plausibility.backtest import by_source
from valuation.plausibility.comparing import compare, place_of
from valuation.plausibility.signals import Signal, SourceValue, Valued, look_at

NOWHERE = "—"


async def signals_of(tx: Transaction, asset: AssetShown, evidence: PriceEvidence | None) -> list[Signal]:
    """Give the signals on the newest online inquiry of an asset; none before it has a result."""
    if evidence is None or evidence.amount_fen is None:
        return []
    features = (await inquiry(tx, evidence.inquiry_id)).features
    area = next((area_cm2(fact.zh) for fact in asset.facts if fact.field == "area"), None)
    valued = Valued(
        asset_class=asset.asset_class.value,
        place=_place(asset.address) or features.city + features.district,
        area_cm2=features.area_cm2 or area,
        amount_fen=evidence.amount_fen,
    )
    own_price = None if evidence.fixed is None else evidence.fixed.reference_price_id
    return await _look(tx, valued, _sources(evidence), own_price)


async def signals_on_listing(
    tx: Transaction, question: QuestionFile, evidence: PriceEvidence | None
) -> Sequence[Signal]:
    """Give the signals on the price of a listing before the panel, by whatever method it came; none for another question.

    The platforms' results take part only where the listed price is theirs: an older inquiry says nothing of a later price.
    """
    listing = question.listing
    if listing is None:
        return []
    fixed = None if evidence is None else evidence.fixed
    is_theirs = fixed is not None and fixed.evidence_sha256 == listing.price_evidence_sha256
    found = await cases.facts_of(tx, question.asset_id)
    area = area_cm2(found["area"].zh) if "area" in found else None
    if evidence is not None and is_theirs:
        area = (await inquiry(tx, evidence.inquiry_id)).features.area_cm2 or area
    valued = Valued(
        asset_class=question.asset_class.value,
        place=_place(question.address) or NOWHERE,
        area_cm2=area,
        amount_fen=listing.reference_price_fen,
    )
    sources = _sources(evidence) if evidence is not None and is_theirs else []
    return await _look(tx, valued, sources, fixed.reference_price_id if fixed is not None and is_theirs else None)


def _place(address: str) -> str:
    found = place_of(address)
    return "" if found == NOWHERE else found


def _sources(evidence: PriceEvidence) -> list[SourceValue]:
    return [
        SourceValue(name=one.platform_name, value_fen=one.value_fen)
        for one in evidence.course.platforms
        if one.value_fen is not None and one.outcome == "in_time"
    ]


async def _look(
    tx: Transaction, valued: Valued, sources: Sequence[SourceValue], own_price: UUID | None
) -> list[Signal]:
    """Look at the price beside all other sold lots of its class; its own sale would only confirm it."""
    lots = await SoldLots().closed_lots(tx, valued.asset_class)
    others = [lot for lot in lots if lot.reference_price_id != own_price]
    return look_at(valued, sources, others, compare(await by_source(tx, others), groups=("source",)))
