"""The server behind the shards, reached by a plain client (bid-core 22); clusters: `tests.faults.test_cluster`."""

from __future__ import annotations

import pytest

from auction.kernel.errors import Unavailable
from auction.kernel.stamp import Stamp
from bidding.live.keys import Shard
from bidding.live.library import Live, movable
from bidding.live.nodes import Nodes, plain_client
from bidding.live.own_shard import found_shard
from tests.bidding.live.server import TOKEN


async def test_plain_client_never_repeats_a_call(redis_url: str) -> None:
    """No retry is hidden on this path."""
    client = plain_client(redis_url)

    retry = client.connection_pool.connection_kwargs["retry"]
    await client.aclose()

    assert retry.get_retries() == 0


async def test_server_that_cannot_serve_now_did_nothing(redis_url: str) -> None:
    """A replica, or a node without its primary, refuses: the caller knows that nothing happened."""
    nodes = Nodes(redis_url)
    live = Live(nodes, movable(), shards=1, stamp=Stamp.TEST)
    await found_shard(live, Shard(0), epoch=1, token=TOKEN)
    client = await nodes.client(Shard(0))
    await client.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(Unavailable):
            await found_shard(live, Shard(0), epoch=2, token=TOKEN)
    finally:
        await client.replicaof("NO", "ONE")
        await nodes.close()
