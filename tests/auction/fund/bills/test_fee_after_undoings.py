"""What fell by an undoing, or went to an administrator, was not enforced: no fee is asked of it (诉讼费用办法 14, 20)."""

from __future__ import annotations

from auction.fund.bills.store import enforced_in_plans
from auction.kernel.money import ZERO, Money
from tests.auction.fund.bankruptcy.test_bankruptcy_flow import EnterpriseSale
from tests.auction.fund.settlement.test_settlement_flow import ORDINARY
from tests.auction.fund.undoings.test_undoing_flow import UndoneSale
from tests.auction.fund.world import World


async def enforced(sale: UndoneSale | EnterpriseSale) -> Money:
    """On what the fee is computed."""
    async with sale.db.reading() as tx:
        return await enforced_in_plans(tx, sale.world.case_id)


async def test_no_fee_on_a_share_whose_sale_was_set_aside(world: World) -> None:
    """Paid out and owed back: it was enforced once, and is not any more."""
    sale = UndoneSale(world)
    await sale.paid_out()
    before = await enforced(sale)
    await sale.set_aside()

    assert before == Money(ORDINARY)
    assert await enforced(sale) == ZERO


async def test_reversed_share_counts_as_far_as_it_was_kept(world: World) -> None:
    """Of a reversal what the creditor keeps stays enforced."""
    sale = UndoneSale(world)
    await sale.paid_out()
    await sale.reverse("ordinary", keeps=ORDINARY // 4)

    assert await enforced(sale) == Money(ORDINARY // 4)


async def test_no_fee_on_what_went_to_the_administrator(world: World) -> None:
    """A settled share that was not paid before the bankruptcy is the estate's."""
    sale = EnterpriseSale(world)
    await sale.settled_and_ruled()
    before = await enforced(sale)
    await sale.refer()
    await sale.answered(accepted=True)
    await sale.hand_over()

    assert before == Money(ORDINARY)
    assert await enforced(sale) == ZERO
