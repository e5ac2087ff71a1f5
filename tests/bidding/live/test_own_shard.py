"""What the owner of a shard does: epochs, publication, trimming, stalls."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from functools import partial

import pytest

from auction.kernel.errors import FaultOfOthers, Refusal
from auction.kernel.ids import LotId
from auction.kernel.stamp import Stamp
from bidding.live.admit_bidder import admit_bidder
from bidding.live.keys import EntryId, channel
from bidding.live.library import Live, production
from bidding.live.move_clock import freeze_clock
from bidding.live.open_session import open_session
from bidding.live.own_shard import (
    Watermark,
    adopt_shard,
    drop_room,
    found_shard,
    publish_committed,
    release_shard,
    stall_shard,
    trim_stream,
)
from bidding.live.place_bid import BidCaller, recall_bids
from bidding.live.read_room import read_room, read_shard
from bidding.live.stop_session import stop_session
from bidding.live.tick_session import tick_sessions
from bidding.rules.reasons import Code
from bidding.rules.session import SPC_2016, BidderCode, ClockChanged, Stop
from tests.bidding.journal.world import eventually
from tests.bidding.live.conftest import Rooms
from tests.bidding.live.server import SHARD, TOKEN, entries, live_on
from tests.bidding.rules.samples import (
    END,
    MINUTE,
    OPEN_OUTCRY,
    SECOND,
    START_FEN,
    STEP_FEN,
    UNLIMITED,
    T,
    admission,
    bid,
    terms,
)
from web.running.embedded_valkey import EmbeddedValkey

DIGEST = "ab" * 20


async def test_take_over_keeps_rooms_stream_and_chain(rooms: Rooms) -> None:
    """bid-core 4: a new owner raises the epoch; nothing is lost, old callers and the old owner are refused."""
    lot = await rooms.open()
    await rooms.place(lot, bid("A", START_FEN))
    await adopt_shard(rooms.live, SHARD, epoch=2, token="owner-2")

    stale = await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=2))
    rooms.epoch = 2
    again = await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=2))

    last = (await entries(rooms.live))[-2:]
    assert (stale.reason, again.reason) == (Code.WRONG_EPOCH, None)
    assert [entry.id for entry in last] == [EntryId(1, 4), EntryId(2, 5)]
    assert last[1].predecessor == last[0].digest
    with pytest.raises(Refusal, match="wrong_epoch"):
        await trim_stream(rooms.live, SHARD, epoch=1, token=TOKEN, committed=EntryId(1, 4))


@pytest.mark.parametrize("epoch", [0, 1, 2])
async def test_epoch_only_grows(rooms: Rooms, epoch: int) -> None:
    """bid-core 2: an epoch that is not higher is refused; the same owner may repeat his own."""
    other = epoch + 1
    if other > 1:
        await found_shard(rooms.live, SHARD, epoch=other, token="b", digest=DIGEST)
        await found_shard(rooms.live, SHARD, epoch=other, token="b", digest=DIGEST)
        head = await read_shard(rooms.live, SHARD)
        assert head is not None
        assert (head.epoch, head.since, head.shard_seq, head.digest) == (other, other, 0, DIGEST)
    with pytest.raises(Refusal, match="wrong_epoch"):
        await found_shard(rooms.live, SHARD, epoch=other, token="c")


async def test_shard_that_is_gone_cannot_be_adopted(rooms: Rooms) -> None:
    """An emptied store is a loss, not a take-over (bid-core 3)."""
    await (await rooms.live.nodes.client(SHARD)).flushdb()

    with pytest.raises(Refusal, match="room_missing"):
        await adopt_shard(rooms.live, SHARD, epoch=2, token="b")


async def test_founding_after_a_loss_drops_rooms_and_stream(rooms: Rooms) -> None:
    """Rooms of a lost epoch answer nothing until they are restored."""
    lot = await rooms.open()
    await found_shard(rooms.live, SHARD, epoch=2, token="b")
    rooms.epoch = 2

    assert (await rooms.place(lot, bid("A", START_FEN))).reason == Code.ROOM_MISSING
    assert await entries(rooms.live) == []
    assert await read_room(rooms.live, lot) is None


async def test_stale_token_changes_and_publishes_nothing(rooms: Rooms) -> None:
    """bid-core 4: publishing and trimming carry the token."""
    lot = await rooms.open()
    mark = [Watermark(lot, 3)]

    with pytest.raises(Refusal, match="stale_token"):
        await publish_committed(rooms.live, SHARD, epoch=1, token="x", watermarks=mark, payload=b"x")
    with pytest.raises(Refusal, match="stale_token"):
        await stall_shard(rooms.live, SHARD, epoch=1, token="x")

    assert (await rooms.room(lot)).committed == 0


async def test_committed_batch_is_published_after_its_watermark(rooms: Rooms) -> None:
    """bid-core 6: who hears of a sequence finds it as the watermark; an empty payload is silent."""
    lot = await rooms.open()
    client = await rooms.live.nodes.client(SHARD)
    ears = client.pubsub()
    await ears.ssubscribe(channel(SHARD))
    await ears.get_message(timeout=1.0)

    for payload in (b"", b"first"):
        beyond = await publish_committed(
            rooms.live, SHARD, epoch=1, token=TOKEN, watermarks=[Watermark(lot, 2)], payload=payload
        )
        assert beyond == []

    heard = await ears.get_message(timeout=1.0)
    await ears.aclose()
    assert heard is not None
    assert heard["data"] == b"first"
    assert (await rooms.room(lot)).committed == 2


async def test_watermark_beyond_what_redis_knows_is_reported(rooms: Rooms) -> None:
    """bid-core 3: a last sequence below the committed one means that Redis lost something."""
    lot, gone = await rooms.open(), terms(lot="gone").lot_id
    marks = [Watermark(lot, 3), Watermark(gone, 1)]

    assert await publish_committed(rooms.live, SHARD, epoch=1, token=TOKEN, watermarks=marks, payload=b"") == [gone]
    marks = [Watermark(lot, 4)]
    assert await publish_committed(rooms.live, SHARD, epoch=1, token=TOKEN, watermarks=marks, payload=b"") == [lot]


async def test_stream_is_trimmed_below_the_committed_entry(rooms: Rooms) -> None:
    """The last committed entry stays as the head to continue from (bid-core 6)."""
    await rooms.open()

    await trim_stream(rooms.live, SHARD, epoch=1, token=TOKEN, committed=EntryId(1, 2))

    assert [entry.id.shard_seq for entry in await entries(rooms.live)] == [2, 3]


async def test_six_minutes_without_commits_across_the_end(rooms: Rooms) -> None:
    """bid-core 11: nothing closes; on return at least five minutes remain, as a numbered event."""
    lot = await rooms.open(OPEN_OUTCRY)
    await rooms.commit(lot)
    await rooms.at(END - 4 * MINUTE)
    await rooms.place(lot, bid("A", START_FEN))
    await rooms.at(END + 2 * MINUTE)
    (ticked,) = await tick_sessions(rooms.live, SHARD, epoch=1, lot_ids=[lot])

    await rooms.commit(lot)

    room = await rooms.room(lot)
    changed = (await entries(rooms.live))[-1].body
    stood = END - 4 * MINUTE + 2 * SECOND
    assert ticked.reason == Code.ROOM_STALLED
    assert isinstance(changed, ClockChanged)
    assert (changed.since_us, changed.end_us) == (stood, END + END + 2 * MINUTE - stood)
    assert (room.state.end_us, room.stalled_us, room.state.phase) == (changed.end_us, 0, "running")


async def test_partial_commit_does_not_start_a_stalled_clock(rooms: Rooms) -> None:
    """The clock runs again with the publication of the caught-up state, not before."""
    lot = await rooms.open()
    await rooms.at(T + MINUTE)
    mark = [Watermark(lot, 2)]
    await publish_committed(rooms.live, SHARD, epoch=1, token=TOKEN, watermarks=mark, payload=b"")

    assert (await rooms.room(lot)).stalled_us == T + 2 * SECOND
    assert (await rooms.place(lot, bid("A", START_FEN))).reason == Code.ROOM_STALLED
    await rooms.commit(lot)
    assert (await rooms.place(lot, bid("A", START_FEN))).accepted


async def test_owner_stalls_and_releases_all_rooms(rooms: Rooms) -> None:
    """bid-core 10: clocks that disagree close nothing; afterwards each open room gets its time back."""
    lot, other = await rooms.open(), await rooms.open(lot="other")
    for one in (lot, other):
        await rooms.commit(one)
    await stop_session(rooms.live, epoch=1, lot_id=other, stop=Stop(kind="stay", ground="objection"))
    await rooms.commit(other)
    await rooms.at(END - MINUTE)
    await stall_shard(rooms.live, SHARD, epoch=1, token=TOKEN)
    await rooms.at(END + MINUTE)
    refused = await rooms.place(lot, bid("A", START_FEN))

    await release_shard(rooms.live, SHARD, epoch=1, token=TOKEN)
    await release_shard(rooms.live, SHARD, epoch=1, token=TOKEN)

    assert refused.reason == Code.ROOM_STALLED
    assert (await rooms.room(lot)).state.end_us == END + 6 * MINUTE
    assert (await rooms.room(other)).state.phase == "stopped"
    assert sum(isinstance(entry.body, ClockChanged) for entry in await entries(rooms.live)) == 1


async def test_timer_closes_what_has_ended_and_nothing_else(rooms: Rooms) -> None:
    """bid-core 13: a call before the end changes nothing, repeated calls close once."""
    lot = await rooms.open()
    await rooms.commit(lot)
    answers = []
    for at_us in (END - 1, END, END + 1):
        await rooms.at(at_us)
        answers += await tick_sessions(rooms.live, SHARD, epoch=1, lot_ids=[lot])

    assert [(one.sequence, one.duplicate) for one in answers] == [(0, False), (4, False), (4, True)]


async def test_room_is_dropped_only_when_over_and_committed(rooms: Rooms) -> None:
    """Accepted ids are kept for the lot's life (bid-core 8): until the close is durable."""
    lot = await rooms.open()
    await rooms.commit(lot)
    await rooms.at(END)
    with pytest.raises(Refusal, match="session_exists"):
        await drop_room(rooms.live, SHARD, epoch=1, token=TOKEN, lot_id=lot)
    await tick_sessions(rooms.live, SHARD, epoch=1, lot_ids=[lot])
    with pytest.raises(Refusal, match="session_exists"):
        await drop_room(rooms.live, SHARD, epoch=1, token=TOKEN, lot_id=lot)
    await rooms.commit(lot)

    await drop_room(rooms.live, SHARD, epoch=1, token=TOKEN, lot_id=lot)

    assert await read_room(rooms.live, lot) is None


async def test_production_refuses_rules_that_our_law_forbids(redis_url: str) -> None:
    """Unlawful rule sets run in test and demo only; the lawful one runs everywhere."""
    live = live_on(redis_url, production(), stamp=Stamp.PRODUCTION)
    await found_shard(live, SHARD, epoch=1, token=TOKEN)

    with pytest.raises(Refusal, match="wrong_installation"):
        await open_session(live, epoch=1, terms=terms(OPEN_OUTCRY))
    lawful = await open_session(live, epoch=1, terms=terms(SPC_2016))
    await live.nodes.close()
    assert lawful.reason in {None, Code.ALREADY_OPENED}


async def test_admission_is_repeated_harmlessly(rooms: Rooms) -> None:
    """A repeated admission answers with the number of the first."""
    lot: LotId = await rooms.open()
    again = await admit_bidder(rooms.live, epoch=1, lot_id=lot, admission=admission("A"))
    other = await admit_bidder(rooms.live, epoch=1, lot_id=lot, admission=admission("A", 1))

    assert (again.reason, again.sequence, again.duplicate) == (None, 2, True)
    assert other.reason == Code.CODE_TAKEN


async def test_restarted_server_decides_nothing_before_its_owner_begins_again(private_valkey: EmbeddedValkey) -> None:
    """What a server lost nobody can see in it: a refusal that rests on an old state would be wrong (bid-core 3, 7)."""
    live = live_on(private_valkey.url)
    caller = BidCaller(live)
    one = terms(UNLIMITED)
    await freeze_clock(live, at_us=T)
    await found_shard(live, SHARD, epoch=1, token=TOKEN)
    await open_session(live, epoch=1, terms=one)
    await admit_bidder(live, epoch=1, lot_id=one.lot_id, admission=admission("A"))
    await caller.place(epoch=1, lot_id=one.lot_id, bid=bid("A", START_FEN))
    assert private_valkey.pid is not None
    os.kill(private_valkey.pid, signal.SIGKILL)
    await eventually(partial(_has_shard, live))

    again = await caller.place(epoch=1, lot_id=one.lot_id, bid=bid("A", START_FEN + STEP_FEN, number=2))
    assert (again.reason, again.transient) == (Code.ROOM_REBUILDING, True)
    assert await recall_bids(live, epoch=1, lot_id=one.lot_id, code=BidderCode("A")) == []
    with pytest.raises(Refusal) as stale:
        await publish_committed(live, SHARD, epoch=1, token=TOKEN, watermarks=[], payload=b"x")
    with pytest.raises(Refusal) as used:
        await adopt_shard(live, SHARD, epoch=1, token=TOKEN)
    assert (stale.value.code, used.value.code) == (Code.STALE_TOKEN, Code.WRONG_EPOCH)
    await adopt_shard(live, SHARD, epoch=2, token=TOKEN)
    lead = await caller.place(epoch=2, lot_id=one.lot_id, bid=bid("A", START_FEN + STEP_FEN, number=3))
    assert lead.reason is Code.OWN_LEAD
    await caller.close()
    await live.nodes.close()


async def _has_shard(live: Live) -> bool:
    with suppress(FaultOfOthers):
        return await read_shard(live, SHARD) is not None
    return False
