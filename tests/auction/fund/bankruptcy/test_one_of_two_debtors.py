"""The bankruptcy of one of two judgment debtors takes his asset's price, and nothing of the other's (企业破产法 30, from memory; F104)."""

from __future__ import annotations

from typing import Any

import pytest

from auction.fund.bankruptcy.bankruptcy import OtherPlanDrawn
from auction.fund.claims.claims import ClaimKind
from auction.fund.deposits.store import purchases_of_case
from auction.fund.payouts.sign_step import (
    ApproveDisbursement,
    CheckDisbursement,
    PayDisbursement,
    approve_disbursement,
    check_disbursement,
    pay_disbursement,
)
from auction.fund.payouts.store import DisbursementView
from auction.fund.plans.store import PlanView
from auction.fund.stays.stays import CaseStayed, referral_shown
from auction.kernel.actors import Role
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from tests.auction.fund.bankruptcy.test_bankruptcy_flow import EnterpriseSale
from tests.auction.fund.settlement.test_settlement_flow import PRICE, TAX
from tests.auction.fund.settlement.test_two_assets import NET, TwoAssets
from tests.auction.fund.world import World


class TwoDebtors(EnterpriseSale, TwoAssets):
    """Two lots: *debtor*, an enterprise, owned the first, *other* the second; an administrator is on file and both rulings are served."""

    async def ready(self) -> None:
        """Come as far as two paid prices with their owners and one claim that both owe."""
        await self.sold()
        await self.owned(self.first_lot, "debtor")
        await self.owned(self.second_lot, "other")
        await self.owe("mortgagee", ClaimKind.MORTGAGE, 100_000_00, "other", of=self.second_lot)
        await self.owe("applicant", ClaimKind.ORDINARY, 2 * PRICE)
        self.persons["administrator"] = await self.world.person("示范公司管理人")
        self.parties["administrator"] = await self.world.party(self.persons["administrator"], "third_party")
        async with self.db.reading() as tx:
            bought = await purchases_of_case(tx, self.world.case_id)
        for one in bought:
            buyer = await self.world.party(one.person_id, "buyer")
            await self.world.served(await self.world.document("sale_ruling"), buyer, await self.today())

    def sent_to(self, name: str) -> int:
        """What the bank was ordered to pay to a name."""
        return sum(order.amount_fen for order, _ in self.world.bank.orders.values() if order.to_name == name)

    async def taken(self) -> None:
        """Send the case for *debtor*, and have the proceedings opened."""
        await self.refer()
        await self.answered(accepted=True)


@pytest.fixture
def sale(db: Database) -> TwoDebtors:
    """A case in a world in which nothing happened yet."""
    return TwoDebtors(World(db))


def lines(plan: PlanView) -> list[tuple[str, int]]:
    """Kinds and shares of a plan."""
    return [(line.kind, line.share_fen) for line in plan.lines if line.share_fen]


async def signed_on(sale: TwoDebtors, view: DisbursementView) -> None:
    """Take the steps after the preparation."""
    db, world = sale.db, sale.world
    named: dict[str, Any] = {"disbursement_id": view.disbursement_id, "signed_sha256": view.signed_sha256}
    await approve_disbursement(
        db, await world.officer(Role.BUREAU_HEAD), ApproveDisbursement(command_id=new_id(), **named)
    )
    await check_disbursement(db, await world.officer(Role.FINANCE), CheckDisbursement(command_id=new_id(), **named))
    await pay_disbursement(db, await world.officer(Role.CASHIER), PayDisbursement(command_id=new_id(), **named))


async def test_plan_after_the_hand_over_knows_that_the_other_price_is_gone(sale: TwoDebtors) -> None:
    """What both owe is not taken to be covered by the price that went to the administrator."""
    await sale.ready()
    await sale.taken()
    handed = await sale.hand_over()
    assert lines(handed) == [("bankruptcy_estate", PRICE)]

    settled = await sale.settled_of(sale.second, "other")

    assert dict(lines(settled)) == {"sale_tax": TAX, "mortgage": 100_000_00, "ordinary": NET - 100_000_00}


async def test_others_price_goes_on_and_the_estate_gets_its_own(sale: TwoDebtors) -> None:
    """While the enterprise's price stands still the other's is distributed and paid; the administrator gets the one price, and the account ends at zero."""
    await sale.ready()
    await sale.refer()
    with pytest.raises(CaseStayed):
        await sale.drawn_of(sale.first)
    settled = await sale.settled_of(sale.second, "other")
    await sale.answered(accepted=True)

    handed = await sale.hand_over()

    assert lines(handed) == [("bankruptcy_estate", PRICE)]
    assert dict(lines(settled))["mortgage"] == 100_000_00
    await sale.all_paid_out()
    sale.plan = settled
    await sale.all_paid_out()
    assert sale.sent_to("示范公司管理人") == PRICE
    assert await sale.world.totals() == {}
    await sale.close()
    await sale.world.require_straight()


async def test_hand_over_leaves_the_others_settled_shares(sale: TwoDebtors) -> None:
    """What was settled of the other's price before the referral is paid on; signed payouts of it stand, and no hand-over moves it."""
    await sale.ready()
    settled = await sale.settled_of(sale.second, "other")
    await sale.record_account("mortgagee", "622200009999")
    signed = await sale.prepared("mortgage")
    await sale.taken()
    handed = await sale.hand_over()
    assert lines(handed) == [("bankruptcy_estate", PRICE)]
    async with sale.db.reading() as tx:
        shown = await referral_shown(tx, sale.world.case_id)
    assert shown is not None
    assert (shown.of_all, shown.handed_over) == (False, True)

    sale.plan = settled
    await signed_on(sale, signed)
    await sale.world.settle_bank()
    assert sale.sent_to("示范mortgagee") == 100_000_00
    await sale.world.require_straight()


async def test_hand_over_waits_for_the_others_drawn_plan(sale: TwoDebtors) -> None:
    """A plan of the other's price that is served and not settled is not thrown away."""
    await sale.ready()
    await sale.drawn_of(sale.second, "other")
    await sale.taken()

    with pytest.raises(OtherPlanDrawn):
        await sale.hand_over()


async def test_owner_that_nobody_recorded_stands_still(sale: TwoDebtors) -> None:
    """Until it is recorded whose the second asset was, its price stands still with the first."""
    await sale.sold()
    await sale.owned(sale.first_lot, "debtor")
    await sale.owe("applicant", ClaimKind.ORDINARY, 2 * PRICE)
    await sale.refer()
    stood: list[Any] = []
    for debtor in ("debtor", "other"):
        with pytest.raises(CaseStayed) as refused:
            await sale.draw(round_id=sale.second, document_id=await sale.world.document("distribution_plan"))
        stood.append((debtor, refused.value.code))

    assert len(stood) == 2
    assert NET == PRICE - TAX
