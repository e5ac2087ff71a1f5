"""Restoring a room in a new epoch from committed events (D2, bid-core 8 and 12)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
import pytest

from auction.kernel.ids import LotId
from bidding.live.decision import Decision
from bidding.live.library import Call, Reply
from bidding.live.own_shard import found_shard
from bidding.live.place_bid import recall_bids
from bidding.live.restore_room import restore_room
from bidding.live.stop_session import resume_session, stop_session, wake_room
from bidding.rules.engine import confirm
from bidding.rules.reasons import Code
from bidding.rules.session import Admitted, BidAccepted, BidderCode, RefusedBid, Resume, SessionState, Stop, Stopped
from tests.bidding.live.conftest import Rooms
from tests.bidding.live.server import SHARD, TOKEN, entries
from tests.bidding.rules.samples import END, MINUTE, START_FEN, STEP_FEN, T, bid, bid_id


async def rebuild(rooms: Rooms, lot: LotId, *, token: str = TOKEN) -> Decision:
    """Lose Redis and restore the room from what its stream held, as if all had been committed."""
    state: SessionState | None = None
    bodies = [entry.body for entry in await entries(rooms.live, lot)]
    for body in bodies:
        if not isinstance(body, RefusedBid):
            state = confirm(state, body)
    assert state is not None
    await found_shard(rooms.live, SHARD, epoch=rooms.epoch + 1, token=TOKEN)
    rooms.epoch += 1
    return await restore_room(
        rooms.live,
        epoch=rooms.epoch,
        token=token,
        state=state,
        admitted_at={body.admission.code: body.seq for body in bodies if isinstance(body, Admitted)},
        accepted=[body for body in bodies if isinstance(body, BidAccepted)],
        refused=[body for body in bodies if isinstance(body, RefusedBid)],
    )


async def test_open_room_comes_back_paused_with_the_time_that_was_left(rooms: Rooms) -> None:
    """bid-core 12: time left = published end - last committed stamp; bids wait until the room is woken."""
    lot = await rooms.open()
    await rooms.commit(lot)
    await rooms.at(T + 2 * MINUTE)
    await rooms.place(lot, bid("A", START_FEN))
    await rooms.at(END + MINUTE)

    decision = await rebuild(rooms, lot)
    paused = await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=2))
    woken = await wake_room(rooms.live, epoch=2, lot_id=lot)
    again = await wake_room(rooms.live, epoch=2, lot_id=lot)

    stopped = (await entries(rooms.live))[0].body
    assert isinstance(stopped, Stopped)
    assert (decision.sequence, stopped.seq, stopped.left_us) == (5, 5, END - T - 2 * MINUTE)
    assert (paused.reason, paused.sequence) == (Code.STOPPED, 5)
    assert (woken.accepted, woken.end_us) == (True, 2 * END + MINUTE - T - 2 * MINUTE)
    assert again.reason == Code.NOT_STOPPED


async def test_rebuilt_room_gives_the_same_answers(rooms: Rooms) -> None:
    """D2: bidders resend the same bid_id and get the same answer; new bids go on from the committed number."""
    lot = await rooms.open(H=1)
    first = await rooms.place(lot, bid("A", START_FEN, number=1))
    own = await rooms.place(lot, bid("A", START_FEN + STEP_FEN, number=2))
    before = (await rooms.room(lot)).state
    await rebuild(rooms, lot)
    await wake_room(rooms.live, epoch=2, lot_id=lot)

    first_again = await rooms.place(lot, bid("A", START_FEN, number=1))
    own_again = await rooms.place(lot, bid("A", START_FEN + STEP_FEN, number=2))
    match = await rooms.place(lot, bid("H", START_FEN, "match", number=3))
    past = await recall_bids(rooms.live, epoch=2, lot_id=lot, code=BidderCode("A"))

    assert first_again == msgspec.structs.replace(first, epoch=2, duplicate=True)
    assert (own_again.reason, own_again.sequence, own_again.duplicate) == (own.reason, own.sequence, True)
    assert match.sequence == before.seq + 3
    assert [one.bid_id for one in past] == [bid_id(1), bid_id(2)]


async def test_expired_ids_stay_expired_after_a_rebuild(rooms: Rooms) -> None:
    """bid-core 8: a forgotten id never gets a new decision."""
    lot = await rooms.open()
    stored = [
        RefusedBid(
            bid_id=bid_id(number), code=BidderCode("A"), amount_fen=1, kind="bid", reason=Code.BID_BELOW_START,
            depends_on=0, at_us=T, received_us=0, suppressed=0,
        )
        for number in range(1, 35)
    ]  # fmt: skip
    state = (await rooms.room(lot)).state
    await found_shard(rooms.live, SHARD, epoch=2, token=TOKEN)
    rooms.epoch = 2
    await restore_room(
        rooms.live, epoch=2, token=TOKEN, state=state, admitted_at={"A": 2, "B": 3}, accepted=[], refused=stored
    )
    await wake_room(rooms.live, epoch=2, lot_id=lot)

    reasons = [(await rooms.place(lot, bid("A", 1, number=number))).reason for number in (1, 2, 3, 34)]

    assert reasons == [Code.BID_ID_EXPIRED] * 2 + [Code.BID_BELOW_START] * 2


async def test_stopped_room_comes_back_stopped_by_the_court(rooms: Rooms) -> None:
    """A stop that the court ordered ends at a published hour, never by a rebuild or its first visitor."""
    lot = await rooms.open()
    await stop_session(rooms.live, epoch=1, lot_id=lot, stop=Stop(kind="stay", ground="objection"))

    decision = await rebuild(rooms, lot)
    woken = await wake_room(rooms.live, epoch=2, lot_id=lot)
    resumed = await resume_session(rooms.live, epoch=2, lot_id=lot, resume=Resume(resumes_at_us=END))

    assert (decision.accepted, decision.sequence) == (True, 0)
    assert woken.reason == Code.NOT_STOPPED
    assert (resumed.accepted, resumed.end_us) == (True, END + END - T)


async def test_room_half_restored_takes_no_bid(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restoration that dies halfway is begun again; until then nothing is decided."""
    lot = await rooms.open()
    await rooms.place(lot, bid("A", START_FEN))
    history = await entries(rooms.live, lot)
    real_call = rooms.live.call
    monkeypatch.setattr(rooms.live, "call", _dying_at(rooms, "restored"))
    with pytest.raises(ConnectionResetError):
        await rebuild(rooms, lot)
    monkeypatch.setattr(rooms.live, "call", real_call)

    halfway = await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=2))

    assert halfway.reason == Code.ROOM_REBUILDING
    assert halfway.transient
    assert len(history) == 4


async def test_only_the_owner_restores(rooms: Rooms) -> None:
    """A stale token restores nothing."""
    lot = await rooms.open()

    decision = await rebuild(rooms, lot, token="somebody")

    assert decision.reason == Code.STALE_TOKEN
    assert (await rooms.place(lot, bid("A", START_FEN))).reason == Code.ROOM_MISSING


def _dying_at(rooms: Rooms, function: str) -> Callable[[Call], Awaitable[Reply]]:
    real = rooms.live.call

    async def call(one: Call) -> Reply:
        if one.function == function:
            raise ConnectionResetError(function)
        return await real(one)

    return call
