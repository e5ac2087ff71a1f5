"""A third party who won is paid out of the price of his own lot, and out of nothing else of the case (法释〔2025〕10号 6; F58)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from auction.fund.claims.claims import Claim, ClaimKind
from auction.fund.plans.awarded import Awarded, still_his
from auction.fund.plans.plan import compute_plan
from auction.fund.plans.store import open_claims, still_open
from auction.fund.undoings.end_recovery import EndRecovery, end_recovery
from auction.kernel.clock import day_start
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.money import ZERO, Money
from auction.kernel.move_clock import move_clock
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, ORDINARY, PRICE, TAX
from tests.auction.fund.undoings.test_shares_that_moved import MovedSale
from tests.auction.fund.undoings.test_undoing_flow import SURPLUS
from tests.auction.fund.world import World

HELD = TAX + SURPLUS
"""What was still here of the first lot's price when he won."""


class TwoLots(MovedSale):
    """A case whose first lot was a third party's, and which sold another."""

    first: UUID

    async def won(self) -> None:
        """Have the first lot paid out, the second paid in, and the first awarded to its owner."""
        await self.paid_out()
        self.first = self.world.round_id
        await self.second_sale()
        await self.assess()
        second, self.world.round_id = self.world.round_id, self.first
        await self.award(PRICE)
        self.world.round_id = second

    async def his(self) -> tuple[int, int]:
        """What he is owed still, and what of it can be paid now."""
        async with self.db.reading() as tx:
            found = await open_claims(tx, self.world.case_id)
        return next(((one.amount.fen, one.payable.fen) for row, one in found if row.kind == "third_party"), (0, 0))

    async def shares(self) -> dict[str, int]:
        """Draw the plan and give the shares by kind."""
        plan = await self.draw()
        found: dict[str, int] = {}
        for line in plan.lines:
            found[line.kind] = found.get(line.kind, 0) + line.share_fen
        return found

    async def settled_anew(self) -> None:
        """Settle the plan that was drawn."""
        await self.serve()
        await move_clock(self.db, to=day_start(await self.window_end() + timedelta(days=1)))
        self.plan = await self.settle()

    async def write_off(self, name: str) -> None:
        """Write off what somebody owes."""
        command = EndRecovery(
            command_id=new_id(),
            recovery_id=(await self.owed_by(name)).recovery_id,
            case_id=self.world.case_id,
            document_id=await self.world.document("recovery_end_ruling"),
            reason="债务人已注销，无财产可供执行",
        )
        await self.world.agree(await end_recovery(self.db, self.handler, command))


@pytest.fixture
def sale(db: Database) -> TwoLots:
    """Two lots in a world in which nothing happened yet."""
    return TwoLots(World(db))


async def test_another_lots_price_stays_the_creditors(sale: TwoLots) -> None:
    """He has what is here of his lot; what its payees must return he waits for, while the second lot pays its creditors."""
    await sale.won()
    assert await sale.his() == (PRICE, HELD)

    shares = await sale.shares()
    assert shares["third_party"] == HELD
    assert (shares["mortgage"], shares["ordinary"]) == (MORTGAGE, ORDINARY)
    assert sum(shares.values()) == HELD + PRICE
    await sale.world.require_straight()


async def test_what_payees_return_is_his_and_the_other_lots_surplus_is_not_held_for_him(sale: TwoLots) -> None:
    """Settled: he waits for returns only, which stand before nobody's surplus; what returns, the next plan gives him whole."""
    await sale.won()
    await sale.shares()
    await sale.settled_anew()
    assert await sale.his() == (PRICE - HELD, 0)
    async with sale.db.reading() as tx:
        assert await still_open(tx, sale.world.case_id, debtor=sale.persons["debtor"]) == set()

    await sale.give_back("mortgagee", MORTGAGE - 1)
    assert await sale.his() == (PRICE - HELD, MORTGAGE - 1)
    assert (await sale.shares())["third_party"] == MORTGAGE - 1
    await sale.settled_anew()

    assert await sale.his() == (ORDINARY + 1, 0)
    await sale.world.require_straight()


async def test_what_was_written_off_nobody_owes_him_here(sale: TwoLots) -> None:
    """The court ends what cannot be had: his claim ends with it; what comes of it later all the same is his again."""
    await sale.won()
    await sale.write_off("applicant")
    assert await sale.his() == (PRICE - ORDINARY, HELD)
    await sale.give_back("applicant", 5)

    assert await sale.his() == (PRICE - ORDINARY + 5, HELD + 5)


@pytest.mark.parametrize(
    ("left", "outstanding", "gone", "stands", "his"),
    [
        (100, 0, 0, True, (100, 100)),
        (100, 99, 0, True, (100, 1)),
        (100, 100, 0, True, (100, 0)),
        (100, 100, 100, True, (0, 0)),
        (100, 60, 20, True, (80, 40)),
        (40, 41, 0, True, (40, 0)),
        (100, 0, 0, False, (100, 0)),
    ],
)
def test_what_is_his_and_what_of_it_is_here(
    left: int, outstanding: int, gone: int, stands: bool, his: tuple[int, int]
) -> None:
    """Never below nothing; a price that went back has nothing for him."""
    awarded = Awarded(new_id(), Money(outstanding), Money(gone), stands)

    assert still_his(Money(left), awarded) == tuple(Money(fen) for fen in his)


@pytest.mark.parametrize("here", [0, 1, 49, 50, 51])
def test_plan_gives_him_no_more_than_is_here_of_his_lot(here: int) -> None:
    """Of a hundred, fifty awarded: what is not here of it goes on to the next rank, not to him."""
    owner = Claim(claim_id=new_id(), kind=ClaimKind.THIRD_PARTY, amount=Money(50), at_most=Money(here))
    creditor = Claim(claim_id=new_id(), kind=ClaimKind.ORDINARY, amount=Money(80))

    plan = compute_plan(Money(100), [creditor, owner], ordinary_order="pro_rata")

    first, second = plan.shares
    assert (first.claim, first.amount) == (owner, Money(min(here, 50)))
    assert second.amount == min(Money(80), Money(100) - first.amount)
    assert plan.surplus == max(ZERO, Money(20) - first.amount)
