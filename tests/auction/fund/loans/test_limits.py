"""The buyer's own limit: what counts, from when it holds, who reads it, and when the room is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

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
