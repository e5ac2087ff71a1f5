"""Undoings of shares that judgments and escrows moved, and of a price that several plans distributed (F60)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.claims.claims import ClaimKind
from auction.fund.payouts.escrow import EscrowUnknown
from auction.fund.payouts.put_in_escrow import ClaimEscrow, PutInEscrow, claim_escrow, put_in_escrow
from auction.fund.settlement.release_escrow import release_escrow
from auction.fund.undoings.store import undoings_of_case
from auction.fund.undoings.undoings import PayoutUnderWay
from auction.kernel.actors import Role
from auction.kernel.clock import day_start
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.settlement.test_settlement_flow import DEPOSIT, MORTGAGE, ORDINARY, PRICE, TAX
from tests.auction.fund.undoings.test_undoing_flow import BUYER, UndoneSale
from tests.auction.fund.world import CASE_NUMBER, World

DISPUTED, COST = 30_000_00, 1_000_00
LEFT = PRICE - TAX - MORTGAGE
"""What the mortgage leaves to the ordinary creditor, who is owed more."""


class MovedSale(UndoneSale):
    """A sale of which a share moved before it is undone."""

    async def disputed(self) -> UUID:
        """Come as far as a settled plan of which a suit holds a part of the mortgagee's share; gives the objection."""
        await self.prepare()
        await self.assess()
        await self.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE, date(2020, 1, 1))
        await self.claim("applicant", ClaimKind.ORDINARY, PRICE)
        await self.draw()
        await self.serve()
        objection_id = await self.objected("mortgage", DISPUTED)
        await move_clock(self.db, to=day_start(await self.window_end() + timedelta(days=1)))
        self.plan = await self.settle()
        for name in self.persons:
            await self.record_account(name, f"62220000000{len(name):04d}")
        return objection_id

    async def deposit(self, kind: str, *, cost: int = 0) -> UUID:
        """Put a share into escrow; gives the escrow."""
        command = PutInEscrow(
            command_id=new_id(),
            escrow_id=new_id(),
            line_id=self.line(kind),
            ground="unreachable",
            document_id=new_id(),
            cost_fen=cost,
            cost_party_id=self.parties["tax"] if cost else None,
        )
        command = msgspec.structs.replace(command, document_id=await self.world.escrow_paper(command))
        await put_in_escrow(self.db, self.handler, command)
        return command.escrow_id

    async def claim_deposit(self, escrow_id: UUID) -> None:
        """Let the payee claim what stands in escrow."""
        head = await self.world.officer(Role.BUREAU_HEAD)
        command = ClaimEscrow(
            command_id=new_id(), escrow_id=escrow_id, case_id=self.world.case_id, evidence_sha256="aa"
        )
        await claim_escrow(self.db, head, command)

    async def reversed_for(self, claim_kind: str) -> tuple[int, int]:
        """What the newest reversal took of what was held, and what its creditor owes."""
        await self.reverse(claim_kind)
        async with self.db.reading() as tx:
            shown = (await undoings_of_case(tx, self.world.case_id))[-1]
        return shown.held_fen, sum(one.amount_fen for one in shown.recoveries)

    async def second_sale(self) -> None:
        """Have another lot of the case sold and paid at the same price."""
        self.world.lot_id, self.world.round_id = new_id(), new_id()
        winner = await self.world.bidder(DEPOSIT)
        await self.world.pay_by_bank(winner, DEPOSIT)
        await self.world.close(winner, PRICE)
        await self.world.pay_by_bank(winner, PRICE - DEPOSIT)


@pytest.fixture
def sale(db: Database) -> MovedSale:
    """A sale in a world in which nothing happened yet."""
    return MovedSale(World(db))


@pytest.mark.parametrize(("winner", "mortgage", "ordinary"), [("ordinary", -1, 1), ("mortgage", 0, 0)])
async def test_a_share_is_what_the_judgment_left_of_it(
    sale: MovedSale, winner: str, mortgage: int, ordinary: int
) -> None:
    """While the suit runs nothing can be reversed; after the judgment each line falls with what it won or lost, to zero."""
    objection_id = await sale.disputed()
    with pytest.raises(PayoutUnderWay):
        await sale.reverse("mortgage")
    await release_escrow(sale.db, sale.handler, await sale.release(objection_id, winner))

    assert await sale.reversed_for("mortgage") == (MORTGAGE + mortgage * DISPUTED, 0)
    assert await sale.reversed_for("ordinary") == (LEFT + ordinary * DISPUTED, 0)

    totals = await sale.world.totals()
    assert "claims_payable" not in totals
    assert totals["proceeds"] == MORTGAGE + LEFT
    await sale.world.require_straight()


async def test_no_more_falls_than_the_judgment_left(sale: MovedSale) -> None:
    """The database counts what a judgment sent away: one fen more than what is left of the line is refused."""
    objection_id = await sale.disputed()
    await release_escrow(sale.db, sale.handler, await sale.release(objection_id, "ordinary"))
    await sale.reverse("ordinary")
    order = "INSERT INTO fund.fallen_share SELECT undoing_id, :line, :fen, 0 FROM fund.undoing WHERE case_id = :case"
    named = {"line": sale.line("mortgage"), "case": sale.world.case_id}

    with pytest.raises(DBAPIError, match="fallen_twice"):
        async with sale.db.transaction() as tx:
            await tx.session.execute(text(order), {**named, "fen": MORTGAGE - DISPUTED + 1})
    async with sale.db.transaction() as tx:
        await tx.session.execute(text(order), {**named, "fen": MORTGAGE - DISPUTED})


async def test_who_bore_the_cost_of_his_escrow_returns_it_too(sale: MovedSale) -> None:
    """What his share paid for its escrow he had; what was claimed and not paid yet falls at once."""
    await sale.settled()
    await sale.claim_deposit(await sale.deposit("ordinary", cost=COST))

    assert await sale.reversed_for("ordinary") == (ORDINARY - COST, COST)
    await sale.world.require_straight()


async def test_what_stands_in_escrow_falls_and_is_not_claimed_any_more(sale: MovedSale) -> None:
    """A reversed creditor's escrow goes back among the proceeds; there is nothing left for him to claim."""
    await sale.settled()
    escrow_id = await sale.deposit("ordinary", cost=COST)

    assert await sale.reversed_for("ordinary") == (ORDINARY - COST, COST)

    totals = await sale.world.totals()
    assert "escrow" not in totals
    assert totals["proceeds"] == ORDINARY - COST
    with pytest.raises(EscrowUnknown):
        await sale.claim_deposit(escrow_id)
    await sale.world.require_straight()


async def test_a_price_falls_over_all_plans_that_had_it(sale: MovedSale) -> None:
    """What a reversal took out of the first plan was distributed by the second: the third party gets his whole price from both."""
    await sale.settled()
    await sale.reverse("ordinary")
    await sale.draw()
    await sale.serve()
    await move_clock(sale.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    await sale.settle()

    await sale.award()

    assert await sale.world.totals() == {"bank": PRICE, "proceeds": PRICE}
    await sale.world.require_straight()


async def test_the_last_rank_of_all_plans_falls_first(sale: MovedSale) -> None:
    """With a second price distributed, the debtor's surplus of both plans falls before any creditor of the first."""
    await sale.settled()
    await sale.second_sale()
    await sale.assess()
    await sale.draw()
    await sale.serve()
    await move_clock(sale.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    second = await sale.settle()
    surplus = next(line.share_fen for line in second.lines if line.kind == "surplus")

    await sale.award(PRICE)

    totals = await sale.world.totals()
    assert (totals["proceeds"], totals["surplus_payable"]) == (PRICE, surplus - PRICE)
    assert (totals["claims_payable"], totals["taxes_payable"]) == (MORTGAGE + ORDINARY, 2 * TAX)
    await sale.world.require_straight()


async def test_what_a_reversal_took_back_goes_to_the_buyer_too(sale: MovedSale) -> None:
    """It is among the proceeds when his sale is set aside: the whole price goes back, and nothing is left."""
    await sale.settled()
    await sale.reverse("ordinary")

    await sale.set_aside()

    assert sale.sent_to(BUYER) == PRICE
    assert await sale.world.totals() == {}
    await sale.world.require_straight()


async def test_what_a_reversed_creditor_still_returns_goes_to_the_buyer(sale: MovedSale) -> None:
    """He owed it before the sale was set aside; the price is missing it, so it goes on to whoever paid the price."""
    await sale.paid_out()
    await sale.reverse("ordinary")
    owed = await sale.owed_by("applicant")
    await sale.set_aside()
    assert sale.sent_to(BUYER) == PRICE - MORTGAGE - ORDINARY

    sale.world.bank.pay_in(ORDINARY, name="示范applicant", to=CASE_NUMBER, remark=owed.reference, account="62")
    await sale.world.settle_bank()

    assert sale.sent_to(BUYER) == PRICE - MORTGAGE
    assert await sale.world.totals() == {}
    await sale.world.require_straight()
