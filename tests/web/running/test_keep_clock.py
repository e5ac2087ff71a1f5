"""The rooms' clock follows the installation's, also after Redis lost it; in production neither moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from auction.kernel.clock import to_us
from auction.kernel.db import Database
from auction.kernel.errors import WrongInstallation
from auction.kernel.move_clock import move_clock
from auction.kernel.sealing import Sealer
from auction.kernel.stamp import Stamp
from bidding.live.keys import Shard, clock_key
from bidding.live.library import Live, library_for
from bidding.live.nodes import Nodes
from migrations.run import migrate
from web.running.keep_clock import copy_to_rooms, keep_room_clock, move_all_clocks

SHARDS = 3
YEAR = timedelta(days=365)
PATIENCE_S = 20.0


def live_of(redis_url: str, stamp: Stamp) -> Live:
    """Wire the rooms of an installation."""
    library = library_for(stamp, movable_clock=stamp.may_pretend)
    return Live(Nodes(redis_url), library, shards=SHARDS, stamp=stamp)


@pytest.fixture
async def live(redis_url: str) -> AsyncIterator[Live]:
    """The rooms of a test installation, on three shards."""
    made = live_of(redis_url, Stamp.TEST)
    yield made
    await made.nodes.close()


async def copies(live: Live) -> list[dict[bytes | str, bytes | str]]:
    """Read every shard's copy of the clock."""
    return [await (await live.nodes.client(Shard(n))).hgetall(clock_key(Shard(n))) for n in range(live.shards)]


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds, within bounds."""
    until = time.monotonic() + PATIENCE_S
    while not await holds():
        assert time.monotonic() < until, "it never came to hold"
        await asyncio.sleep(0.02)


async def test_both_clocks_move_together_and_never_back(database: Database, live: Live) -> None:
    """Business time and every shard's rooms are a year ahead; a past instant changes neither."""
    async with database.reading() as tx:
        start = tx.now
    moved = await move_all_clocks(database, live, to=start + YEAR)
    held = await copies(live)
    past = await move_all_clocks(database, live, to=start)

    assert moved == start + YEAR
    assert past >= moved
    offsets = [int(copy[b"offset_us"]) for copy in held]
    assert len(set(offsets)) == 1
    assert abs(offsets[0] - YEAR // timedelta(microseconds=1)) < 60_000_000
    assert await copies(live) == held


async def test_frozen_clock_stands_in_the_rooms_too(database: Database, live: Live) -> None:
    """A frozen business clock freezes the rooms at the same microsecond; set going again, both run."""
    async with database.reading() as tx:
        stands = tx.now + YEAR
    await move_clock(database, to=stands, freeze=True)
    await copy_to_rooms(database, live)
    frozen = await copies(live)
    await move_all_clocks(database, live, to=stands + YEAR)

    assert [int(copy[b"frozen_us"]) for copy in frozen] == [to_us(stands)] * SHARDS
    assert all(b"frozen_us" not in copy and b"offset_us" in copy for copy in await copies(live))


async def test_copy_that_redis_lost_is_repaired(database: Database, live: Live) -> None:
    """Redis comes back empty: the keeper writes the copy again by itself, and ends when it is told to."""
    async with database.reading() as tx:
        start = tx.now
    await move_all_clocks(database, live, to=start + YEAR)
    held = await copies(live)
    stop = asyncio.Event()
    keeping = asyncio.create_task(keep_room_clock(database, live, stop))
    await (await live.nodes.client(Shard(0))).flushall()

    async def is_repaired() -> bool:
        return await copies(live) == held

    await eventually(is_repaired)
    stop.set()
    await asyncio.wait_for(keeping, PATIENCE_S)


async def test_production_clocks_do_not_move(empty_database_url: str, redis_url: str, sealer: Sealer) -> None:
    """In production the keeper ends at once, and moving is refused before Redis is touched."""
    await migrate(empty_database_url, Stamp.PRODUCTION)
    db, live = Database(empty_database_url, sealer), live_of(redis_url, Stamp.PRODUCTION)
    try:
        async with db.reading() as tx:
            start = tx.now
        with pytest.raises(WrongInstallation):
            await move_all_clocks(db, live, to=start + YEAR)
        await asyncio.wait_for(keep_room_clock(db, live, asyncio.Event()), PATIENCE_S)
        assert await copies(live) == [{}] * SHARDS
    finally:
        await live.nodes.close()
        await db.close()
