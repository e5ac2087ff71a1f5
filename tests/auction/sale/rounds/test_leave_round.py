from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from auction.contracts import Departure, StoppedRoom
from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.kernel.errors import NotPermitted
from auction.kernel.ids import new_id
from auction.sale.rounds import store
from auction.sale.rounds.bidders import AlreadyRegistered, NotAdmitted, RegistrationState, RegistrationUnknown
from auction.sale.rounds.leave_round import (
    LAST_EXIT,
    LeaderStays,
    LeaveRound,
    NothingToLeave,
    ResumesSoon,
    RoomStillRuns,
    leave_round,
)
from auction.sale.rounds.open_round import handle_open_round
from auction.sale.rounds.register_bidder import Registered
from tests.auction.sale.rounds.test_stop_round import resume, stop
from tests.auction.sale.world import CLOSES_AT, World


class Rooms:
    """A room of the test's own choosing."""

    def __init__(self, *, is_stopped: bool = True, leader: str = "", known: bool = True) -> None:
        """Say how the room stands."""
        self.room = StoppedRoom(is_stopped=is_stopped, leader=leader) if known else None

    async def stopped_room(self, tx: Transaction, session_id: UUID) -> StoppedRoom | None:
        """Give it."""
        del tx, session_id
        return self.room


async def leave(world: World, who: Actor, registered: Registered, rooms: Rooms | None = None) -> None:
    """Leave."""
    command = LeaveRound(command_id=new_id(), registration_id=registered.registration_id)
    await leave_round(world.db, who, command, rooms=rooms or Rooms())


async def state_of(world: World, registered: Registered) -> str:
    """Give the registration's state."""
    (row,) = await world.rows(
        "SELECT state FROM sale.registration WHERE registration_id = :id", id=registered.registration_id
    )
    return str(row.state)


@pytest.mark.parametrize("kind", ["deferral", "stay"])
async def test_bidder_leaves_a_stopped_round_with_his_deposit(world: World, kind: str) -> None:
    """The deposit is released within its hours, his code opens no room, and he does not come back."""
    await world.announced()
    bidder, registered, _ = await world.admitted()
    await stop(world, kind)  # type: ignore[arg-type]  # one of two

    await leave(world, bidder, registered)

    assert await state_of(world, registered) == "left"
    (job,) = await world.jobs("bidding.leave_room")
    assert job.decode(Departure).registration_id == registered.registration_id
    (deposit,) = await world.rows("SELECT release_due_at, kernel.now_at() AS now FROM fund.deposit")
    assert timedelta(hours=23, minutes=59) < deposit.release_due_at - deposit.now <= timedelta(hours=24)
    assert len(await world.jobs("fund.release_deposit")) == len(await world.jobs("fund.check_release")) == 1
    with pytest.raises(NotAdmitted):
        await world.read(lambda tx: store.ticket_right(tx, bidder.person_id, world.lot_id))
    with pytest.raises(NothingToLeave):
        await leave(world, bidder, registered)


async def test_no_row_that_leaving_writes_holds_the_code(world: World) -> None:
    """The release of his deposit is asked for in the same instant: a code beside it would join person and code before the close."""
    await world.announced()
    bidder, registered, code = await world.admitted()
    before = {str(row.job_id) for row in await world.rows("SELECT job_id FROM kernel.job")}
    await stop(world, "stay")

    await leave(world, bidder, registered)

    jobs = await world.rows("SELECT job_id, convert_from(payload, 'UTF8') AS said FROM kernel.job")
    assert [row.said for row in jobs if str(row.job_id) not in before and code in row.said] == []
    assert code not in str(await world.rows("SELECT * FROM kernel.command"))


async def test_who_left_stays_out_when_the_round_ends(world: World) -> None:
    """The end of the round neither brings him back nor moves the clock of his release."""
    await world.announced()
    bidder, registered, _ = await world.admitted()
    await stop(world, "deferral")
    await leave(world, bidder, registered)
    before = await world.rows("SELECT release_due_at FROM fund.deposit")

    await stop(world, "withdrawal")

    assert await state_of(world, registered) == RegistrationState.LEFT
    assert await world.rows("SELECT release_due_at FROM fund.deposit") == before
    assert len(await world.jobs("fund.release_deposit")) == 1


async def test_bidder_who_has_not_paid_leaves_too(world: World) -> None:
    """Whoever still owes his deposit may go; what he paid in part goes back with it."""
    await world.announced()
    bidder = await world.bidder()
    registered = await world.register(bidder)
    await stop(world, "stay")

    await leave(world, bidder, registered, Rooms(known=False))

    assert await state_of(world, registered) == "left"
    assert await world.jobs("bidding.leave_room") == []


async def test_leader_stays_and_nobody_leaves_a_room_that_runs(world: World) -> None:
    """The highest bid binds (拍卖法 36); until the room is at rest nobody knows whose that is."""
    await world.announced()
    bidder, registered, code = await world.admitted()
    with pytest.raises(NothingToLeave):
        await leave(world, bidder, registered)
    await stop(world, "stay")

    with pytest.raises(LeaderStays):
        await leave(world, bidder, registered, Rooms(leader=code))
    with pytest.raises(RoomStillRuns):
        await leave(world, bidder, registered, Rooms(is_stopped=False))
    with pytest.raises(NotPermitted):
        await leave(world, world.presiding, registered)
    with pytest.raises(RegistrationUnknown):
        await leave(world, await world.bidder("李示例"), registered)
    assert await state_of(world, registered) == "admitted"
    await leave(world, bidder, registered, Rooms(leader="Z9999"))
    assert await state_of(world, registered) == "left"


@pytest.mark.parametrize(("before", "leaves"), [(1, True), (0, True), (-1, False)])
async def test_nobody_leaves_in_the_last_minutes_before_a_resumption(world: World, before: int, leaves: bool) -> None:
    """A code that is void in the room never meets a room that runs again."""
    await world.announced()
    bidder, registered, _ = await world.admitted()
    await stop(world, "stay")
    await world.at(CLOSES_AT - timedelta(days=1))
    await resume(world)
    await world.at(CLOSES_AT - LAST_EXIT - timedelta(seconds=before))

    if leaves:
        await leave(world, bidder, registered)
    else:
        with pytest.raises(ResumesSoon):
            await leave(world, bidder, registered)


async def test_who_left_does_not_register_again(world: World) -> None:
    """One registration for a round: leaving is for good."""
    await world.announced()
    bidder, registered, _ = await world.admitted()
    await stop(world, "stay")
    await leave(world, bidder, registered)
    await world.at(CLOSES_AT - timedelta(days=1))
    await resume(world)
    await world.at(CLOSES_AT)
    (job,) = (await world.jobs("sale.open_round"))[-1:]
    await handle_open_round(world.db, job)

    with pytest.raises(AlreadyRegistered):
        await world.register(bidder)
