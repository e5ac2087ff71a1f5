"""The function library: versions, loading, and what the production text must not hold."""

from __future__ import annotations

import re

import pytest

from auction.kernel.errors import OutcomeUnknown, WrongInstallation
from auction.kernel.stamp import Stamp
from bidding.live.keys import lot_key, shard_key
from bidding.live.library import (
    CLOCK_MARK,
    Call,
    Live,
    LiveRefused,
    build_of,
    library_for,
    movable,
    production,
    template,
)
from bidding.live.move_clock import freeze_clock, move_clock
from bidding.live.own_shard import found_shard
from bidding.live.place_bid import BidCaller
from bidding.live.read_room import read_room, read_shard
from bidding.rules.reasons import AT_THE_DOOR, Code
from tests.bidding.live.conftest import Rooms
from tests.bidding.live.server import SHARD, TOKEN, live_on
from tests.bidding.rules.samples import SECOND, START_FEN, STEP_FEN, bid


def test_production_text_has_no_movable_clock() -> None:
    """bid-core 14: the production file has no such line."""
    text = production().text

    assert text.count(CLOCK_MARK) == 1
    assert "frozen_us" not in text
    assert "offset_us" not in text
    assert "frozen_us" in movable().text


def test_builds_have_names_of_their_own() -> None:
    """A loaded function's name may not be used by another library (D3): names carry the text's hash."""
    assert production().version != movable().version
    assert production().function("place").endswith(production().version)
    assert "@VERSION@" not in production().text


def test_every_reason_in_the_lua_is_a_listed_code() -> None:
    """Codes are listed once; what Lua answers is one of them."""
    written = r"(?:reply\(\w+, \w+, |return |return nil, \{ |return \{ )'([a-z_]+)'"
    answered = set(re.findall(written, template())) - {"ok"}

    assert answered <= set(Code)
    assert {code for code in Code if f"'{code}'" not in template()} == AT_THE_DOOR


def test_numbers_never_become_text_by_concatenation() -> None:
    """`tostring` and `..` keep 14 digits; the only way from number to text is %d (D3)."""
    assert "tostring" not in template()
    assert "cjson" not in template()
    formats = re.findall(r"string\.format\(\s*'([^']*)'", template())
    assert len(formats) == template().count("string.format") > 1
    assert set(re.findall(r"%.", "".join(formats))) == {"%d", "%s"}


async def test_newer_text_reads_rooms_that_an_older_one_has_packed(rooms: Rooms) -> None:
    """bid-core 20: the library is replaced while rooms are open; a number that it adds is zero in the rooms it finds."""
    lot = await rooms.open()
    await rooms.place(lot, bid("A", START_FEN))
    text = movable().text.replace(movable().version, "@VERSION@")
    newer = build_of(text.replace("'sseq',\n}", "'sseq', 'added',\n}"))
    assert "'added'" in newer.text
    other = Live(rooms.live.nodes, newer, shards=1, stamp=Stamp.TEST)

    taken = await BidCaller(other).place(epoch=1, lot_id=lot, bid=bid("B", START_FEN + STEP_FEN))
    room = await read_room(other, lot)

    assert (taken.accepted, taken.sequence) == (True, 5)
    assert room is not None
    assert (room.state.price_fen, room.state.leader) == (START_FEN + STEP_FEN, "B")


async def test_room_of_the_first_form_counts_as_missing(rooms: Rooms) -> None:
    """B17: a room that holds each fact in a field of its own is not read in part; its owner rebuilds it."""
    lot = await rooms.open()
    client = await rooms.live.nodes.client(SHARD)
    await client.hdel(lot_key(SHARD, lot), "n", "q", "r")
    await client.hset(lot_key(SHARD, lot), mapping={"phase": "running", "seq": "3", "price": "0"})

    refused = await rooms.place(lot, bid("A", START_FEN))

    assert refused.reason is Code.ROOM_MISSING
    assert await read_room(rooms.live, lot) is None


def test_movable_clock_is_refused_in_production() -> None:
    """Only test and demo may pretend (security 1)."""
    assert library_for(Stamp.PRODUCTION) == production()
    assert library_for(Stamp.DEMO, movable_clock=True) == movable()
    with pytest.raises(WrongInstallation):
        library_for(Stamp.PRODUCTION, movable_clock=True)


async def test_library_is_loaded_when_the_server_does_not_know_it(redis_url: str) -> None:
    """Every process loads the library again on *function not found* (bid-core 22)."""
    live = live_on(redis_url)
    await found_shard(live, SHARD, epoch=1, token=TOKEN)
    client = await live.nodes.client(SHARD)
    await client.function_flush()

    head = await read_shard(live, SHARD)
    await live.nodes.close()

    assert head is not None
    assert head.epoch == 1


async def test_two_builds_live_side_by_side(redis_url: str) -> None:
    """Processes are replaced while rooms are open (bid-core 20)."""
    old, new = live_on(redis_url, production()), live_on(redis_url, movable())
    await found_shard(old, SHARD, epoch=1, token=TOKEN)

    heads = [await read_shard(new, SHARD), await read_shard(old, SHARD)]
    await old.nodes.close()
    await new.nodes.close()

    assert None not in heads


async def test_broken_line_is_an_unknown_outcome(redis_url: str) -> None:
    """Nothing is repeated behind the caller's back; he learns that he does not know."""
    live = live_on("unix:///nonexistent/fapai.sock")

    with pytest.raises(OutcomeUnknown):
        await read_shard(live, SHARD)
    await live.nodes.close()


async def test_server_that_refuses_is_no_refusal_of_bidding(redis_url: str) -> None:
    """A key of another type is damage, not a rule."""
    live = live_on(redis_url)
    client = await live.nodes.client(SHARD)
    await client.set(shard_key(SHARD), "damaged")

    with pytest.raises(LiveRefused):
        await live.call(Call(SHARD, "head", (shard_key(SHARD),), ()))
    await live.nodes.close()


async def test_clock_moves_and_freezes_in_the_test_build_only(redis_url: str) -> None:
    """The offset adds to the clock; a frozen clock stands; production stays with Redis's own."""
    live = live_on(redis_url)
    await found_shard(live, SHARD, epoch=1, token=TOKEN)
    await freeze_clock(live, at_us=1_000)
    await move_clock(live, offset_us=5 * SECOND)
    moved = await read_shard(live, SHARD)
    running = live_on(redis_url, production())
    real = await read_shard(running, SHARD)
    await running.nodes.close()
    await live.nodes.close()

    assert moved is not None
    assert real is not None
    assert moved.now_us == 1_000 + 5 * SECOND
    assert real.now_us > 1_700_000_000 * SECOND
    with pytest.raises(WrongInstallation):
        await move_clock(live_on(redis_url, stamp=Stamp.PRODUCTION), offset_us=1)
