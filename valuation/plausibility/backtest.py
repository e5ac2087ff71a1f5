"""Compare the installation's own prices with what was paid: each method, platform and institution (参考价 31; practice 2)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from auction.contracts import ClosedLot
from auction.kernel.db import Database, Transaction
from valuation.agencies.register_store import register
from valuation.inquiries.fees.sale_record import SaleRecord
from valuation.plausibility.comparing import Compared, Sold, compare, place_of


async def backtest(db: Database, sale: SaleRecord) -> list[Compared]:
    """Compare all sold lots by class, place and method, and every platform and institution by its own figures."""
    async with db.reading() as tx:
        return await backtest_in(tx, await sale.closed_lots(tx))


async def backtest_in(tx: Transaction, lots: Sequence[ClosedLot]) -> list[Compared]:
    """Compare these lots in the caller's transaction; a lot counts once by its price, and once for each of its sources."""
    priced = [_sold(lot, lot.reference_fen, lot.method) for lot in lots]
    return compare(priced) + compare(await by_source(tx, lots), groups=("source",))


async def by_source(tx: Transaction, lots: Sequence[ClosedLot]) -> list[Sold]:
    """Give each platform's and each institution's own figure for the lots, with what was paid."""
    figures = await _platform_figures(tx, [lot.reference_price_id for lot in lots])
    figures += await _institution_figures(tx, [lot.reference_price_id for lot in lots])
    by_price = {lot.reference_price_id: lot for lot in lots}
    return [_sold(by_price[price_id], value_fen, name) for price_id, name, value_fen in figures]


def _sold(lot: ClosedLot, reference_fen: int, source: str) -> Sold:
    return Sold(
        reference_fen=reference_fen,
        hammer_fen=lot.hammer_fen,
        asset_class=lot.asset_class,
        place=place_of(lot.address),
        source=source,
    )


async def _platform_figures(tx: Transaction, price_ids: Sequence[UUID]) -> list[tuple[UUID, str, int]]:
    rows = await tx.session.execute(
        text(
            "SELECT DISTINCT ON (p.reference_price_id, a.platform_id) p.reference_price_id, a.platform_name, r.value_fen "
            "FROM valuation.reference_price p JOIN valuation.platform_ask a USING (inquiry_id) "
            "JOIN valuation.platform_report r USING (inquiry_id, platform_id) "
            "WHERE p.reference_price_id = ANY (:ids) AND r.in_time "
            "ORDER BY p.reference_price_id, a.platform_id, r.version DESC"
        ),
        {"ids": list(price_ids)},
    )
    return [(row.reference_price_id, row.platform_name, row.value_fen) for row in rows]


async def _institution_figures(tx: Transaction, price_ids: Sequence[UUID]) -> list[tuple[UUID, str, int]]:
    rows = await tx.session.execute(
        text(
            "SELECT DISTINCT ON (p.reference_price_id) p.reference_price_id, m.agency_id, r.value_fen "
            "FROM valuation.reference_price p JOIN valuation.appraisal_report r ON r.appraisal_id = p.step_id "
            "JOIN valuation.appraisal_mandate m USING (mandate_id) "
            "WHERE p.reference_price_id = ANY (:ids) ORDER BY p.reference_price_id, r.submitted_at DESC"
        ),
        {"ids": list(price_ids)},
    )
    known = await register(tx)
    return [
        (
            row.reference_price_id,
            known[row.agency_id].name if row.agency_id in known else str(row.agency_id),
            row.value_fen,
        )
        for row in rows
    ]
