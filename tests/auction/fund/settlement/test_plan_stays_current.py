"""A plan is settled only while it says what is owed and held (Interp. 507, 509)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from auction.fund.bills.store import enforced_in_plans
from auction.fund.cancel_purchase import set_purchase_aside
from auction.fund.claims.claims import ClaimKind
from auction.fund.payouts.sign_step import ApproveDisbursement, approve_disbursement
from auction.fund.plans.plan import PlanOutdated
from auction.fund.plans.planned import SurplusWaits
from auction.fund.plans.store import open_claims
from auction.fund.settlement.release_escrow import release_escrow
from auction.kernel.actors import Role
from auction.kernel.clock import day_start
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, ORDINARY, PRICE, TAX
from tests.auction.fund.undoings.test_undoing_flow import UndoneSale
from tests.auction.fund.world import World


@pytest.fixture
def sale(db: Database) -> UndoneSale:
    """A sale in a world in which nothing happened yet."""
    return UndoneSale(World(db))


async def drawn_and_over(sale: UndoneSale) -> None:
    """Come as far as a plan that was served, and to which nobody may object any more."""
    await sale.drawn()
    await sale.serve()
    await move_clock(sale.db, to=day_start(await sale.window_end() + timedelta(days=1)))


@pytest.mark.parametrize("refuses", [False, True])
async def test_a_third_party_who_won_meanwhile_is_not_passed_over(sale: UndoneSale, refuses: bool) -> None:
    """The price of his thing is not given to the creditors by a plan that was drawn before his judgment (法释〔2025〕10号 6)."""
    await drawn_and_over(sale)

    await sale.award(PRICE, refuses=refuses)

    with pytest.raises(PlanOutdated):
        await sale.settle()
    await sale.world.require_straight()


@pytest.mark.parametrize(("kind", "on"), [(ClaimKind.ORDINARY, None), (ClaimKind.MORTGAGE, date(2019, 1, 1))])
async def test_who_was_recorded_meanwhile_is_in_the_plan_or_it_is_not_settled(
    sale: UndoneSale, kind: ClaimKind, on: date | None
) -> None:
    """A creditor who came in time is paid in his rank, or nobody is: the plan is drawn and served anew."""
    await drawn_and_over(sale)

    await sale.claim("mortgagee", kind, 100_00, on)

    with pytest.raises(PlanOutdated):
        await sale.settle()
    plan = await sale.draw()
    assert [line.share_fen for line in plan.lines if line.owed_fen == 100_00] == [100_00]


async def test_a_price_that_went_back_is_not_distributed(sale: UndoneSale) -> None:
    """The sale is set aside after the plan was drawn: nothing is settled over its price."""
    await drawn_and_over(sale)
    document_id = await sale.world.document("setting_aside_ruling")

    async def work(tx: Transaction) -> None:
        await tx.about_case(sale.world.case_id)
        await set_purchase_aside(
            tx, undoing_id=new_id(), round_id=sale.world.round_id, ground="collusion", document_id=document_id
        )

    await sale.db.transact(work)
    with pytest.raises(PlanOutdated):
        await sale.settle()


async def test_a_plan_that_still_says_what_is_owed_is_settled(sale: UndoneSale) -> None:
    """Nothing changed: everybody gets what was served."""
    await drawn_and_over(sale)
    plan = await sale.settle()
    assert [line.share_fen for line in plan.lines] == [TAX, MORTGAGE, ORDINARY, PRICE - TAX - MORTGAGE - ORDINARY]


async def test_what_a_judgment_moved_is_owed_to_who_lost_it_and_not_to_who_won_it(sale: UndoneSale) -> None:
    """The next plan, the surplus and the fee count what each claim really had (Interp. 510; 执行工作规定 34)."""
    more = 400_000_00
    await sale.prepare()
    await sale.assess()
    await sale.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE, date(2020, 1, 1))
    await sale.claim("applicant", ClaimKind.ORDINARY, more)
    await sale.draw()
    await sale.serve()
    objection_id = await sale.objected("mortgage", 100_00)
    await move_clock(sale.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    sale.plan = await sale.settle()
    had = PRICE - TAX - MORTGAGE

    await release_escrow(sale.db, sale.handler, await sale.release(objection_id, "ordinary"))

    async with sale.db.reading() as tx:
        owed = {row.kind: claim.amount.fen for row, claim in await open_claims(tx, sale.world.case_id)}
        enforced = await enforced_in_plans(tx, sale.world.case_id)
    assert owed == {"mortgage": 100_00, "ordinary": more - had - 100_00}
    assert enforced.fen == had + 100_00


async def test_a_held_surplus_is_there_for_a_claim_that_came_later(sale: UndoneSale) -> None:
    """It is neither stuck nor the debtor's: the next plan pays the claim out of it, and only the rest is a surplus again."""
    await sale.settled()
    surplus = PRICE - TAX - MORTGAGE - ORDINARY
    late = 1_000_00
    await sale.claim("applicant", ClaimKind.LATE_INTEREST, late)

    plan = await sale.draw()
    assert [(line.kind, line.share_fen) for line in plan.lines] == [
        ("late_interest", late),
        ("surplus", surplus - late),
    ]
    await sale.serve()
    await move_clock(sale.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    sale.plan = await sale.settle()

    totals = await sale.world.totals()
    assert (totals["surplus_payable"], totals["claims_payable"]) == (surplus - late, MORTGAGE + ORDINARY + late)
    assert "proceeds" not in totals
    assert (await sale.prepared("surplus")).amount_fen == surplus - late
    await sale.world.require_straight()


async def test_a_surplus_that_is_signed_waits_for_a_claim_that_came_meanwhile(sale: UndoneSale) -> None:
    """Prepared is not paid: each later step asks again whether something above the surplus is open (执行工作规定 34)."""
    await sale.settled()
    prepared = await sale.prepared("surplus")
    await sale.claim("applicant", ClaimKind.LATE_INTEREST, 1)
    head = await sale.world.officer(Role.BUREAU_HEAD)
    approve = ApproveDisbursement(
        command_id=new_id(), disbursement_id=prepared.disbursement_id, signed_sha256=prepared.signed_sha256
    )

    with pytest.raises(SurplusWaits):
        await approve_disbursement(sale.db, head, approve)
