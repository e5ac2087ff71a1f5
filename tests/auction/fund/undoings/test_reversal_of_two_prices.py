"""A creditor who was paid out of two prices is reversed: each price has back what its own plan gave him (F84)."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from auction.fund.claims.claims import ClaimKind
from auction.fund.plans.assets import held_by_sale
from auction.fund.plans.tables import PlanLineRow
from auction.fund.undoings.reverse_enforcement import ReverseEnforcement, reverse_enforcement
from auction.fund.undoings.store import undoings_of_case
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from tests.auction.fund.settlement.test_two_assets import NET, TwoAssets
from tests.auction.fund.world import CASE_NUMBER, World

LEFT_ABOVE = 100_000_00
"""What of the second debtor's price is left to him."""


class ReversedOfTwo(TwoAssets):
    """Two prices of two debtors, of which one creditor had: all of the first, and a part of the second."""

    claim_id: UUID

    async def paid_of_both(self, *, pay_second: bool = True) -> None:
        """Have his shares settled and paid out; of the second price only if said so."""
        await self.sold()
        await self.owned(self.first_lot, "debtor")
        await self.owned(self.second_lot, "other")
        self.claim_id = await self.owe("applicant", ClaimKind.ORDINARY, 2 * NET - LEFT_ABOVE, "debtor", "other")
        await self.record_account("applicant", "622200000000009")
        await self.settled_of(self.first)
        await self.paid("ordinary")
        await self.settled_of(self.second, "other")
        if pay_second:
            await self.paid("ordinary")
        await self.world.settle_bank()

    async def reverse(self) -> str:
        """Set his title aside; gives the reference of his debt."""
        command = ReverseEnforcement(
            command_id=new_id(),
            undoing_id=new_id(),
            case_id=self.world.case_id,
            claim_id=self.claim_id,
            document_id=new_id(),
        )
        document_id = await self.world.reversal_paper(command)
        command = msgspec.structs.replace(command, document_id=document_id)
        await self.world.agree(await reverse_enforcement(self.db, self.handler, command))
        async with self.db.reading() as tx:
            (shown,) = await undoings_of_case(tx, self.world.case_id)
        return shown.recoveries[0].reference

    async def returned(self, reference: str, fen: int) -> None:
        """Let a part of his debt arrive."""
        self.world.bank.pay_in(fen, name="示范applicant", to=CASE_NUMBER, remark=f"退款{reference}", account="629")
        await self.world.settle_bank()

    async def waiting(self) -> tuple[int, int]:
        """What waits of the first price and of the second."""
        async with self.db.reading() as tx:
            held = await held_by_sale(tx, self.world.case_id)
        return held[self.first].fen, held[self.second].fen


@pytest.fixture
def sale(db: Database) -> ReversedOfTwo:
    """Two assets in a world in which nothing happened yet."""
    return ReversedOfTwo(World(db))


async def test_each_debtors_price_has_its_own_back(sale: ReversedOfTwo) -> None:
    """In two parts: each price has its proportion, the whole to the fen; each debtor's surplus is of his own price."""
    await sale.paid_of_both()
    assert await sale.waiting() == (0, 0)
    reference = await sale.reverse()

    await sale.returned(reference, 333_333_33)
    first, second = await sale.waiting()
    assert first + second == 333_333_33
    assert abs(first * (NET - LEFT_ABOVE) - second * NET) <= 2 * NET
    await sale.returned(reference, 2 * NET - LEFT_ABOVE - 333_333_33)
    assert await sale.waiting() == (NET, NET - LEFT_ABOVE)

    for round_id, debtor, fen in ((sale.first, "debtor", NET), (sale.second, "other", NET - LEFT_ABOVE)):
        plan = await sale.settled_of(round_id, debtor)
        assert [(line.kind, line.share_fen, line.payee_person_id) for line in plan.lines] == [
            ("surplus", fen, sale.persons[debtor])
        ]
    assert await sale.waiting() == (0, 0)
    await sale.world.require_straight()


async def test_what_is_still_held_goes_back_to_its_own_price_at_once(sale: ReversedOfTwo) -> None:
    """The second price's share was not paid: it waits there again, and what he returns is all of the first."""
    await sale.paid_of_both(pay_second=False)
    reference = await sale.reverse()
    assert await sale.waiting() == (0, NET - LEFT_ABOVE)

    await sale.returned(reference, NET - 1)
    assert await sale.waiting() == (NET - 1, NET - LEFT_ABOVE)
    async with sale.db.reading() as tx:
        line = await tx.session.get(PlanLineRow, next(x.line_id for x in sale.plan.lines if x.kind == "surplus"))
    assert line is not None
    assert Money(line.share_fen) == Money(LEFT_ABOVE)
    await sale.world.require_straight()
