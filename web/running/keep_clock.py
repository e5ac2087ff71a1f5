"""Keep the rooms' clock in step with the installation's, in test and demo installations (bid-core 14).

The truth is PostgreSQL's ``kernel.clock``; Redis holds a copy that is lost with it. Whoever moves the clock writes both;
this writes the copy again after Redis lost it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from auction.kernel.clock import to_us
from auction.kernel.db import Database
from auction.kernel.errors import FaultOfOthers
from auction.kernel.log import get_log
from auction.kernel.move_clock import move_clock as move_business_clock
from bidding.live import move_clock as rooms
from bidding.live.keys import Shard, clock_key
from bidding.live.library import Live

EVERY_S = 0.5
MICROSECOND = timedelta(microseconds=1)

log = get_log("web.running")


async def move_all_clocks(db: Database, live: Live, *, to: datetime) -> datetime:
    """Move business time and the rooms' time forward to ``to``; a past ``to`` changes nothing. Gives the time now.

    Raises `WrongInstallation` in production.
    """
    now = await move_business_clock(db, to=to)
    await copy_to_rooms(db, live)
    return now


async def copy_to_rooms(db: Database, live: Live) -> None:
    """Write the business clock's offset (or stand) into Redis, where it differs."""
    async with db.reading() as tx:
        row = (await tx.session.execute(text("SELECT ahead, frozen_at FROM kernel.clock"))).one()
    offset_us = row.ahead // MICROSECOND
    frozen_us = 0 if row.frozen_at is None else to_us(row.frozen_at)
    if await _read(live) == (offset_us, frozen_us):
        return
    await rooms.move_clock(live, offset_us=offset_us)
    await rooms.freeze_clock(live, at_us=frozen_us)


async def keep_room_clock(db: Database, live: Live, stop: asyncio.Event) -> None:
    """Repair the copy until ``stop``; does nothing in production."""
    while live.stamp.may_pretend and not stop.is_set():
        try:
            await copy_to_rooms(db, live)
        except (RedisError, SQLAlchemyError, FaultOfOthers, OSError) as fault:
            log.warning("room_clock_not_kept", fault=repr(fault)[:200])
        try:
            await asyncio.wait_for(stop.wait(), EVERY_S)
        except TimeoutError:
            continue


async def _read(live: Live) -> tuple[int, int]:
    """The copy as the last shard has it, since shards are written in order."""
    shard = Shard(live.shards - 1)
    client = await live.nodes.client(shard)
    found = await client.hgetall(clock_key(shard))
    return int(found.get(b"offset_us", 0)), int(found.get(b"frozen_us", 0))
