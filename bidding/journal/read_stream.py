"""Read a shard's stream on one connection that is never reconnected.

A Redis that restarts, or a replica that takes its place, may have forgotten entries that gateways already hold numbers
of. Nothing in the stream shows that; the broken connection does. So the owner reads on one connection for its whole
tenure, and when that breaks the tenure is over and the epoch is raised before anything more is committed (bid-core 7).
A pooled client would reconnect in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from redis.asyncio.connection import AbstractConnection

from bidding.live.keys import Entry, EntryId, Shard, decode_entry, stream_key
from bidding.live.library import Live

BATCH_LIMIT: Final = 500
"""Most entries in one batch."""
BLOCK_MS: Final = 40
"""Longest wait for entries before the house is kept."""

_Entries = list[tuple[bytes, list[bytes]]]
_Answer = dict[bytes, _Entries] | list[tuple[bytes, _Entries]] | None
"""By protocol 3 a map, by protocol 2 pairs; nothing when no entry came."""


class StreamReader:
    """One owner's connection to its shard's stream."""

    def __init__(self, connection: AbstractConnection, shard: Shard) -> None:
        """Take an open connection over."""
        self._connection = connection
        self._key = stream_key(shard)

    @staticmethod
    async def open(live: Live, shard: Shard) -> StreamReader:
        """Connect to the server that holds the shard now."""
        client = await live.nodes.client(shard)
        connection = cast(AbstractConnection, client.connection_pool.make_connection())
        await connection.connect()
        return StreamReader(connection, shard)

    async def read(self, after: EntryId) -> list[Entry]:
        """Give the next entries after ``after``; none if none came within `BLOCK_MS`.

        Raises:
            RedisError, OSError: the connection broke; never use this reader again.
            EntryMalformed: an entry is not of the documented form.
        """
        await self._connection.send_command(
            *("XREAD", "COUNT", BATCH_LIMIT, "BLOCK", BLOCK_MS, "STREAMS", self._key, str(after))
        )
        answer = cast(_Answer, await self._connection.read_response())
        streams = answer.values() if isinstance(answer, dict) else [found for _, found in answer or ()]
        return [decode_entry(entry_id, _fields(flat)) for found in streams for entry_id, flat in found]

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.disconnect()


def _fields(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
