"""The buyer's own limit: what counts, from when it holds, who reads it, and when the room is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from auction.fund.deposits.store import deposit_row
from auction.fund.loans.apply_for_loan import apply_for_loan
from auction.fund.loans.limit_store import spending_plan
from auction.fund.loans.limits import (
    LIMIT_PAUSE,
    OwnLimit,
    OwnLimitExceeded,
    OwnMoneyMalformed,
    SpendingPlan,
    effective_at,
    require_within_own,
)
from auction.fund.loans.loans import LoanUnknown
from auction.fund.loans.set_spending_limit import SetSpendingLimit, set_spending_limit
from auction.fund.loans.store import record_product
from auction.fund.loans.tell_room import TELL_LIMIT
from auction.kernel.clock import local_day
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from tests.auction.fund.loans.application import PRODUCT, WISH, application, basis
from tests.auction.fund.world import Bidder, World

DEPOSIT = 100_000_00
OWN = 400_000_00
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


def stated(own_fen: int, *, enforced: bool = True) -> OwnLimit:
    """A statement."""
    return OwnLimit(own_fen=own_fen, enforced=enforced)


@pytest.mark.parametrize(
    ("held", "new", "pause"),
    [
        (None, stated(100), timedelta()),
        (stated(100), stated(99), timedelta()),
        (stated(100), stated(100), timedelta()),
        (stated(100), stated(101), LIMIT_PAUSE),
        (stated(100), stated(50, enforced=False), LIMIT_PAUSE),
        (stated(100, enforced=False), stated(500), timedelta()),
        (stated(100, enforced=False), stated(500, enforced=False), timedelta()),
    ],
)
def test_only_loosening_an_enforced_limit_waits(held: OwnLimit | None, new: OwnLimit, pause: timedelta) -> None:
    """Lower, equal or newly enforced holds at once; more own money or the end of enforcing after the pause."""
    assert effective_at(NOW, held=held, stated=new) == NOW + pause


@pytest.mark.parametrize(("beside", "passes"), [(-1, True), (0, True), (1, False)])
def test_enforced_limit_refuses_a_fen_above(beside: int, passes: bool) -> None:
    """At the limit a bid passes; a fen more is refused, and depends on a loan that nobody approved."""
    plan = SpendingPlan(own=Money(60), approved=Money(40), waits=False, enforced=True)
    amount = Money(100 + beside)

    assert plan.depends_on_loan(amount) is not passes
    if passes:
        require_within_own(plan, amount)
    else:
        with pytest.raises(OwnLimitExceeded):
            require_within_own(plan, amount)


def test_limit_that_nobody_asked_to_enforce_refuses_nothing() -> None:
    """Without his own wish no bid is refused, however high."""
    plan = SpendingPlan(own=Money(1), approved=Money(0), waits=False, enforced=False)

    require_within_own(plan, Money(10**9))
    require_within_own(None, Money(10**9))
    assert plan.room_limit_fen is None


async def state(world: World, bidder: Bidder, own_fen: int, *, enforced: bool = True) -> datetime:
    """State a limit; gives from when it holds."""
    command = SetSpendingLimit(
        command_id=new_id(), registration_id=bidder.registration_id, own_fen=own_fen, enforced=enforced
    )
    return (await set_spending_limit(world.db, bidder.actor, command)).effective_at


async def plan_of(world: World, bidder: Bidder, reader: Bidder | None = None) -> SpendingPlan | None:
    """The plan as somebody reads it."""
    async with world.db.reading() as tx:
        return await spending_plan(tx, (reader or bidder).actor.person_id, bidder.registration_id)


def told(world: World) -> int:
    """How often the room was told."""
    return [kind for kind, _ in world.told].count(TELL_LIMIT)


async def test_own_money_and_pre_approval_make_the_limit(world: World) -> None:
    """An approval raises the limit at once, and the room is told; one whose last day is over does not count."""
    await world.db.transact(lambda tx: record_product(tx, PRODUCT))
    bidder = await world.bidder(DEPOSIT)
    await state(world, bidder, OWN)
    await world.run_jobs()
    await apply_for_loan(world.db, bidder.actor, application(bidder.registration_id), basis_of=basis())
    before = await plan_of(world, bidder)
    await world.run_jobs()
    after = await plan_of(world, bidder)

    assert before is not None
    assert after is not None
    assert (before.limit.fen, before.waits, after.limit.fen, after.waits) == (OWN, True, OWN + WISH, False)
    assert told(world) == 2

    world.lender.valid_until = date(2020, 1, 1)
    other = await world.bidder(DEPOSIT)
    await state(world, other, OWN)
    await apply_for_loan(world.db, other.actor, application(other.registration_id), basis_of=basis())
    await world.run_jobs()
    lapsed = await plan_of(world, other)
    assert lapsed is not None
    assert lapsed.limit.fen == OWN


@pytest.mark.parametrize(("days", "counts"), [(-1, False), (0, True), (1, True)])
async def test_letter_that_ends_before_the_bidding_does_not_count(world: World, days: int, counts: bool) -> None:
    """A commitment is asked for after the close: a letter whose last day is before it stands for nothing, on that day it holds."""
    await world.db.transact(lambda tx: record_product(tx, PRODUCT))
    bidder = await world.bidder(DEPOSIT)
    async with world.db.reading() as tx:
        closes_at = (await deposit_row(tx, bidder.deposit_id)).closes_at
    world.lender.valid_until = local_day(closes_at) + timedelta(days=days)
    await state(world, bidder, OWN)
    await apply_for_loan(world.db, bidder.actor, application(bidder.registration_id), basis_of=basis())
    await world.run_jobs()

    plan = await plan_of(world, bidder)

    assert plan is not None
    assert plan.limit.fen == (OWN + WISH if counts else OWN)


@pytest.mark.parametrize(("beside", "depends"), [(0, False), (1, True)])
async def test_loan_carries_no_price_without_the_least_own_money(world: World, beside: int, depends: bool) -> None:
    """Of a home 15 % are own money: with 90 000 yuan the highest price is 600 000, whatever was approved; above it no lender commits."""
    await world.db.transact(lambda tx: record_product(tx, PRODUCT))
    bidder = await world.bidder(DEPOSIT)
    await state(world, bidder, 90_000_00)
    await apply_for_loan(world.db, bidder.actor, application(bidder.registration_id), basis_of=basis())
    await world.run_jobs()

    plan = await plan_of(world, bidder)

    assert plan is not None
    assert plan.depends_on_loan(Money(600_000_00 + beside)) is depends
    assert plan.room_limit_fen == 600_000_00


async def test_who_asked_for_a_loan_and_stated_no_own_money_is_told_before_he_bids(world: World) -> None:
    """Each of his bids depends on the loan: he has a plan without own money, which the room does not enforce."""
    await world.db.transact(lambda tx: record_product(tx, PRODUCT))
    bidder = await world.bidder(DEPOSIT)
    assert await plan_of(world, bidder) is None

    await apply_for_loan(world.db, bidder.actor, application(bidder.registration_id), basis_of=basis())

    plan = await plan_of(world, bidder)
    assert plan is not None
    assert (plan.stated, plan.enforced, plan.room_limit_fen) == (False, False, None)
    assert plan.depends_on_loan(Money(1))
    await world.run_jobs()
    approved = await plan_of(world, bidder)
    assert approved is not None
    assert approved.depends_on_loan(Money(1))  # of the least own money nothing is known


async def test_raise_holds_after_the_pause_and_a_later_cut_at_once(world: World) -> None:
    """A raise waits and is shown as coming; a cut that is stated meanwhile holds and takes the raise away."""
    bidder = await world.bidder(DEPOSIT)
    first = await state(world, bidder, OWN)
    second = await state(world, bidder, OWN + 1)
    waiting = await plan_of(world, bidder)
    await state(world, bidder, OWN - 1)
    cut = await plan_of(world, bidder)

    assert timedelta() < second - first - LIMIT_PAUSE < timedelta(minutes=1)
    assert waiting is not None
    assert cut is not None
    assert (waiting.limit.fen, waiting.coming, waiting.coming_at) == (OWN, stated(OWN + 1), second)
    assert (cut.limit.fen, cut.coming) == (OWN - 1, None)


async def test_limit_is_nobody_elses_business(world: World) -> None:
    """Another person neither states nor reads it, and it is stored sealed; the command's stored result repeats no amount."""
    bidder, other = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT)
    await state(world, bidder, 123_456_789)

    assert await plan_of(world, bidder, reader=other) is None
    with pytest.raises(LoanUnknown):
        await set_spending_limit(
            world.db,
            other.actor,
            SetSpendingLimit(command_id=new_id(), registration_id=bidder.registration_id, own_fen=1, enforced=True),
        )
    with pytest.raises(OwnMoneyMalformed):
        await state(world, bidder, -1)
    async with world.db.reading() as tx:
        for table in ("fund.spending_limit", "kernel.command", "kernel.job"):
            found = await tx.session.execute(
                text(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t")
            )  # one of three names
            assert "123456789" not in found.scalar_one()
