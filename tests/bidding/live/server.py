"""Helpers of the live tests: a `Live` on the test's Valkey, and a plain client that sends many calls at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import redis

from auction.kernel.ids import LotId
from auction.kernel.stamp import Stamp
from bidding.live.keys import Entry, Shard, clock_key, decode_entry, stream_key
from bidding.live.library import Call, Library, Live, movable
from bidding.live.nodes import Nodes

SHARD = Shard(0)
TOKEN = "owner-1"


def live_on(url: str, library: Library | None = None, *, shards: int = 1, stamp: Stamp = Stamp.TEST) -> Live:
    """A `Live` on one server, by default with the movable clock."""
    return Live(Nodes(url), library or movable(), shards=shards, stamp=stamp)


async def entries(live: Live, lot_id: LotId | None = None) -> list[Entry]:
    """The entries of the shard's stream, of one lot if asked."""
    client = await live.nodes.client(SHARD)
    decoded = _decoded(await client.xrange(stream_key(SHARD)))
    return [entry for entry in decoded if lot_id is None or entry.lot_id == lot_id]


class Wire:
    """A plain client that sends timed calls in one pipeline."""

    def __init__(self, url: str) -> None:
        """Connect and load the test build."""
        self.client = redis.Redis.from_url(url)
        self.client.function_load(movable().text, replace=True)

    def send(self, timed: Sequence[tuple[int, Call]]) -> list[list[bytes]]:
        """Freeze the clock and call, again and again; zero leaves the clock as it is."""
        pipeline = self.client.pipeline(transaction=False)
        for at_us, call in timed:
            pipeline.hset(clock_key(call.shard), "frozen_us", str(at_us))
            pipeline.fcall(movable().function(call.function), len(call.keys), *call.keys, *call.args)
        return list(pipeline.execute()[1::2])

    def entries(self) -> list[Entry]:
        """All entries of the shard."""
        return _decoded(self.client.xrange(stream_key(SHARD)))


def _decoded(raw: object) -> list[Entry]:
    rows = cast("list[tuple[bytes, dict[bytes, bytes]]]", raw)
    return [decode_entry(entry_id, fields) for entry_id, fields in rows]
