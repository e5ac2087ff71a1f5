"""No plan takes what stands for another price: a creditor's set-off there stays covered.

1. A buyer who set off against a price has that part of his claim from that price's plan. A plan of another price that came first would pay him the
   same claim in money, and of the price that counts as paid, whose title has passed, a part would be missing.
2. So each price against which something stands is worked out as it would be after the plan in question; where it would then give its buyer less than
   stands, and less than it would have given him before, that price is distributed first, or he pays the difference in.

Source: 拍变 20; Interp. 508; auction/DECISIONS F98.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from auction.fund.claims.claims import OrdinaryOrder
from auction.fund.deposits.store import purchases_of_case
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.plans.assets import claims_of_sale, is_divided, price_of
from auction.fund.plans.plan import compute_plan
from auction.fund.set_offs.set_offs import require_distributed_first
from auction.fund.set_offs.settle_set_offs import open_set_offs
from auction.kernel.db import Transaction
from auction.kernel.money import Money, total


async def require_others_covered(
    tx: Transaction, case_id: UUID, sale: PurchaseRow | None, *, ordinary_order: OrdinaryOrder
) -> None:
    """Refuse a plan of one price, or of all that are paid, that leaves a set-off against another one uncovered (`SetOffFirst`).

    Raises also what `claims_of_sale` raises.
    """
    if not await is_divided(tx, case_id):
        return
    purchases = await purchases_of_case(tx, case_id)
    planned = [one for one in purchases if one.state == "paid"] if sale is None else [sale]
    taken = {one.round_id for one in planned}
    for other in purchases:
        standing = (await open_set_offs(tx, case_id, paid_only=False, round_id=other.round_id)).get(other.person_id)
        if standing is None or other.round_id in taken:
            continue
        shares = [await _share(tx, other, after=after, ordinary_order=ordinary_order) for after in ([], planned)]
        require_distributed_first(standing, before=shares[0], after=shares[1], reference=other.reference)


async def _share(
    tx: Transaction, purchase: PurchaseRow, *, after: Sequence[PurchaseRow], ordinary_order: OrdinaryOrder
) -> Money:
    """Give what a plan of a price would give its buyer, after the prices named."""
    claims = await claims_of_sale(tx, purchase, ordinary_order=ordinary_order, after=after)
    own = {row.claim_id for row, _ in claims if row.person_id == purchase.person_id}
    plan = compute_plan(await price_of(tx, purchase), [claim for _, claim in claims], ordinary_order=ordinary_order)
    return total([share.amount for share in plan.shares if share.claim.claim_id in own])
