"""A default, a resale below the first price: the deposit waits, then makes good the shortfall (网拍 24)."""

from __future__ import annotations

from typing import Any

import pytest

from auction.fund.cancel_purchase import cancel_purchase, forfeit_deposit
from auction.fund.claims.claims import ClaimKind
from auction.fund.forfeits.forfeited import ForfeitedWaits
from auction.fund.forfeits.forfeited_of_case import (
    forfeited_account,
    forfeited_held,
    forfeited_of_case,
    forfeited_shown,
    holding_account,
    pooled_account,
)
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.fund.plans import store as plan_store
from auction.fund.plans.store import PlanView
from auction.fund.settlement.draw_plan import DrawPlan, draw_plan
from auction.fund.settlement.propose_plan import PlanWish, propose_plan
from auction.fund.settlement.settle_case import debit_forfeited
from auction.kernel.actors import Role
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from tests.auction.fund.settlement.test_settlement_flow import DEPOSIT, PRICE, ROLES, Sale
from tests.auction.fund.world import World

RESALE = PRICE - 60_000_00
COSTS = 5_000_00
DEBT = 2_000_000_00


class ResoldSale(Sale):
    """A sale whose first buyer defaults."""

    async def default(self) -> None:
        """Let the first buyer win and not pay: his deposit is kept."""
        for name in ROLES:
            await self.add_party(name)
        self.handler = await self.world.officer(Role.CASE_HANDLER)
        await self._bought(PRICE)
        world = self.world

        async def fall(tx: Any) -> None:  # noqa: ANN401 - the transaction
            await tx.about_case(world.case_id)
            await forfeit_deposit(tx, round_id=world.round_id)

        await world.db.transact(fall)
        await self.claim("applicant", ClaimKind.SALE_COST, COSTS)
        await self.claim("mortgagee", ClaimKind.ORDINARY, DEBT)

    async def resell(self, *, paid: bool) -> None:
        """Sell the same lot in another round."""
        self.world.round_id = new_id()
        winner = await self._bought(RESALE)
        if paid:
            await self.world.pay_by_bank(winner, RESALE - DEPOSIT)
            await self.assess()

    async def _bought(self, price: int) -> Any:  # noqa: ANN401 - the bidder
        winner = await self.world.bidder(DEPOSIT)
        await self.world.pay_by_bank(winner, DEPOSIT)
        await self.world.close(winner, price)
        return winner

    async def draw_with(self, forfeited_fen: int, *, panel: bool) -> PlanView:
        """Draw a plan that uses so much of the forfeited money."""
        wish = PlanWish(
            case_id=self.world.case_id, debtor=self.debtor(), ordinary_order="pro_rata", forfeited_fen=forfeited_fen
        )
        async with self.world.db.reading() as tx:
            body = (await propose_plan(tx, wish)).text
        command = DrawPlan(
            command_id=new_id(),
            plan_id=new_id(),
            case_id=self.world.case_id,
            document_id=await self.world.document("distribution_plan", body=body),
            debtor=self.debtor(),
            forfeited_fen=forfeited_fen,
            panel_document_id=await self.world.document(),
            forfeited_document_id=await self.world.document("forfeited_decision") if panel else None,
        )
        return await draw_plan(self.world.db, self.handler, command)


@pytest.fixture
def sale(world: World) -> ResoldSale:
    """A case whose lot is sold twice."""
    return ResoldSale(world)


async def test_deposit_waits_for_the_resale_then_makes_it_good(sale: ResoldSale) -> None:
    """Before the resale is paid nothing of it is distributed; then its uses are costs, shortfall and debts, in that order."""
    await sale.default()
    with pytest.raises(ForfeitedWaits):
        await sale.draw_with(1, panel=False)
    await sale.resell(paid=True)

    async with sale.world.db.reading() as tx:
        (shown,) = await forfeited_shown(tx, sale.world.case_id)
    assert (shown.kept_fen, shown.price_fen, shown.resale_fen, shown.shortfall_fen) == (
        DEPOSIT,
        PRICE,
        RESALE,
        PRICE - RESALE,
    )
    rest = DEPOSIT - COSTS - (PRICE - RESALE)
    assert (shown.to_costs_fen, shown.to_shortfall_fen, shown.to_debts_fen, shown.rest_fen) == (
        COSTS,
        PRICE - RESALE,
        rest,
        0,
    )

    plan = await sale.draw_with(DEPOSIT, panel=False)
    assert plan.proceeds_fen + plan.forfeited_fen == RESALE + DEPOSIT
    assert [line.kind for line in plan.lines] == ["sale_cost", "sale_tax", "ordinary"]
    await sale.world.require_straight()


async def test_unpaid_resale_does_not_end_the_wait(sale: ResoldSale) -> None:
    """A second buyer who has not paid may default as well."""
    await sale.default()
    await sale.resell(paid=False)

    with pytest.raises(ForfeitedWaits):
        await sale.draw_with(1, panel=False)


async def test_panel_decides_where_there_is_no_resale(sale: ResoldSale) -> None:
    """Where the lot is not sold again, the panel's decision takes the resale's place."""
    await sale.default()

    plan = await sale.draw_with(DEPOSIT, panel=True)

    assert plan.forfeited_fen == DEPOSIT


async def test_plan_whose_resale_fell_is_not_settled(sale: ResoldSale) -> None:
    """A resale that is set aside after the plan was drawn makes its lot's deposit wait again."""
    await sale.default()
    await sale.resell(paid=True)
    plan = await sale.draw_with(DEPOSIT, panel=False)
    world = sale.world

    async def fall(tx: Any) -> None:  # noqa: ANN401 - the transaction
        await tx.about_case(world.case_id)
        await cancel_purchase(tx, round_id=world.round_id)

    await world.db.transact(fall)
    async with world.db.reading() as tx:
        row = await plan_store.plan_row(tx, plan.plan_id)
        with pytest.raises(ForfeitedWaits):
            await debit_forfeited(tx, row)


async def test_other_lots_resale_frees_nothing(sale: ResoldSale) -> None:
    """With two lots in one case, the deposit of one waits while the other's resale is paid."""
    await sale.default()
    sale.world.lot_id, sale.world.round_id = new_id(), new_id()
    await sale.resell(paid=True)

    with pytest.raises(ForfeitedWaits):
        await sale.draw_with(1, panel=False)
    plan = await sale.draw_with(DEPOSIT, panel=True)
    async with sale.world.db.reading() as tx:
        (part,) = await plan_store.forfeited_parts(tx, plan.plan_id)
    assert (part.amount_fen, part.decision_document_id is not None) == (DEPOSIT, True)


async def test_books_of_before_are_read_deposit_by_deposit(sale: ResoldSale) -> None:
    """What lies in the one account of older books belongs to the round that its entry names."""
    await sale.default()
    world = sale.world
    round_id = world.round_id
    own, pool = forfeited_account(world.case_id, round_id), pooled_account(world.case_id)

    async def as_before(tx: Any) -> None:  # noqa: ANN401 - the transaction
        pairs = move(Money(DEPOSIT), debit=own, credit=pool)
        entry = book("as-before", Cause.DEPOSIT_FORFEITED, pairs, case_id=world.case_id, subject_id=round_id)
        await post_entry(tx, entry)

    await world.db.transact(as_before)
    async with world.db.reading() as tx:
        (kept,) = await forfeited_of_case(tx, world.case_id)
        assert await holding_account(tx, world.case_id, round_id) == pool
        assert await forfeited_held(tx, world.case_id) == Money(DEPOSIT)
    assert (kept.bought.kept, kept.held, kept.resale) == (Money(DEPOSIT), Money(DEPOSIT), None)
    with pytest.raises(ForfeitedWaits):
        await sale.draw_with(1, panel=False)
    await sale.resell(paid=True)
    assert (await sale.draw_with(DEPOSIT, panel=False)).forfeited_fen == DEPOSIT
    await world.require_straight()
