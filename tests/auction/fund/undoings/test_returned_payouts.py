"""A payout that the bank returns after its payee's share fell: it counts towards what he owes, and is not owed to him again."""

from __future__ import annotations

import pytest

from auction.fund.payouts.disbursements import ShareExceeded
from auction.kernel.db import Database
from tests.auction.fund.settlement.test_settlement_flow import ORDINARY
from tests.auction.fund.undoings.test_undoing_flow import BUYER, SURPLUS, UndoneSale
from tests.auction.fund.world import World


@pytest.fixture
def sale(db: Database) -> UndoneSale:
    """A sale in a world in which nothing happened yet."""
    return UndoneSale(World(db))


async def returned(sale: UndoneSale, name: str) -> None:
    """Have the bank send back what was paid to somebody, and say so twice."""
    key = next(order.key for order, _ in sale.world.bank.orders.values() if order.to_name == name)
    sale.world.bank.say(key, "returned")
    sale.world.bank.book_back(key)
    await sale.world.settle_bank()
    await sale.world.look_now()


async def test_what_comes_back_of_a_fallen_share_is_his_debt_and_not_his_share(sale: UndoneSale) -> None:
    """The reversed creditor owes nothing any more, is owed nothing, and the next plan gives the money on."""
    await sale.paid_out()
    await sale.reverse("ordinary")

    await returned(sale, "示范applicant")

    owed = await sale.owed_by("applicant")
    assert (owed.received_fen, owed.left_fen) == (ORDINARY, 0)
    totals = await sale.world.totals()
    assert (totals["proceeds"], totals["surplus_payable"]) == (ORDINARY, SURPLUS)
    assert "claims_payable" not in totals
    assert "payout_returned" not in await sale.world.alarms()
    with pytest.raises(ShareExceeded):
        await sale.paid("ordinary")
    plan = await sale.draw()
    assert [(line.kind, line.share_fen) for line in plan.lines] == [("surplus", ORDINARY)]
    await sale.world.require_straight()


@pytest.mark.parametrize("keeps", [1, ORDINARY - 1])
async def test_what_he_may_keep_of_it_is_owed_to_him_again(sale: UndoneSale, keeps: int) -> None:
    """Of a reduced title only what is above is taken; the rest is his share, and is paid to him anew."""
    await sale.paid_out()
    await sale.reverse("ordinary", keeps=keeps)

    await returned(sale, "示范applicant")

    assert (await sale.owed_by("applicant")).left_fen == 0
    totals = await sale.world.totals()
    assert (totals["proceeds"], totals["claims_payable"]) == (ORDINARY - keeps, keeps)
    assert "payout_returned" in await sale.world.alarms()
    await sale.world.require_straight()


@pytest.mark.parametrize("paid_back", [1, ORDINARY - 1, ORDINARY])
async def test_what_he_had_given_back_himself_is_owed_to_him_again(sale: UndoneSale, paid_back: int) -> None:
    """He paid a part of his debt, or all of it, before the old payout came back: nobody is charged twice."""
    await sale.paid_out()
    await sale.reverse("ordinary")
    await sale.give_back("applicant", paid_back)

    await returned(sale, "示范applicant")

    assert (await sale.owed_by("applicant")).left_fen == 0
    totals = await sale.world.totals()
    assert (totals["proceeds"], totals.get("claims_payable", 0)) == (ORDINARY, paid_back)
    await sale.world.require_straight()


async def test_of_a_sale_set_aside_it_goes_on_to_whoever_paid_the_price(sale: UndoneSale) -> None:
    """Everybody owes what he got; what the bank returns of it goes to the buyer as if he had paid it."""
    await sale.paid_out()
    await sale.set_aside()
    before = sale.sent_to(BUYER)

    await returned(sale, "示范applicant")

    assert sale.sent_to(BUYER) == before + ORDINARY
    assert (await sale.owed_by("applicant")).left_fen == 0
    assert await sale.world.totals() == {}
    await sale.world.require_straight()


async def test_a_later_undoing_counts_every_fen(sale: UndoneSale) -> None:
    """After the return the sale is set aside: what came back is part of the price, and the line of nobody is in the way."""
    await sale.paid_out()
    await sale.reverse("ordinary")
    await returned(sale, "示范applicant")
    before = sale.sent_to(BUYER)

    await sale.set_aside()

    assert sale.sent_to(BUYER) - before > ORDINARY
    await sale.world.require_straight()
