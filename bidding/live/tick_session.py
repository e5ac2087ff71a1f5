"""Close what has ended: the timer's call (bid-core 13). Harmless at any time, by anybody, any number of times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from auction.kernel.ids import LotId
from bidding.live.decision import Decision, decode_decision
from bidding.live.keys import Shard, lot_key, shard_key, stream_key
from bidding.live.library import Call, Live

TICK_LIMIT: Final = 500
"""Most rooms in one call."""


async def tick_sessions(live: Live, shard: Shard, *, epoch: int, lot_ids: Sequence[LotId]) -> list[Decision]:
    """Append the closing event to each room of ``shard`` whose end has passed; answers in the order given.

    Accepted with ``sequence`` of the closing event (``duplicate`` if it was closed before); accepted with sequence
    zero: the end has not come. Refused: ``room_stalled``, ``room_missing``, ``room_rebuilding``, ``wrong_epoch``.
    """
    assert len(lot_ids) <= TICK_LIMIT, "too many rooms in one call"
    calls = [tick_call(shard, epoch=epoch, lot_id=lot_id) for lot_id in lot_ids]
    return [decode_decision(reply) for reply in await live.call_many(calls)]


def tick_call(shard: Shard, *, epoch: int, lot_id: LotId) -> Call:
    """Write the timer's call for one room."""
    return Call(
        shard=shard,
        function="tick",
        keys=(shard_key(shard), stream_key(shard), lot_key(shard, lot_id)),
        args=(epoch, str(lot_id)),
    )
