"""Listen to one channel of a shard, and notice when nobody speaks on the line any more.

1. A line that was silently lost looks like one on which nothing is said. So a quiet line is asked (`PING`) after `ASK_AFTER_S`,
   and given up after `SILENT_S`.
2. A line to a server that no longer holds the shard lives, and says nothing of ours: only the caller knows how long that may be.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final

from redis.exceptions import RedisError

from auction.kernel.errors import Unavailable
from bidding.live.keys import Shard
from bidding.live.library import Live

POLL_S: Final = 0.5
ASK_AFTER_S: Final = 1.0
SILENT_S: Final = 3.0

QUIET: Final = b""
"""Given when nothing came for `POLL_S`."""


async def listen(live: Live, shard: Shard, channel: str) -> AsyncGenerator[bytes | None, None]:
    """Give each message of a channel: ``None`` once subscribed, `QUIET` when nothing came. Never ends by itself.

    Raises:
        Unavailable: the line is dead, or the shard has moved to another server.
        RedisError, OSError: the line broke.
    """
    client = await live.nodes.client(shard)
    pubsub = client.pubsub()
    heard_s = time.monotonic()
    try:
        await pubsub.ssubscribe(channel)
        while True:
            answer = await pubsub.get_message(timeout=POLL_S)
            if answer is None:
                silent_s = time.monotonic() - heard_s
                if silent_s > SILENT_S:
                    raise Unavailable("the line is silent")
                if await live.nodes.client(shard) is not client:
                    raise Unavailable("the shard has moved to another server")
                if silent_s > ASK_AFTER_S:
                    await pubsub.ping()
                yield QUIET
                continue
            heard_s = time.monotonic()
            kind = answer["type"]
            if kind == "ssubscribe":
                yield None
            elif kind == "smessage":
                yield bytes(answer["data"])
            elif kind == "sunsubscribe":
                raise Unavailable("the shard has moved to another server")
    finally:
        with suppress(RedisError, OSError, RuntimeError):
            await pubsub.aclose()
