"""What happens to a set-off that a plan used up, when the sale, the buyer's title or his rank falls afterwards (auction/DECISIONS F95)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.cancel_purchase import set_purchase_aside
from auction.fund.ledger.trace import trace_case
from auction.fund.plans.store import open_claims
from auction.fund.undoings.store import RecoveryShown, UndoingShown, undoings_of_case
from auction.fund.undoings.undoings import AlreadyUndone, SetOffReversed
from auction.kernel.clock import day_start, local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.set_offs.test_set_off_flow import CEILING, OWED, TAX, CreditorsSale
from tests.auction.fund.settlement.test_settlement_flow import DEPOSIT, PRICE
from tests.auction.fund.undoings.test_undoing_flow import UndoneSale
from tests.auction.fund.world import CASE_NUMBER, World
from tests.stages import staged

SET_OFF = PRICE - DEPOSIT
IN_MONEY = CEILING - SET_OFF
BUYER = "示范mortgagee"


class UndoneSetOff(CreditorsSale, UndoneSale):
    """The mortgagee bought, set off what he did not pay as deposit, and the plan was settled."""

    @staged
    async def used_up(self) -> None:
        """Come as far as a plan that used his set-off up; tax and the rest of his share are still here."""
        await self.ready()
        await self.fix(SET_OFF)
        await self.draw()
        await self.settled_now()
        for name in self.persons:
            await self.record_account(name, f"62220000000{len(name):04d}")

    @staged
    async def all_paid(self) -> None:
        """Let the mortgagee have the rest of his share."""
        await self.used_up()
        await self.paid("mortgage", IN_MONEY)
        await self.world.settle_bank()

    async def one(self) -> UndoingShown:
        """The last undoing."""
        async with self.db.reading() as tx:
            return (await undoings_of_case(tx, self.world.case_id))[-1]

    async def his_debt(self) -> RecoveryShown:
        """What the mortgagee owes by the last undoing."""
        (owed,) = (await self.one()).recoveries
        assert owed.person_id == self.persons["mortgagee"]
        return owed

    async def pay_debt(self, fen: int) -> None:
        """Let him pay it in."""
        owed = await self.his_debt()
        self.world.bank.pay_in(fen, name=BUYER, to=CASE_NUMBER, remark=f"退款{owed.reference}", account="629")
        await self.world.settle_bank()

    async def still_owed(self) -> dict[UUID, int]:
        """What is open of each person's claims."""
        async with self.db.reading() as tx:
            rows = await open_claims(tx, self.world.case_id)
        owed: dict[UUID, int] = {}
        for row, claim in rows:
            owed[row.person_id] = owed.get(row.person_id, 0) + claim.amount.fen
        return owed


@pytest.fixture
def sale(db: Database) -> UndoneSetOff:
    """A sale to the mortgagee, in a world in which nothing happened yet."""
    return UndoneSetOff(World(db))


async def test_set_off_falls_with_the_sale_and_no_money_moves_for_it(sale: UndoneSetOff) -> None:
    """He has his deposit back, and is owed his whole claim again; nobody owes the case what never came."""
    await sale.used_up()

    await sale.set_aside()

    shown = await sale.one()
    assert (shown.set_off_fen, shown.held_fen, shown.recoveries) == (SET_OFF, DEPOSIT, ())
    assert sale.sent_to(BUYER) == DEPOSIT
    assert await sale.world.totals() == {}
    assert (await sale.still_owed())[sale.persons["mortgagee"]] == OWED
    await sale.world.require_straight()


async def test_what_he_was_paid_beside_it_he_owes_back(sale: UndoneSetOff) -> None:
    """His rest was paid out: that comes back in money, and goes to whoever paid the price; the set-off is not owed."""
    await sale.all_paid()

    await sale.set_aside()

    assert (await sale.his_debt()).amount_fen == IN_MONEY
    assert sale.sent_to(BUYER) == IN_MONEY + TAX
    await sale.pay_debt(IN_MONEY)
    assert sale.sent_to(BUYER) == IN_MONEY + DEPOSIT
    assert await sale.world.totals() == {}
    assert (await sale.still_owed())[sale.persons["mortgagee"]] == OWED
    await sale.world.require_straight()


async def test_sale_falls_once(sale: UndoneSetOff) -> None:
    """A second ruling on the same sale is refused and changes nothing."""
    await sale.used_up()
    await sale.set_aside()
    before = await sale.one()

    with pytest.raises(AlreadyUndone):
        await sale.set_aside()

    assert await sale.one() == before
    assert sale.sent_to(BUYER) == DEPOSIT


async def test_reversed_creditor_who_bought_owes_in_money_what_he_set_off(sale: UndoneSetOff) -> None:
    """He keeps the thing: its price is owed in money, and is the other creditors'."""
    await sale.used_up()

    await sale.reverse("mortgage")

    shown = await sale.one()
    assert (shown.held_fen, shown.set_off_fen) == (IN_MONEY, 0)
    assert (await sale.his_debt()).amount_fen == SET_OFF
    await sale.pay_debt(SET_OFF)
    plan = await sale.draw()
    assert {line.kind: line.share_fen for line in plan.lines} == {"ordinary": 50_000_00, "surplus": CEILING - 50_000_00}
    await sale.world.require_straight()


@pytest.mark.parametrize("keeps", [SET_OFF - 1, SET_OFF, SET_OFF + 1])
async def test_what_he_may_keep_he_keeps_as_the_thing_first(sale: UndoneSetOff, keeps: int) -> None:
    """Reduced to what he set off he owes nothing; below that the difference, in money."""
    await sale.used_up()

    await sale.reverse("mortgage", keeps=keeps)

    shown = await sale.one()
    assert shown.held_fen == CEILING - max(keeps, SET_OFF)
    assert [one.amount_fen for one in shown.recoveries] == ([] if keeps >= SET_OFF else [SET_OFF - keeps])
    await sale.world.require_straight()


async def test_set_off_bears_interest_from_the_day_it_was_settled(sale: UndoneSetOff) -> None:
    """He had that part of the price from the plan's settlement, as others have theirs from their payout."""
    await sale.used_up()
    async with sale.db.reading() as tx:
        settled = local_day(tx.now)
    last = settled + timedelta(days=9)
    await move_clock(sale.db, to=day_start(last + timedelta(days=1)))

    await sale.reverse(
        "mortgage", interest_percent="3.65", interest_from=settled - timedelta(days=30), interest_to=last
    )

    interest = SET_OFF * 365 * 10 // (365 * 10_000)
    assert (await sale.his_debt()).amount_fen == SET_OFF + interest


async def test_third_party_who_wins_is_owed_by_the_buyer_what_he_set_off(sale: UndoneSetOff) -> None:
    """The buyer keeps the thing; all of its price is the third party's, so he pays in what he had set off."""
    await sale.used_up()

    await sale.award()

    assert (await sale.his_debt()).amount_fen == SET_OFF
    assert await sale.world.totals() == {"bank": DEPOSIT, "proceeds": DEPOSIT}
    await sale.pay_debt(SET_OFF)
    plan = await sale.draw()
    assert {line.kind: line.share_fen for line in plan.lines}["third_party"] == PRICE
    await sale.world.require_straight()


async def test_sale_whose_set_off_was_reversed_does_not_fall_by_itself(sale: UndoneSetOff) -> None:
    """His debt for the set-off and the fall of its sale must be ruled on together; nothing is booked meanwhile."""
    await sale.used_up()
    await sale.reverse("mortgage")
    before = await sale.world.totals()

    with pytest.raises(SetOffReversed):
        await sale.set_aside()

    assert await sale.world.totals() == before


async def test_reduced_creditor_who_still_has_his_set_off_loses_it_with_the_sale(sale: UndoneSetOff) -> None:
    """What fell before was money that was held; the set-off stands, and falls with the sale."""
    await sale.used_up()
    await sale.reverse("mortgage", keeps=SET_OFF + 100)

    await sale.set_aside()

    shown = await sale.one()
    assert (shown.set_off_fen, shown.held_fen, shown.recoveries) == (SET_OFF, TAX + 100, ())
    assert sale.sent_to(BUYER) == DEPOSIT
    assert await sale.world.totals() == {}
    await sale.world.require_straight()


async def test_trace_ends_every_source_once(sale: UndoneSetOff) -> None:
    """The deposit's cash goes back whole; what was set off ended where the plan used it."""
    await sale.used_up()
    await sale.set_aside()

    async with sale.db.reading() as tx:
        streams = await trace_case(tx, sale.world.case_id)

    found: dict[str, int] = {}
    for one in streams:
        found[one.source.cause] = found.get(one.source.cause, 0) + one.source.amount_fen
    assert found == {"deposit_received": DEPOSIT, "set_off_applied": SET_OFF}


async def test_database_takes_a_set_off_along_only_with_its_sale(sale: UndoneSetOff) -> None:
    """By a reversal a set-off becomes a debt; the database refuses that it falls without one."""
    await sale.used_up()
    await sale.reverse("mortgage", keeps=SET_OFF)
    line = next(one.line_id for one in sale.plan.lines if one.kind == "sale_tax")

    async def work(tx: Transaction) -> None:
        await tx.session.execute(
            text(
                "INSERT INTO fund.fallen_share (undoing_id, line_id, held_fen, paid_fen, set_off_fen)"
                " SELECT undoing_id, :line, 0, 0, 1 FROM fund.undoing WHERE case_id = :case"
            ),
            {"line": line, "case": sale.world.case_id},
        )

    with pytest.raises(DBAPIError, match="set_off_falls"):
        await sale.db.transact(work)


async def test_purchase_without_a_set_off_is_set_aside_as_before(sale: UndoneSetOff) -> None:
    """The creditor who paid all in money has all of it back; nothing falls as a set-off."""
    await sale.ready()
    await sale.world.pay_by_bank(sale.buyer, PRICE - DEPOSIT)
    await sale.draw()
    await sale.settled_now()
    document_id = await sale.world.document("setting_aside_ruling")

    async def work(tx: Transaction) -> None:
        await tx.about_case(sale.world.case_id)
        await set_purchase_aside(
            tx, undoing_id=new_id(), round_id=sale.world.round_id, ground="collusion", document_id=document_id
        )

    await sale.db.transact(work)
    await sale.world.settle_bank()

    assert (await sale.one()).set_off_fen == 0
    assert sale.sent_to(BUYER) == PRICE
    assert await sale.world.totals() == {}
