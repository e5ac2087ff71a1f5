"""What the sale says of a round to whoever lends on it: class of asset, reference price, whether the price is prepaid."""

from __future__ import annotations

from uuid import UUID

from auction.fund.loans.applications import LoanBasis
from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.tables import ReferencePriceRow
from auction.sale.lots.tables import ListingRow, LotRow, RoundRow
from auction.sale.rounds.rounds import RoundUnknown

SELL_OFF = "sell_off"


async def loan_basis(tx: Transaction, round_id: UUID) -> LoanBasis:
    """Give the basis of a loan on a round. Raises `RoundUnknown`."""
    row = await tx.session.get(RoundRow, round_id)
    if row is None:
        raise RoundUnknown(round_id=round_id)
    listing = await tx.session.get(ListingRow, (row.lot_id, row.version))
    lot = await tx.session.get(LotRow, row.lot_id)
    assert listing is not None and lot is not None, "a round has its lot and its terms"
    price = await tx.session.get(ReferencePriceRow, listing.reference_price_id)
    assert price is not None, "a listing names its reference price"
    asset = await cases.asset_row(tx, row.case_id, lot.asset_id)
    return LoanBasis(
        asset_class=asset.asset_class,
        value_fen=price.amount_fen,
        is_prepaid=row.kind == SELL_OFF,
    )
