"""A bankruptcy of the debtor takes nothing that was never his: co-owner and third party are paid by this court (企业破产法 38, from memory; F59)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from auction.fund.bankruptcy.bankruptcy import NothingToHandOver
from auction.fund.claims.claims import ClaimKind
from auction.fund.settlement.record_co_owner_share import RecordCoOwnerShare, record_co_owner_share
from auction.fund.stays.stays import CaseStayed
from auction.kernel.clock import day_start
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.bankruptcy.test_bankruptcy_flow import EnterpriseSale
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, PRICE, TAX
from tests.auction.fund.undoings.test_undoing_flow import UndoneSale
from tests.auction.fund.world import World

HALF = (PRICE - TAX) // 2
AWARD = 300_000_00


class OwnedWithOthers(EnterpriseSale, UndoneSale):
    """A sale of an enterprise's thing of which another owned a half, or which was a third party's in part."""

    async def administered(self) -> None:
        """Serve the ruling and put an administrator on the file."""
        await self.ruled()
        self.persons["administrator"] = await self.world.person("示范公司管理人")
        self.parties["administrator"] = await self.world.party(self.persons["administrator"], "third_party")

    async def owned(self) -> None:
        """Come as far as a paid price, half of which is a co-owner's, and a mortgage."""
        await self.prepare()
        await self.assess()
        self.persons["coowner"] = await self.world.person("示范coowner")
        self.parties["coowner"] = await self.world.party(self.persons["coowner"], "co_owner")
        command = RecordCoOwnerShare(
            command_id=new_id(),
            claim_id=new_id(),
            round_id=self.world.round_id,
            party_id=self.parties["coowner"],
            person_id=self.persons["coowner"],
            numerator=1,
            denominator=2,
            basis="不动产登记",
            evidence_sha256="00",
        )
        await record_co_owner_share(self.db, self.handler, command)
        await self.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE, date(2020, 1, 1))

    async def pay_out(self, kind: str, name: str) -> None:
        """Pay a line of the plan to its payee."""
        await self.record_account(name, f"62220000{len(name):04}")
        await self.paid(kind)
        await self.world.settle_bank()


@pytest.fixture
def sale(db: Database) -> OwnedWithOthers:
    """A sale in a world in which nothing happened yet."""
    return OwnedWithOthers(World(db))


async def test_undistributed_share_of_a_co_owner_gets_a_line_of_its_own(sale: OwnedWithOthers) -> None:
    """His half after taxes stays and is paid here; the rest is the administrator's, and the account closes at zero."""
    await sale.owned()
    await sale.administered()
    await sale.refer()
    await sale.answered(accepted=True)

    plan = await sale.hand_over()
    assert [(line.kind, line.share_fen) for line in plan.lines] == [
        ("co_owner_share", HALF),
        ("bankruptcy_estate", PRICE - HALF),
    ]
    await sale.pay_out("co_owner_share", "coowner")
    await sale.pay_out("bankruptcy_estate", "administrator")
    assert sale.sent_to("示范coowner") == HALF
    assert await sale.world.totals() == {}
    await sale.close()
    await sale.world.require_straight()


async def test_settled_line_of_a_co_owner_stays_his_and_waits_only_for_the_answer(sale: OwnedWithOthers) -> None:
    """Before the bankruptcy court answers all stands still; once it opened the proceedings he is paid, nobody else is, and no hand-over takes it."""
    await sale.owned()
    await sale.draw()
    await sale.serve()
    await move_clock(sale.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    settled = await sale.settle()
    await sale.administered()
    await sale.record_account("coowner", "622200002222")
    await sale.refer()
    with pytest.raises(CaseStayed):
        await sale.prepared("co_owner_share")
    await sale.answered(accepted=True)
    with pytest.raises(CaseStayed):
        await sale.prepared("mortgage")

    plan = await sale.hand_over()
    assert [(line.kind, line.share_fen) for line in plan.lines] == [("bankruptcy_estate", PRICE - HALF)]
    with pytest.raises(NothingToHandOver):
        await sale.hand_over()
    sale.plan = settled
    await sale.paid("co_owner_share")
    await sale.world.settle_bank()
    assert await sale.world.totals() == {"bank": PRICE - HALF, "claims_payable": PRICE - HALF}
    await sale.world.require_straight()


async def test_awarded_third_party_is_paid_out_of_his_lot_first(sale: OwnedWithOthers) -> None:
    """What the thing brought is his by judgment: it is no part of the estate."""
    await sale.prepare()
    await sale.assess()
    await sale.award(AWARD)
    await sale.administered()
    await sale.refer()
    await sale.answered(accepted=True)

    plan = await sale.hand_over()
    assert [(line.kind, line.share_fen) for line in plan.lines] == [
        ("third_party", AWARD),
        ("bankruptcy_estate", PRICE - AWARD),
    ]
    await sale.pay_out("third_party", "owner")
    assert sale.sent_to("示范owner") == AWARD


async def test_what_a_third_party_refused_stays_in_escrow_for_him(sale: OwnedWithOthers) -> None:
    """It is neither handed over nor lost: he takes it within his five years, and the next hand-over gives it a line of his."""
    await sale.prepare()
    await sale.assess()
    undoing_id = await sale.award(AWARD, refuses=True)
    await sale.administered()
    await sale.refer()
    await sale.answered(accepted=True)
    await sale.hand_over()
    assert (await sale.world.totals())["escrow"] == AWARD

    await sale.take(undoing_id)
    plan = await sale.hand_over()
    assert [(line.kind, line.share_fen) for line in plan.lines] == [("third_party", AWARD)]
    await sale.pay_out("third_party", "owner")
    assert sale.sent_to("示范owner") == AWARD
    await sale.world.require_straight()
