"""Which Redis server holds a shard, and plain connections to it.

1. No call is repeated behind the caller's back: `Retry(NoBackoff(), 0)` everywhere (bid-core 22).
2. On a cluster each primary has one plain client; `Nodes.refresh` after MOVED or a lost primary.
"""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bidding.live.keys import Shard, shard_key

CALL_TIMEOUT_S: Final = 2.0
CONNECTIONS_LIMIT: Final = 32


def plain_client(url: str, *, call_timeout_s: float = CALL_TIMEOUT_S) -> Redis:
    """Make a client that never repeats a call; ``url`` may be redis://, rediss:// or unix://."""
    client: Redis = Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        retry_on_timeout=False,
        socket_timeout=call_timeout_s,
        socket_connect_timeout=call_timeout_s,
        max_connections=CONNECTIONS_LIMIT,
    )
    return client


class Nodes:
    """The servers of one installation. One server: everything is there; a cluster: by the shard's hash tag."""

    def __init__(self, url: str, *, cluster: bool = False, call_timeout_s: float = CALL_TIMEOUT_S) -> None:
        """Connect lazily to ``url``, a single server or any node of a cluster."""
        self._call_timeout_s = call_timeout_s
        self._single = None if cluster else plain_client(url, call_timeout_s=call_timeout_s)
        self._cluster: RedisCluster | None = None
        if cluster:
            self._cluster = RedisCluster.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=call_timeout_s)
        self._primaries: dict[tuple[str, int], Redis] = {}

    async def client(self, shard: Shard) -> Redis:
        """Give the plain client of the server that holds ``shard`` now."""
        if self._single is not None:
            return self._single
        assert self._cluster is not None, "either one server or a cluster"
        await self._cluster.initialize()
        node = self._cluster.get_node_from_key(shard_key(shard))
        assert node is not None, "a primary is never None"
        return self._primary(str(node.host), int(node.port))

    async def refresh(self) -> None:
        """Ask the cluster again who holds what; nothing on a single server."""
        if self._cluster is not None:
            await self._cluster.nodes_manager.initialize()

    async def close(self) -> None:
        """Close all connections."""
        for client in (self._single, *self._primaries.values()):
            if client is not None:
                await client.aclose()
        if self._cluster is not None:
            await self._cluster.aclose()

    def _primary(self, host: str, port: int) -> Redis:
        known = self._primaries.get((host, port))
        if known is None:
            assert self._cluster is not None, "primaries exist on a cluster only"
            known = self._primaries[host, port] = Redis(
                host=host,
                port=port,
                username=self._cluster.connection_kwargs.get("username"),
                password=self._cluster.connection_kwargs.get("password"),
                retry=Retry(NoBackoff(), 0),
                socket_timeout=self._call_timeout_s,
                socket_connect_timeout=self._call_timeout_s,
                max_connections=CONNECTIONS_LIMIT,
            )
        return known
