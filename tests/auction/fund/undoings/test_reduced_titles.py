"""A title that is reduced to an amount: the claim goes on at it, what is above falls or is owed back (CPL 244)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.claims.claims import ClaimKind
from auction.fund.plans.plan import PlanOutdated
from auction.fund.plans.store import open_claims
from auction.fund.undoings.undoings import AlreadyUndone, TitleNotReduced
from auction.kernel.clock import day_start
from auction.kernel.db import Database
from auction.kernel.move_clock import move_clock
from tests.auction.fund.settlement.test_plan_stays_current import drawn_and_over
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, ORDINARY, PRICE, TAX
from tests.auction.fund.undoings.test_undoing_flow import UndoneSale
from tests.auction.fund.world import World

LESS = 7_00


@pytest.fixture
def sale(db: Database) -> UndoneSale:
    """A sale in a world in which nothing happened yet."""
    return UndoneSale(World(db))


async def owed(sale: UndoneSale) -> dict[str, int]:
    """What is still owed, by kind."""
    async with sale.db.reading() as tx:
        return {row.kind: claim.amount.fen for row, claim in await open_claims(tx, sale.world.case_id)}


async def test_before_the_plan_is_settled_the_claim_goes_on_at_the_smaller_figure(sale: UndoneSale) -> None:
    """The plan that was drawn over the larger one is outdated; the next one pays the smaller."""
    await drawn_and_over(sale)

    await sale.reverse("ordinary", keeps=ORDINARY - LESS)
    assert (await owed(sale))["ordinary"] == ORDINARY - LESS
    with pytest.raises(PlanOutdated):
        await sale.settle()
    shares = {line.kind: line.share_fen for line in (await sale.draw()).lines}
    assert shares["ordinary"] == ORDINARY - LESS
    assert shares["surplus"] == PRICE - TAX - MORTGAGE - ORDINARY + LESS


async def test_settled_and_unpaid_line_falls_to_it_and_is_paid_at_it(sale: UndoneSale) -> None:
    """What is above leaves the line at once; the rest is paid, and nothing is owed beyond it."""
    await sale.settled()

    await sale.reverse("ordinary", keeps=ORDINARY - LESS)
    assert (await sale.undone()).recoveries == ()
    assert await owed(sale) == {}
    totals = await sale.world.totals()
    assert (totals["proceeds"], totals["claims_payable"]) == (LESS, MORTGAGE + ORDINARY - LESS)
    assert (await sale.prepared("ordinary", fen=ORDINARY - LESS)).amount_fen == ORDINARY - LESS
    await sale.world.require_straight()


async def test_what_was_paid_above_is_owed_back_again_and_again_until_it_is_set_aside(sale: UndoneSale) -> None:
    """Reduced, reduced once more on appeal, then set aside whole: each time what is above is owed back, never twice."""
    await sale.paid_out()

    await sale.reverse("ordinary", keeps=ORDINARY - LESS)
    assert [one.left_fen for one in (await sale.undone()).recoveries] == [LESS]
    await sale.reverse("ordinary", keeps=LESS)
    await sale.reverse("ordinary")
    async with sale.db.reading() as tx:
        found = await tx.session.execute(text("SELECT amount_fen FROM fund.recovery ORDER BY ordered_at, amount_fen"))
        amounts = sorted(found.scalars())
    assert amounts == sorted([LESS, ORDINARY - LESS - LESS, LESS])
    assert await owed(sale) == {}
    with pytest.raises(AlreadyUndone):
        await sale.reverse("ordinary")
    await sale.world.require_straight()


async def test_who_got_less_than_the_reduced_amount_is_owed_the_rest(sale: UndoneSale) -> None:
    """The money did not reach him: he returns nothing, and what is missing of the smaller figure he is owed still."""
    more = 400_000_00
    had = PRICE - TAX - MORTGAGE
    await sale.prepare()
    await sale.assess()
    await sale.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE, date(2020, 1, 1))
    await sale.claim("applicant", ClaimKind.ORDINARY, more)
    await sale.draw()
    await sale.serve()
    await move_clock(sale.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    sale.plan = await sale.settle()
    assert await owed(sale) == {"ordinary": more - had}

    await sale.reverse("ordinary", keeps=had + LESS)
    shown = await sale.undone()
    assert (shown.amount_fen, shown.recoveries) == (0, ())
    assert await owed(sale) == {"ordinary": LESS}


@pytest.mark.parametrize("keeps", [-1, ORDINARY, ORDINARY + 1])
async def test_what_is_not_less_is_no_reduction(sale: UndoneSale, keeps: int) -> None:
    """Neither the same nor more, nor below nothing."""
    await sale.settled()
    before = await sale.world.totals()

    with pytest.raises(TitleNotReduced):
        await sale.reverse("ordinary", keeps=keeps)
    assert await sale.world.totals() == before
    await sale.reverse("ordinary", keeps=ORDINARY - 1)


async def test_database_holds_the_row_of_reductions(sale: UndoneSale) -> None:
    """Append-only; each starts where the one before ended, and goes down."""
    await sale.settled()
    await sale.reverse("ordinary", keeps=ORDINARY - LESS)
    columns = "claim_id, {number}, case_id, {old}, {new}, basis, evidence_sha256, NULL, NULL, recorded_at"
    for statement in (
        "UPDATE fund.claim_reduction SET to_fen = 1",
        "DELETE FROM fund.claim_reduction",
        "INSERT INTO fund.claim_reduction SELECT "
        + columns.format(number=2, old="from_fen", new=1)
        + " FROM fund.claim_reduction",
        "INSERT INTO fund.claim_reduction SELECT "
        + columns.format(number=3, old="to_fen", new=1)
        + " FROM fund.claim_reduction",
        "INSERT INTO fund.claim_reduction SELECT "
        + columns.format(number=2, old="to_fen", new="to_fen")
        + " FROM fund.claim_reduction",
    ):
        with pytest.raises(DBAPIError):
            async with sale.db.transaction() as tx:
                await tx.session.execute(text(statement))
