"""Announced options in the room itself: memory of ids, rooms of an older library, stops, rebuilds."""

from __future__ import annotations

import re

import msgspec

from auction.kernel.ids import LotId
from bidding.live.admit_bidder import admit_bidder
from bidding.live.keys import lot_key
from bidding.live.open_session import open_session
from bidding.live.place_bid import recall_bids
from bidding.live.stop_session import resume_session, stop_session, wake_room
from bidding.rules.options import Growth, Options
from bidding.rules.reasons import Code
from bidding.rules.session import BidderCode, PlaceBid, Resume, RuleSet, Stop
from tests.bidding.live.conftest import Rooms
from tests.bidding.live.server import SHARD
from tests.bidding.live.test_restore_room import rebuild
from tests.bidding.rules.samples import (
    END,
    HOUR,
    MINUTE,
    SECOND,
    SELL_OFF,
    START_FEN,
    STEP_FEN,
    UNLIMITED,
    admission,
    bid,
    terms,
)

BOTH = Options(confirm_steps=2, growth=(Growth(after_extensions=1, times=3),))


async def open_with(rooms: Rooms, options: Options, rules: RuleSet = UNLIMITED, **ranks: int) -> LotId:
    """A room whose notice announces options, with the bidders A and B and others with the rank given."""
    one = msgspec.structs.replace(terms(rules), options=options)
    assert (await open_session(rooms.live, epoch=rooms.epoch, terms=one)).accepted
    for code, rank in {"A": 0, "B": 0, **ranks}.items():
        await admit_bidder(rooms.live, epoch=rooms.epoch, lot_id=one.lot_id, admission=admission(code, rank))
    return one.lot_id


def confirmed(command: PlaceBid) -> PlaceBid:
    """The bid with its confirmation."""
    return msgspec.structs.replace(command, confirmed_fen=command.amount_fen)


async def grown(rooms: Rooms, lot: LotId) -> None:
    """Bid once in the last minute: the increment is three times the announced one from then on."""
    await rooms.commit(lot)
    await rooms.at(END - MINUTE)
    assert (await rooms.place(lot, bid("A", START_FEN))).accepted
    await rooms.commit(lot)
    assert (await rooms.room(lot)).state.extensions == 1


async def test_an_id_keeps_its_answer_whatever_it_is_sent_with_again(rooms: Rooms) -> None:
    """bid-core 8: the confirmation comes under a new id; the old one never gets a new decision."""
    lot = await open_with(rooms, Options(confirm_steps=2))
    high = bid("A", START_FEN + 3 * STEP_FEN, number=1)

    asked = await rooms.place(lot, high)
    again = await rooms.place(lot, confirmed(high))
    accepted = await rooms.place(lot, confirmed(msgspec.structs.replace(high, bid_id=bid("A", 1, number=2).bid_id)))
    past = await recall_bids(rooms.live, epoch=1, lot_id=lot, code=BidderCode("A"))

    assert (asked.reason, asked.sequence, asked.duplicate) == (Code.CONFIRMATION_REQUIRED, 0, False)
    assert (again.reason, again.duplicate) == (Code.CONFIRMATION_REQUIRED, True)
    assert (accepted.reason, accepted.sequence) == (None, 4)
    assert [(one.amount_fen, one.decision.reason) for one in past] == [
        (START_FEN + 3 * STEP_FEN, Code.CONFIRMATION_REQUIRED),
        (START_FEN + 3 * STEP_FEN, None),
    ]


async def test_confirmation_of_another_amount_is_malformed_and_not_remembered(rooms: Rooms) -> None:
    """The function binds the confirmation itself; the same id may come again with the right one."""
    lot = await open_with(rooms, Options(confirm_steps=2))
    high = bid("A", START_FEN + 3 * STEP_FEN)

    other = await rooms.place(lot, msgspec.structs.replace(high, confirmed_fen=START_FEN))
    right = await rooms.place(lot, confirmed(high))

    assert (other.reason, other.sequence) == (Code.BID_MALFORMED, 0)
    assert right.accepted


async def test_a_match_beyond_the_limit_is_not_asked_about(rooms: Rooms) -> None:
    """网拍 21: the same price is enough, as a plain bid and by its button."""
    lot = await open_with(rooms, Options(confirm_percent=101, reference_price_fen=START_FEN), H1=1, H2=2)
    amount = START_FEN + 2 * STEP_FEN
    assert (await rooms.place(lot, confirmed(bid("A", amount)))).accepted

    plain = await rooms.place(lot, bid("H2", amount, number=2))
    button = await rooms.place(lot, bid("H1", amount, "match", number=3))

    assert (plain.accepted, button.accepted) == (True, True)


async def test_opening_the_competition_of_a_sell_off_is_no_extension(rooms: Rooms) -> None:
    """变卖衔接 6: on the last day the first bid moves the end by a day, and the increment stays as announced."""
    lot = await open_with(rooms, BOTH, SELL_OFF)
    await rooms.commit(lot)
    await rooms.at(END - 1)

    first = await rooms.place(lot, bid("A", START_FEN))

    room = (await rooms.room(lot)).state
    assert (first.end_us, room.extensions) == (END - 1 + 24 * HOUR, 0)


async def test_count_of_extensions_survives_a_stop(rooms: Rooms) -> None:
    """The increment stays grown when the court lets the session go on."""
    lot = await open_with(rooms, BOTH)
    await grown(rooms, lot)
    await stop_session(rooms.live, epoch=1, lot_id=lot, stop=Stop(kind="stay", ground="x"))
    await resume_session(rooms.live, epoch=1, lot_id=lot, resume=Resume())

    below = await rooms.place(lot, bid("B", START_FEN + STEP_FEN, number=2))
    right = await rooms.place(lot, bid("B", START_FEN + 3 * STEP_FEN, number=3))

    assert (below.reason, below.sequence) == (Code.OFF_LADDER, 4)
    assert right.accepted


async def test_count_of_extensions_survives_the_loss_of_redis(rooms: Rooms) -> None:
    """bid-core 3, 12: a rebuilt room knows options and count; what was asked about is asked about again."""
    lot = await open_with(rooms, BOTH)
    await grown(rooms, lot)
    await rooms.place(lot, confirmed(bid("B", START_FEN + 9 * STEP_FEN, number=2)))
    before = (await rooms.room(lot)).state

    await rebuild(rooms, lot)
    await wake_room(rooms.live, epoch=2, lot_id=lot)
    below = await rooms.place(lot, bid("A", START_FEN + 10 * STEP_FEN, number=3))
    asked = await rooms.place(lot, bid("A", START_FEN + 18 * STEP_FEN, number=4))
    await rooms.at(END - MINUTE + SECOND)
    extends = await rooms.place(lot, bid("A", START_FEN + 15 * STEP_FEN, number=5))

    room = (await rooms.room(lot)).state
    assert before.extensions == 1
    assert (below.reason, asked.reason) == (Code.OFF_LADDER, Code.CONFIRMATION_REQUIRED)
    assert extends.accepted
    assert room.terms.options == BOTH
    assert room.extensions == 2


async def test_room_of_an_older_library_goes_on(rooms: Rooms) -> None:
    """bid-core 20: a room whose rules name no options and whose numbers count no extensions takes bids as before."""
    lot = await rooms.open()
    client = await rooms.live.nodes.client(SHARD)
    numbers, rules = await client.hmget(lot_key(SHARD, lot), ["n", "r"])
    assert isinstance(numbers, bytes)
    assert isinstance(rules, bytes)
    older = re.sub(rb"(csteps|cfen|growth)\n[^\n]*\n", b"", rules)
    assert len(older) < len(rules)
    await client.hset(lot_key(SHARD, lot), mapping={"n": numbers[:-8], "r": older})

    first = await rooms.place(lot, bid("A", START_FEN))
    high = await rooms.place(lot, bid("B", START_FEN + 900 * STEP_FEN, number=2))
    await rooms.commit(lot)
    await rooms.at(END - SECOND)
    late = await rooms.place(lot, bid("A", START_FEN + 901 * STEP_FEN, number=3))
    off = await rooms.place(lot, bid("B", START_FEN + 901 * STEP_FEN + 1, number=4))

    assert (first.accepted, high.accepted, late.accepted) == (True, True, True)
    assert late.end_us == END - SECOND + 5 * MINUTE
    assert (off.reason, off.sequence) == (Code.OFF_LADDER, 0)
    assert (await rooms.room(lot)).state.extensions is msgspec.UNSET
