"""The clock of a draw, and the lender's cancellation, whatever dies in between."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from auction.fund.cancel_purchase import forfeit_deposit
from auction.fund.loans.commit_loan import CommitLoan, commit_loan
from auction.fund.loans.draw_loan import DrawLoan, draw_loan
from auction.fund.loans.loans import LoanState
from auction.fund.loans.store import loan_row, loan_view, notices_of
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.loans.test_loan_flow import DEPOSIT, LOAN, PRICE, applied, committed, shown
from tests.auction.fund.world import Bidder, World


async def drawing(world: World, bidder: Bidder) -> tuple[UUID, datetime]:
    """Come as far as a draw that the lender does not pay; gives its end."""
    world.lender.pays = False
    loan_id = await committed(world, bidder)
    await draw_loan(world.db, bidder.actor, DrawLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
    due_at = (await shown(world, loan_id)).draw_due_at
    assert due_at is not None
    return loan_id, due_at


async def told(world: World, loan_id: UUID) -> list[tuple[str, str]]:
    """Who was told of the late draw."""
    async with world.db.reading() as tx:
        return sorted((row.kind, row.told) for row in await notices_of(tx, [loan_id]) if row.kind != "committed")


LATE = [("draw_late", "buyer"), ("draw_late", "court"), ("draw_late", "lender")]


async def test_draw_has_its_last_day(world: World) -> None:
    """A draw is late from the end of the product's last working day on, and not an instant before."""
    bidder = await world.bidder(DEPOSIT)
    loan_id, due_at = await drawing(world, bidder)
    view = await shown(world, loan_id)

    assert not view.is_late(due_at - timedelta(microseconds=1))
    assert view.is_late(due_at)
    assert view.draw_asked_at is not None
    assert due_at - view.draw_asked_at > timedelta(days=5)


async def test_late_draw_is_told_to_court_buyer_and_lender_once(world: World) -> None:
    """At its end three are told, each once; the loan goes on, and the money ends the alarm."""
    bidder = await world.bidder(DEPOSIT)
    loan_id, due_at = await drawing(world, bidder)
    await move_clock(world.db, to=due_at - timedelta(seconds=1), freeze=True)
    await world.run_jobs()
    assert await told(world, loan_id) == []

    world.lender.lose_answers = 1
    await move_clock(world.db, to=due_at, freeze=True)
    await world.run_jobs()
    await world.run_jobs()
    assert await told(world, loan_id) == LATE
    assert "loan_draw_late" in await world.alarms()
    assert [one.kind for one in world.lender.told.values()] == ["draw_late"]

    world.lender.pays = True
    await world.look_now()
    await world.settle_bank()
    assert (await shown(world, loan_id)).state is LoanState.RECEIVED
    assert "loan_draw_late" not in await world.alarms()
    await world.require_straight()


async def test_draw_that_was_paid_is_never_late(world: World) -> None:
    """A look that comes after the money tells nobody."""
    bidder = await world.bidder(DEPOSIT)
    loan_id, due_at = await drawing(world, bidder)
    world.lender.pays = True
    await world.look_now()
    await world.settle_bank()
    await move_clock(world.db, to=due_at + timedelta(days=1), freeze=True)
    await world.run_jobs()

    assert await told(world, loan_id) == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [1, 2])
async def test_process_that_dies_while_telling_tells_on(world: World, at: int, after: bool) -> None:
    """Whether it dies before or after each of its transactions, all three are told, the lender once."""
    bidder = await world.bidder(DEPOSIT)
    loan_id, due_at = await drawing(world, bidder)
    await world.run_jobs()
    await move_clock(world.db, to=due_at, freeze=True)
    world.crash_at(at, after=after)
    await world.run_jobs()

    assert await told(world, loan_id) == LATE
    assert len(world.lender.told) == 1


async def default(world: World) -> None:
    """Keep the deposit, as a declared default does."""

    async def work(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await forfeit_deposit(tx, round_id=world.round_id)

    await world.db.transact(work)


async def test_default_asks_the_lender_to_cancel_after_the_commit(world: World) -> None:
    """Within the decision nobody is called; the lender hears of it afterwards, though answers are lost."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await committed(world, bidder)
    world.lender.lose_answers = 2
    await default(world)
    assert world.lender.cancelled == []

    await world.run_jobs()

    assert set(world.lender.cancelled) == {f"commitment:{loan_id}:{LOAN}"}
    assert (await shown(world, loan_id)).state is LoanState.CANCELLED


async def test_promise_that_comes_after_the_default_is_given_back(world: World) -> None:
    """A lender who was asked before the default and promises after it is asked to cancel."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await applied(world, bidder)
    await world.pay_by_bank(bidder, DEPOSIT)
    await world.close(bidder, PRICE)
    await commit_loan(world.db, bidder.actor, CommitLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
    await default(world)
    await world.run_jobs()

    async with world.db.reading() as tx:
        assert loan_view(await loan_row(tx, loan_id)).state is LoanState.CANCELLED
    assert set(world.lender.cancelled) == {f"commitment:{loan_id}:{LOAN}"}
