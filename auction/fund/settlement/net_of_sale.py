"""What is left of one price after the costs and the seller's taxes of its sale: of it a co-owner has his share.

1. Costs are those on record for the case; a cost that names its lot falls on that price, the others, where several things were sold, on the prices in proportion.
2. Taxes are what was assessed on the seller, with the fees that the court put on him; a reserve is no figure to divide by.
3. The figures are kept beside the share. A plan is drawn only while they are still what they were.

Source: 查扣冻 12; 执行工作规定 34; 网拍 30.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import ClaimKind
from auction.fund.claims.entitlements import CoOwnerShareOutdated
from auction.fund.claims.tables import ClaimRow
from auction.fund.deposits.store import purchase_row, purchases_of_case
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.plans.plan import TaxesNotAssessed
from auction.fund.plans.tables import ClaimLotRow
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money, total

COSTS = frozenset({ClaimKind.SALE_COST.value, ClaimKind.APPRAISAL_ADVANCE.value})
STANDING = frozenset({"open", "paid"})
"""States of a purchase that has not fallen."""


class NetOfSale(msgspec.Struct, frozen=True, kw_only=True):
    """One price, its part of the costs, and its taxes."""

    price_fen: int
    costs_fen: int
    taxes_fen: int

    @property
    def net(self) -> Money:
        """What is left; nothing where costs and taxes take all."""
        return Money(max(0, self.price_fen - self.costs_fen - self.taxes_fen))


async def net_of_sale(tx: Transaction, purchase: PurchaseRow) -> NetOfSale:
    """Work out what is left of a price. Raises `TaxesNotAssessed`."""
    tax = await claim_store.tax_of_round(tx, purchase.round_id)
    if tax is None or tax.state != "assessed" or tax.seller_fen is None:
        raise TaxesNotAssessed(round_id=purchase.round_id)
    advance = await claim_store.tax_advance_of(tx, purchase.round_id)
    return NetOfSale(
        price_fen=purchase.hammer_price_fen,
        costs_fen=(await _costs_of(tx, purchase)).fen,
        taxes_fen=tax.seller_fen if advance is None else advance.sellers_assessed_fen,
    )


async def require_shares_current(tx: Transaction, claims: Sequence[ClaimRow]) -> None:
    """Refuse a co-owner's share whose costs or taxes are not what they were (`CoOwnerShareOutdated`)."""
    for row in claims:
        if row.kind != ClaimKind.CO_OWNER_SHARE.value or row.working is None:
            continue
        purchase = await purchase_row(tx, UUID(row.working["round_id"]))
        standing = purchase is not None and purchase.state in STANDING
        if not standing or row.working["sale"] != msgspec.to_builtins(await net_of_sale(tx, purchase)):  # type: ignore[arg-type]  # it stands
            raise CoOwnerShareOutdated(claim_id=row.claim_id)


async def _costs_of(tx: Transaction, purchase: PurchaseRow) -> Money:
    rows = await claim_store.claim_rows(tx, purchase.case_id)
    lots = {
        row.claim_id: row.lot_id
        for row in await tx.session.scalars(select(ClaimLotRow).where(ClaimLotRow.case_id == purchase.case_id))
    }
    own = total(
        [Money(row.amount_fen) for row in rows if row.kind in COSTS and lots.get(row.claim_id) == purchase.lot_id]
    )
    costs = total([Money(row.amount_fen) for row in rows if row.kind in COSTS and row.claim_id not in lots])
    sales = [sale for sale in await purchases_of_case(tx, purchase.case_id) if sale.state in STANDING]
    parts = costs.split([sale.hammer_price_fen for sale in sales]) if costs else [ZERO] * len(sales)
    return own + parts[[sale.round_id for sale in sales].index(purchase.round_id)]
