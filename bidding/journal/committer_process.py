"""The committer as a process: owns its shards one tenure after the other, through every fault of the servers.

Two committers of the same shards are a pair: one owns, the other waits for the lock (take-over ≤ 5 s, bid-core 4).
Nothing is reconnected inside a tenure: after any fault all begins again with a new session, lock and epoch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import asyncpg
from redis.exceptions import RedisError

from auction.kernel.endings import end_all
from auction.kernel.errors import FaultOfOthers, InvariantViolated, Refusal, SettingInvalid
from auction.kernel.log import get_log
from bidding.journal.batches import LossDetected
from bidding.journal.commit_bids import Checkpoint, nothing
from bidding.journal.read_stream import StreamReader
from bidding.journal.receipts import ReceiptKey
from bidding.journal.shard_door import NotOwner, open_door, require_durable
from bidding.journal.take_over import take_over, wait_for_lock
from bidding.live.keys import Shard
from bidding.live.library import Live
from bidding.live.read_room import read_shard

PAUSE_S: Final = 0.25
"""Pause after a fault before the next try for ownership."""
CLOSE_S: Final = 1.0
TENURE_END_S: Final = CLOSE_S + 1.0

FAULTS: Final = (
    *(Refusal, FaultOfOthers, NotOwner, RedisError),
    *(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError),
)
"""What ends a tenure and begins the next: servers away, line cut, shard taken. Our own faults end the process."""

log = get_log("bidding.journal")


async def run_committer(
    *,
    dsn: str,
    live: Live,
    key: ReceiptKey,
    shards: Sequence[int],
    stop: asyncio.Event,
    durable: bool = True,
    checkpoint: Checkpoint = nothing,
) -> None:
    """Own ``shards`` (or wait for them) until ``stop`` is set.

    ``dsn`` is a plain PostgreSQL address (``postgresql://…``), of a server that is no transaction pooler; ``durable``
    asserts that nothing committed can be lost, and is false in tests only (bid-core 1).

    Raises:
        SettingInvalid: a server does not keep what it is told.
        InvariantViolated: a journal in PostgreSQL is not whole; a person must look.
    """
    keepers = [
        asyncio.create_task(_keep(dsn, live, key, Shard(number), stop, durable=durable, checkpoint=checkpoint))
        for number in shards
    ]
    try:
        await asyncio.gather(*keepers)
    finally:
        await end_all(keepers, each_s=TENURE_END_S)


async def _keep(
    dsn: str,
    live: Live,
    key: ReceiptKey,
    shard: Shard,
    stop: asyncio.Event,
    *,
    durable: bool,
    checkpoint: Checkpoint,
) -> None:
    """Hold one shard, tenure after tenure."""
    rebuild = False
    while not stop.is_set():
        try:
            await _hold(dsn, live, key, shard, stop, durable=durable, rebuild=rebuild, checkpoint=checkpoint)
            rebuild = False
        except LossDetected as loss:
            log.error("loss_detected", shard=shard, what=str(loss))
            rebuild = True
        except (SettingInvalid, InvariantViolated):
            raise
        except FAULTS as fault:
            log.warning("tenure_ended", shard=shard, fault=repr(fault)[:500])
            with suppress(RedisError, OSError):
                await live.nodes.refresh()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_S)


async def _hold(
    dsn: str,
    live: Live,
    key: ReceiptKey,
    shard: Shard,
    stop: asyncio.Event,
    *,
    durable: bool,
    rebuild: bool,
    checkpoint: Checkpoint,
) -> None:
    """Open the session, wait for the shard, hold it; session and reader are closed whatever happens."""
    door = await open_door(dsn, shard)
    reader: StreamReader | None = None
    try:
        if durable:
            await require_durable(door, [await live.nodes.client(shard)])
        await read_shard(live, shard)  # loads the library, which gateways of a new version wait for
        if await wait_for_lock(door, shard, stop):
            reader = await StreamReader.open(live, shard)
            tenure = await take_over(live, door, reader, shard, key, rebuild=rebuild, checkpoint=checkpoint)
            await tenure.run(stop)
    finally:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            await door.close(timeout=CLOSE_S)
        if reader is not None:
            await reader.close()
