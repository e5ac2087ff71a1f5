"""Take a shard over: wait for its lock, raise its epoch, find out what Redis has lost (bid-core 2-4).

1. The lock tells one owner from those who wait; the raised epoch fences the last owner out, should it wake up.
2. Redis is looked at before the epoch is raised, so a Redis that is away costs no epoch.
3. Redis lost something when it holds no shard, when its last entry is below the committed one, when the committed entry
   is not there or has another digest, or when a room knows less than is committed: then the shard is founded anew and
   its rooms are rebuilt. Otherwise rooms and stream go on, and what was decided but not yet committed is committed.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any, Final, cast

import asyncpg

from auction.kernel.log import get_log
from bidding.journal.commit_bids import Checkpoint, nothing
from bidding.journal.hold_shard import Tenure
from bidding.journal.read_stream import StreamReader
from bidding.journal.rebuild_session import read_books, rebuild_rooms
from bidding.journal.receipts import ReceiptKey
from bidding.journal.shard_door import OwnerRow, ask_for_rebuild, beat, note_rebuilt, raise_epoch, read_owner, try_lock
from bidding.live.keys import EntryId, EntryMalformed, Shard, decode_entry, stream_key
from bidding.live.library import Live
from bidding.live.own_shard import adopt_shard, found_shard
from bidding.live.read_room import ShardHead, read_shard

WAIT_S: Final = 0.2
"""Pause between two tries for the lock."""

_Entries = list[tuple[bytes, dict[bytes, bytes]]]

log = get_log("bidding.journal")


async def wait_for_lock(door: asyncpg.Connection[Any], shard: Shard, stop: asyncio.Event) -> bool:
    """Wait until the shard's lock is ours; false: ``stop`` was set first. The tries keep the session alive."""
    while not stop.is_set():
        if await try_lock(door, shard):
            return True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), WAIT_S)
    return False


async def take_over(
    live: Live,
    door: asyncpg.Connection[Any],
    reader: StreamReader,
    shard: Shard,
    key: ReceiptKey,
    *,
    rebuild: bool = False,
    checkpoint: Checkpoint = nothing,
) -> Tenure:
    """Begin a tenure; the lock is ours, ``reader`` was opened before. ``rebuild``: the last tenure found that Redis lost something.

    Raises:
        NotOwner: somebody else was faster.
        LossDetected: a room knows less than is committed; take over again with ``rebuild``.
    """
    began = time.monotonic()
    await _register_key(door, key)
    row = await read_owner(door, shard)
    head = await read_shard(live, shard)
    lost = rebuild or row.rebuild_asked or await _has_lost(live, shard, row, head)
    fresh = max(row.epoch, head.epoch if head else 0) + 1
    own = await raise_epoch(door, shard, known=row, fresh=fresh)
    if lost:
        await ask_for_rebuild(door, own)
        await found_shard(live, shard, epoch=fresh, token=own.token, digest=row.position.digest)
    else:
        await adopt_shard(live, shard, epoch=fresh, token=own.token)
    books = await read_books(door, own)
    await beat(door, own)
    if lost:
        now = await read_shard(live, shard)
        assert now is not None, "the shard was founded just now"
        back = await rebuild_rooms(live, door, own, books, now_us=now.now_us)
        await note_rebuilt(door, own)
        log.warning("shard_rebuilt", shard=shard, epoch=fresh, rooms=len(back))
    tenure = Tenure(live, door, reader, own, books, key, checkpoint=checkpoint)
    if head is not None and not lost:
        await tenure.take_over_stall(head)
    await tenure.watch_clocks()
    await tenure.publish_everything()
    log.info("shard_taken", shard=shard, epoch=fresh, lost=lost, seconds=round(time.monotonic() - began, 3))
    return tenure


async def _has_lost(live: Live, shard: Shard, row: OwnerRow, head: ShardHead | None) -> bool:
    """Tell whether Redis lost something of the shard (rule 3)."""
    committed = row.position
    if head is None:
        return True
    if committed.id == EntryId(0, 0):
        return row.epoch == 0
    client = await live.nodes.client(shard)
    only = str(committed.id)
    found = cast(_Entries, await client.xrange(stream_key(shard), min=only, max=only, count=1))
    if not found:
        return head.epoch < committed.id.epoch or head.digest != committed.digest
    try:
        return decode_entry(*found[0]).digest != committed.digest
    except EntryMalformed:
        return True


async def _register_key(door: asyncpg.Connection[Any], key: ReceiptKey) -> None:
    await door.execute(
        "INSERT INTO bidding.receipt_key (key_id, public_key) VALUES ($1, $2) ON CONFLICT (key_id) DO NOTHING",
        key.key_id,
        key.public,
    )
