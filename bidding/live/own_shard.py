"""What only the owner of a shard does: begin an epoch, publish what is committed, trim, stall and release.

1. Each call carries the owner's token and epoch; a stale one is refused (`StaleToken`, `WrongEpoch`: bid-core 4).
2. Each call may be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from auction.kernel.ids import LotId
from bidding.live.keys import (
    ZERO_DIGEST,
    EntryId,
    Shard,
    channel,
    ids_key,
    lot_key,
    lots_key,
    shard_key,
    stream_key,
)
from bidding.live.library import Call, Live, Reply
from bidding.rules.reasons import Code, refusal

MARKS_LIMIT: Final = 1_000
"""Most watermarks in one call."""


class Watermark(msgspec.Struct, frozen=True):
    """PostgreSQL has committed this lot through this sequence."""

    lot_id: LotId
    sequence: int


async def adopt_shard(live: Live, shard: Shard, *, epoch: int, token: str) -> None:
    """Begin a new epoch over rooms that lost nothing (take-over): streams, rooms and chain go on.

    Raises:
        WrongEpoch: Redis knows an epoch that is not lower.
        RoomMissing: Redis holds no shard: it lost something, use `found_shard`.
    """
    await _begin(live, shard, epoch=epoch, token=token, mode="adopt", digest=ZERO_DIGEST)


async def found_shard(live: Live, shard: Shard, *, epoch: int, token: str, digest: str = ZERO_DIGEST) -> None:
    """Begin a new epoch from nothing: first start, or Redis lost something. Stream and rooms of the shard are dropped.

    ``digest`` is what the first entry names as its predecessor. Restore every room afterwards (`restore_room`).

    Raises:
        WrongEpoch: Redis knows an epoch that is not lower.
    """
    await _begin(live, shard, epoch=epoch, token=token, mode="found", digest=digest)


async def publish_committed(
    live: Live, shard: Shard, *, epoch: int, token: str, watermarks: Sequence[Watermark], payload: bytes
) -> list[LotId]:
    """Set watermarks and publish ``payload`` on the shard's channel, in this order, in one step (bid-core 6).

    A lower or equal watermark changes nothing. A room that had stalled and is caught up by this gets its clock
    moved as a numbered event (bid-core 11). Empty ``payload`` publishes nothing. Gives the lots whose watermark
    lies beyond what Redis knows: Redis lost something there.

    Raises:
        StaleToken: somebody else owns the shard.
        WrongEpoch: the shard is in another epoch.
    """
    call = publish_call(shard, epoch=epoch, token=token, watermarks=watermarks, payload=payload)
    reply = await _owned(live, call)
    beyond = {lot.decode() for lot in reply[1:]}
    return [mark.lot_id for mark in watermarks if str(mark.lot_id) in beyond]


def publish_call(shard: Shard, *, epoch: int, token: str, watermarks: Sequence[Watermark], payload: bytes) -> Call:
    """Write the publication as a function call."""
    assert len(watermarks) <= MARKS_LIMIT, "too many watermarks in one call"
    keys = tuple(lot_key(shard, mark.lot_id) for mark in watermarks)
    marks = tuple(part for mark in watermarks for part in (str(mark.lot_id), mark.sequence))
    args = (epoch, token, channel(shard), payload, *marks)
    return Call(shard, "publish", (shard_key(shard), stream_key(shard), *keys), args)


async def trim_stream(live: Live, shard: Shard, *, epoch: int, token: str, committed: EntryId) -> None:
    """Drop the entries below ``committed``, the last entry that is durable; that entry itself stays (bid-core 6)."""
    args = (epoch, token, str(committed))
    await _owned(live, Call(shard, "trim", (shard_key(shard), stream_key(shard)), args))


async def drop_room(live: Live, shard: Shard, *, epoch: int, token: str, lot_id: LotId) -> None:
    """Free the memory of a room that is closed or withdrawn and wholly committed; later bids find no room.

    Raises:
        SessionExists: the session is not over, or not all of it is committed.
    """
    keys = (shard_key(shard), lot_key(shard, lot_id), ids_key(shard, lot_id), lots_key(shard))
    await _owned(live, Call(shard, "drop", keys, (epoch, token, str(lot_id))))


async def stall_shard(live: Live, shard: Shard, *, epoch: int, token: str) -> None:
    """Stop the clocks of all rooms of the shard at once: clocks disagree or jumped (bid-core 10)."""
    await _owned(live, Call(shard, "stall", (shard_key(shard), stream_key(shard)), (epoch, token)))


async def release_shard(live: Live, shard: Shard, *, epoch: int, token: str) -> None:
    """Let the clocks run again; every open room gets a new end as a numbered event, once it is caught up."""
    keys = (shard_key(shard), stream_key(shard), lots_key(shard))
    await _owned(live, Call(shard, "release", keys, (epoch, token)))


async def _begin(live: Live, shard: Shard, *, epoch: int, token: str, mode: str, digest: str) -> None:
    keys = (shard_key(shard), stream_key(shard), lots_key(shard))
    assert epoch > 0 and token, "an epoch is positive, an owner has a token"
    await _owned(live, Call(shard, "begin", keys, (epoch, token, mode, digest)))


async def _owned(live: Live, call: Call) -> Reply:
    """Call; raise the refusal that the owner got."""
    reply = await live.call(call)
    if reply[0] != b"ok":
        raise refusal(Code(reply[0].decode()))
    return reply
