"""Move or freeze the clock of the rooms: only in installations stamped test or demo (bid-core 14)."""

from __future__ import annotations

from auction.kernel.stamp import require_pretending
from bidding.live.keys import SHARDS_LIMIT, Shard, clock_key
from bidding.live.library import Live, movable


async def move_clock(live: Live, *, offset_us: int) -> None:
    """Let rooms run ``offset_us`` ahead of Redis's clock, in every shard.

    Raises:
        WrongInstallation: this installation is stamped production.
    """
    await _set(live, {"offset_us": offset_us})


async def freeze_clock(live: Live, *, at_us: int) -> None:
    """Let the clock of every room stand at ``at_us``; zero lets it run again. Raises as `move_clock`."""
    await _set(live, {"frozen_us": at_us})


async def _set(live: Live, fields: dict[str, int]) -> None:
    require_pretending(live.stamp, "movable clock in rooms")
    assert live.library == movable(), "a production build of the library has no movable clock"
    assert live.shards <= SHARDS_LIMIT, "number of shards out of bounds"
    for number in range(live.shards):
        shard = Shard(number)
        client = await live.nodes.client(shard)
        key = clock_key(shard)
        for name, value in fields.items():
            if value:
                await client.hset(key, name, str(value))
            else:
                await client.hdel(key, name)
