"""Placing bids on a real server: idempotency, rate, stall, listing, bounds, batches."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from auction.kernel.errors import OutcomeUnknown, Unavailable
from auction.kernel.ids import LotId, named_id
from auction.kernel.money import BOUND_FEN
from bidding.live import place_bid
from bidding.live.decision import Decision, decode_decision
from bidding.live.keys import shard_key
from bidding.live.own_shard import release_shard, stall_shard
from bidding.live.place_bid import BidCaller, recall_bids
from bidding.live.read_room import read_shard
from bidding.rules.reasons import Code
from bidding.rules.session import PROBE_CODE, BidAccepted, BidderCode, BidId, Closed, PlaceBid, RefusedBid
from tests.bidding.live.conftest import Rooms
from tests.bidding.live.server import SHARD, TOKEN, entries, live_on
from tests.bidding.rules.samples import (
    END,
    OPEN_OUTCRY,
    SECOND,
    START_FEN,
    STEP_FEN,
    UNLIMITED,
    T,
    bid,
    bid_id,
)


async def test_same_bid_again_gets_the_same_answer(rooms: Rooms) -> None:
    """bid-core 8: an accepted id is kept for the lot's life, also after the close."""
    lot = await rooms.open()
    first = await rooms.place(lot, bid("A", START_FEN))
    await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=2))
    await rooms.commit(lot)
    await rooms.at(END)

    again = await rooms.place(lot, bid("A", START_FEN))

    assert again == msgspec.structs.replace(first, duplicate=True)
    bids = [entry for entry in await entries(rooms.live) if isinstance(entry.body, BidAccepted)]
    assert len(bids) == 2


async def test_one_id_stands_for_one_content(rooms: Rooms) -> None:
    """The same id with another amount or kind is refused and rests on the first decision."""
    lot = await rooms.open()
    first = await rooms.place(lot, bid("A", START_FEN))

    other = await rooms.place(lot, bid("A", START_FEN + STEP_FEN))
    match = await rooms.place(lot, bid("A", START_FEN, "match"))

    assert (other.reason, match.reason) == (Code.BID_ID_REUSED, Code.BID_ID_REUSED)
    assert other.sequence == first.sequence


async def test_ids_of_two_bidders_do_not_meet(rooms: Rooms) -> None:
    """The scope of an id is one bidder in one lot (bid-core 8)."""
    lot, other = await rooms.open(), await rooms.open(lot="other")
    await rooms.place(lot, bid("A", START_FEN))

    assert (await rooms.place(lot, bid("B", START_FEN + STEP_FEN))).accepted
    assert (await rooms.place(other, bid("A", START_FEN))).accepted


@pytest.mark.parametrize(
    ("refusals", "reason"), [(31, Code.OFF_LADDER), (32, Code.OFF_LADDER), (33, Code.BID_ID_EXPIRED)]
)
async def test_last_refusals_are_remembered_older_ids_expire(rooms: Rooms, refusals: int, reason: Code) -> None:
    """bid-core 8: the last 32 refused ids answer as before; an older one is never decided anew."""
    lot = await rooms.open()
    for number in range(1, refusals + 1):
        await rooms.place(lot, bid("A", START_FEN + 1, number=number))

    first_again = await rooms.place(lot, bid("A", START_FEN + 1, number=1))

    assert first_again.reason == reason
    assert first_again.duplicate == (reason == Code.OFF_LADDER)


async def test_unknown_id_below_a_forgotten_one_gets_no_decision(rooms: Rooms) -> None:
    """An id at or below the highest forgotten one may be forgotten itself; the next higher one cannot."""
    lot = await rooms.open()
    for number in range(101, 134):
        await rooms.place(lot, bid("A", START_FEN + 1, number=number))

    reasons = [(await rooms.place(lot, bid("A", START_FEN, number=number))).reason for number in (100, 101)]
    fresh = await rooms.place(lot, bid("A", START_FEN, number=134))

    assert reasons == [Code.BID_ID_EXPIRED, Code.BID_ID_EXPIRED]
    assert fresh.accepted


async def test_join_snapshot_recalls_the_outcomes(rooms: Rooms) -> None:
    """bid-core 8: the last outcomes of a bidder survive the gateway that took the bid."""
    lot = await rooms.open()
    await rooms.place(lot, bid("A", START_FEN, number=1))
    await rooms.place(lot, bid("A", START_FEN + STEP_FEN, number=2))
    await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=3))

    past = await recall_bids(rooms.live, epoch=1, lot_id=lot, code=BidderCode("A"))

    assert [(one.bid_id, one.decision.reason, one.decision.sequence) for one in past] == [
        (bid_id(1), None, 4),
        (bid_id(2), Code.OWN_LEAD, 4),
    ]
    assert await recall_bids(rooms.live, epoch=2, lot_id=lot, code=BidderCode("A")) == []


async def test_bidder_is_limited_by_the_published_rate(rooms: Rooms) -> None:
    """A full burst, then one bid per tenth of a second; a limited bid is not decided and may be sent again."""
    rules = msgspec.structs.replace(UNLIMITED, name="recorded:limited", bids_per_s=10, burst=20)
    lot = await rooms.open(rules)
    answers = [(await rooms.place(lot, bid("A", 1, number=number))).reason for number in range(1, 22)]
    await rooms.at(T + SECOND // 10 - 1)
    early = await rooms.place(lot, bid("A", START_FEN, number=50))
    await rooms.at(T + SECOND // 10)

    again = await rooms.place(lot, bid("A", START_FEN, number=50))
    other = await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=51))

    assert answers == [Code.BID_BELOW_START] * 20 + [Code.RATE_LIMITED]
    assert early.reason == Code.RATE_LIMITED
    assert early.transient
    assert again.accepted
    assert other.accepted


async def test_repeated_refusals_are_counted_not_listed(rooms: Rooms) -> None:
    """bid-core 15: ten a second and bidder are listed; the next listed one says how many were not."""
    lot = await rooms.open()
    for number in range(1, 16):
        await rooms.place(lot, bid("A", 1, number=number))
    await rooms.at(T + SECOND)
    await rooms.place(lot, bid("A", 1, number=99))

    listed = [entry.body for entry in await entries(rooms.live) if isinstance(entry.body, RefusedBid)]

    assert [one.suppressed for one in listed] == [0] * 10 + [5]


async def test_highest_amounts_are_decided_and_stored_to_the_fen(rooms: Rooms) -> None:
    """Lua's numbers are doubles: 10^14 - 1 survives, 10^14 is malformed (D3)."""
    lot = await rooms.open(OPEN_OUTCRY)
    await rooms.place(lot, bid("A", BOUND_FEN - 2, number=1))
    top = await rooms.place(lot, bid("B", BOUND_FEN - 1, number=2))
    beyond = await rooms.place(lot, bid("A", BOUND_FEN, number=3))

    assert top.price_fen == BOUND_FEN - 1
    assert beyond.reason == Code.AMOUNT_MALFORMED
    assert (await rooms.room(lot)).state.price_fen == BOUND_FEN - 1
    amounts = [entry.body.amount_fen for entry in await entries(rooms.live) if isinstance(entry.body, BidAccepted)]
    assert amounts == [BOUND_FEN - 2, BOUND_FEN - 1]


@pytest.mark.parametrize(
    "changes",
    [{"bid_id": BidId("")}, {"bid_id": BidId("x" * 37)}, {"bid_id": BidId("a b")}, {"code": BidderCode("a:b")},
     {"code": BidderCode("")}, {"kind": "gift"}, {"received_us": -1}],
)  # fmt: skip
async def test_bid_out_of_form_is_malformed(rooms: Rooms, changes: dict[str, object]) -> None:
    """Nothing that could break a field or a key reaches one."""
    lot = await rooms.open()

    decision = await rooms.place(lot, msgspec.structs.replace(bid("A", START_FEN), **changes))

    assert (decision.reason, decision.sequence) == (Code.BID_MALFORMED, 0)


async def test_foreign_epoch_and_missing_room_decide_nothing(rooms: Rooms) -> None:
    """bid-core 2 and 3."""
    lot = await rooms.open()
    missing = await rooms.place(LotId(named_id("nowhere")), bid("A", START_FEN))
    rooms.epoch = 2
    foreign = await rooms.place(lot, bid("A", START_FEN))

    assert (missing.reason, foreign.reason) == (Code.ROOM_MISSING, Code.WRONG_EPOCH)
    assert foreign.epoch == 1
    assert (await rooms.room(lot)).state.bid_count == 0


async def test_emptied_server_is_noticed_by_the_next_bid(rooms: Rooms) -> None:
    """FLUSHALL: no room, no epoch, no decision (bid-core 3)."""
    lot = await rooms.open()
    await (await rooms.live.nodes.client(SHARD)).flushall()

    decision = await rooms.place(lot, bid("A", START_FEN))

    assert (decision.reason, decision.epoch) == (Code.WRONG_EPOCH, 0)


@pytest.mark.parametrize(
    ("waited_us", "reason"), [(2 * SECOND - 1, None), (2 * SECOND, None), (2 * SECOND + 1, Code.ROOM_STALLED)]
)
async def test_room_stalls_when_its_oldest_event_is_not_committed_for_two_seconds(
    rooms: Rooms, waited_us: int, reason: Code | None
) -> None:
    """bid-core 11: then bids are refused at once, nothing is decided, nothing is remembered."""
    lot = await rooms.open()
    await rooms.commit(lot)
    await rooms.place(lot, bid("A", START_FEN))
    await rooms.at(T + waited_us)

    decision = await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=2))
    await rooms.commit(lot)
    again = await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=2))

    assert decision.reason == reason
    assert again.accepted
    assert again.duplicate == (reason is None)


async def test_bid_after_the_end_is_refused_and_the_close_comes_once(rooms: Rooms) -> None:
    """bid-core 13: whoever comes first closes; the refusals rest on the close."""
    lot = await rooms.open()
    await rooms.commit(lot)
    await rooms.at(END)

    late = [await rooms.place(lot, bid("A", START_FEN, number=number)) for number in (1, 2)]

    closes = [entry.body for entry in await entries(rooms.live) if isinstance(entry.body, Closed)]
    assert [one.reason for one in late] == [Code.AFTER_END, Code.AFTER_END]
    assert [one.sequence for one in late] == [closes[0].seq, closes[0].seq]
    assert len(closes) == 1


async def test_clock_that_steps_back_does_not_move_a_lot_back(rooms: Rooms) -> None:
    """bid-core 10: stamps never fall within a lot."""
    lot = await rooms.open()
    await rooms.at(T + SECOND)
    await rooms.place(lot, bid("A", START_FEN))
    await rooms.at(T)

    decision = await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=2))

    assert decision.at_us == T + SECOND


async def test_probe_is_refused_before_any_rule_and_never_listed(rooms: Rooms) -> None:
    """bid-core 23: the reserved code leaves no trace."""
    lot = await rooms.open()
    before = await read_shard(rooms.live, SHARD)

    probe = PlaceBid(bid_id=bid_id(1), code=PROBE_CODE, amount_fen=1)
    decision = await rooms.place(lot, probe)

    assert (decision.reason, decision.sequence) == (Code.NOT_ADMITTED, 0)
    assert await read_shard(rooms.live, SHARD) == before


async def test_probe_hears_of_a_stall_and_closes_nothing(rooms: Rooms) -> None:
    """bid-core 23: while the clock stands the probe is told so; after the end it appends no close."""
    lot = await rooms.open()
    await rooms.commit(lot)
    probe = PlaceBid(bid_id=bid_id(1), code=PROBE_CODE, amount_fen=1)
    await stall_shard(rooms.live, SHARD, epoch=rooms.epoch, token=TOKEN)
    stalled = await rooms.place(lot, probe)
    await release_shard(rooms.live, SHARD, epoch=rooms.epoch, token=TOKEN)
    await rooms.at(END)
    before = await read_shard(rooms.live, SHARD)
    after_end = await rooms.place(lot, probe)

    assert stalled.reason == Code.ROOM_STALLED
    assert after_end.reason == Code.NOT_ADMITTED
    assert await read_shard(rooms.live, SHARD) == before


async def test_bids_of_one_tick_are_decided_in_their_order(rooms: Rooms) -> None:
    """Calls that wait share pipelines; order and number of decisions are kept beyond one batch."""
    lot = await rooms.open(OPEN_OUTCRY)
    count = 2 * place_bid.BATCH_LIMIT + 1

    decisions = await asyncio.gather(
        *(rooms.place(lot, bid("AB"[n % 2], START_FEN + n, number=n + 1)) for n in range(count))
    )

    assert [one.sequence for one in decisions] == list(range(4, 4 + count))


async def test_unreadable_reply_spoils_no_other(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each bid of a batch gets its decision, or is told that the outcome is not known."""
    lot = await rooms.open()
    seen = list[object]()

    def misread(reply: list[bytes]) -> Decision:
        seen.append(reply)
        return decode_decision(reply[:3] if len(seen) == 2 else reply)

    monkeypatch.setattr(place_bid, "decode_decision", misread)
    bids = [bid("AB"[step % 2], START_FEN + step * STEP_FEN, number=step) for step in range(1, 5)]
    answers = await asyncio.gather(*(rooms.place(lot, one) for one in bids), return_exceptions=True)

    assert isinstance(answers[1], OutcomeUnknown)
    assert [one.accepted for one in answers if isinstance(one, Decision)] == [True] * 3


async def test_one_damaged_room_does_not_spoil_its_neighbours_batch(rooms: Rooms) -> None:
    """A failure belongs to its own call."""
    lot, other = await rooms.open(), await rooms.open(lot="other")
    client = await rooms.live.nodes.client(SHARD)
    await client.hset(f"{shard_key(SHARD).removesuffix('shard')}l:{lot}", "n", "damaged")

    answers = await asyncio.gather(
        rooms.place(lot, bid("A", START_FEN)), rooms.place(other, bid("A", START_FEN)), return_exceptions=True
    )

    assert isinstance(answers[0], Exception)
    assert not isinstance(answers[1], BaseException)
    assert answers[1].accepted


async def test_queue_is_bounded_and_a_broken_line_is_unknown(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit nothing is sent; what was sent over a dead line has an unknown outcome."""
    monkeypatch.setattr(place_bid, "QUEUE_LIMIT", 1)
    dead = BidCaller(live_on("unix:///nonexistent/fapai.sock"))
    lot = LotId(named_id("lot"))

    answers = await asyncio.gather(
        *(dead.place(epoch=1, lot_id=lot, bid=bid("A", 1, number=n)) for n in (1, 2)), return_exceptions=True
    )

    assert isinstance(answers[0], OutcomeUnknown)
    assert isinstance(answers[1], Unavailable)
