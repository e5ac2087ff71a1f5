"""Which Redis server holds a shard, and plain connections to it.

1. No call is repeated behind the caller's back: `Retry(NoBackoff(), 0)` everywhere (bid-core 22).
2. On a cluster each primary has one plain client. Who holds a shard is looked up once and again after MOVED or a lost
   primary, at several nodes at once: none of them is a single point of failure, and none is believed alone (`slots`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from random import sample
from typing import Final, cast

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisError
from redis.exceptions import ConnectionError as Unreachable

from auction.kernel.endings import end_all
from bidding.live.connections import make_plain
from bidding.live.keys import Shard, shard_key
from bidding.live.line import Line
from bidding.live.slots import Claim, Place, claims_of, is_cluster, owners_of, read_cluster_url, slot_of

CALL_TIMEOUT_S: Final = 2.0
CONNECTIONS_LIMIT: Final = 4_096
"""Most connections to one server: each shard takes up to two for its channels, its calls take others now and then."""
ASKED: Final = 5
"""Most nodes that are asked at once who holds what."""
PATIENCE_S: Final = 0.25
"""Wait for further answers after the first one: a node that sleeps is not waited for."""


def plain_client(url: str, *, call_timeout_s: float = CALL_TIMEOUT_S) -> Redis:
    """Make a client that never repeats a call; ``url`` may be redis://, rediss:// or unix://."""
    client: Redis = Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        retry_on_timeout=False,
        socket_timeout=call_timeout_s,
        socket_connect_timeout=call_timeout_s,
        max_connections=CONNECTIONS_LIMIT,
        driver_info=None,  # nobody needs CLIENT SETINFO, which the roles' users may not call
    )
    return make_plain(client)


class Nodes:
    """The servers of one installation. One server: everything is there; a cluster: by the shard's hash tag."""

    def __init__(self, url: str, *, call_timeout_s: float = CALL_TIMEOUT_S) -> None:
        """Connect lazily to ``url``, a single server or (``redis+cluster://``) some nodes of a cluster.

        Raises:
            SettingInvalid: the address of a cluster is not of that form.
        """
        self._call_timeout_s = call_timeout_s
        self._cluster = read_cluster_url(url) if is_cluster(url) else None
        self._single = plain_client(url, call_timeout_s=call_timeout_s) if self._cluster is None else None
        self._clients: dict[Place, Redis] = {}
        self._owners: dict[int, Place] = {}
        self._slots: dict[Shard, int] = {}
        self._refreshing: asyncio.Task[None] | None = None
        self._lines: dict[Redis, Line] = {}

    @property
    def is_cluster(self) -> bool:
        """Whether there is more than one server to ask."""
        return self._cluster is not None

    async def client(self, shard: Shard) -> Redis:
        """Give the plain client of the server that holds ``shard`` now.

        Raises:
            RedisError: no node of the cluster answers, or nobody holds the shard.
        """
        if self._single is not None:
            return self._single
        slot = self._slots.get(shard)
        if slot is None:
            slot = self._slots[shard] = slot_of(shard_key(shard))
        return await self._client_of_slot(slot)

    async def client_of(self, key: str) -> Redis:
        """Give the plain client of the server that holds a key beside the shards. Raises as `client`."""
        return self._single if self._single is not None else await self._client_of_slot(slot_of(key))

    async def primaries(self) -> list[Redis]:
        """Give the plain client of every server that holds something. Raises as `client`."""
        if self._single is not None:
            return [self._single]
        if not self._owners:
            await self.refresh()
        return [self._client_at(place) for place in dict.fromkeys(self._owners.values())]

    def named_by(self, answer: AskError, asked: Redis) -> Redis:
        """Give the client of the server that a MOVED or an ASK names; MOVED is remembered."""
        host = answer.host or str(asked.connection_pool.connection_kwargs["host"])
        place = Place(host, answer.port)
        if isinstance(answer, MovedError):
            self._owners[answer.slot_id] = place
        return self._client_at(place)

    def line_to(self, client: Redis) -> Line | None:
        """Give the thin line to a client's server; ``None``: only the client itself reaches it."""
        line = self._lines.get(client)
        if line is None and Line.reaches(client):
            line = self._lines[client] = Line(client)
        return line

    def leave(self, client: Redis) -> None:
        """Give up the thin line to a server that is no primary any more: the next call connects anew, perhaps elsewhere."""
        line = self._lines.get(client)
        if line is not None:
            line.close()

    async def refresh(self) -> None:
        """Give up idle connections, and ask a cluster again who holds what. Those who ask at once share one answer.

        Where one line was lost, others that lie idle may lead nowhere as well, or to a server that has become a replica.

        Raises:
            RedisError, OSError: no node answers.
        """
        await asyncio.shield(self._refresh_once())

    def refresh_soon(self) -> None:
        """Do that without waiting for the answer."""
        self._refresh_once()

    async def close(self) -> None:
        """Close all connections."""
        if self._refreshing is not None:
            await end_all([self._refreshing])  # or it would connect again behind our back
        for line in self._lines.values():
            line.close()
        for client in (self._single, *self._clients.values()):
            if client is not None:
                await client.aclose()

    async def _client_of_slot(self, slot: int) -> Redis:
        place = self._owners.get(slot)
        if place is None:
            await self.refresh()
            place = self._owners.get(slot)
        if place is None:
            raise ClusterDownError(f"nobody holds slot {slot}")
        return self._client_at(place)

    def _client_at(self, place: Place) -> Redis:
        assert self._cluster is not None, "places exist on a cluster only"
        known = self._clients.get(place)
        if known is None:
            url = self._cluster.url_at(place)
            known = self._clients[place] = plain_client(url, call_timeout_s=self._call_timeout_s)
        return known

    def _refresh_once(self) -> asyncio.Task[None]:
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._look())
            self._refreshing.add_done_callback(_note_seen)
        return self._refreshing

    async def _look(self) -> None:
        for client in (self._single, *self._clients.values()):
            if client is not None:
                await client.connection_pool.disconnect(inuse_connections=False)
        if self._cluster is None:
            return
        known = list(dict.fromkeys((*self._owners.values(), *self._clients)))
        asked = dict.fromkeys((*sample(known, min(len(known), ASKED)), *self._cluster.seeds[:ASKED]))
        described = await self._first_answers([asyncio.create_task(self._describe(place)) for place in asked])
        owners = owners_of(claim for claims in described for claim in claims)
        if not owners:
            raise Unreachable("no node of the cluster says who holds what")
        self._owners = owners

    async def _describe(self, place: Place) -> list[Claim]:
        """Ask one node, on a connection of its own: one that is given up half-way is closed here and nowhere else."""
        connection = cast("AbstractConnection", self._client_at(place).connection_pool.make_connection())
        try:
            await connection.connect()
            await connection.send_command("CLUSTER", "NODES")
            told = await connection.read_response()
        finally:
            await connection.disconnect(nowait=True)
        assert isinstance(told, bytes), "a description is a text"
        return list(claims_of(told.decode(), told_by=place))

    async def _first_answers(self, asking: Iterable[asyncio.Task[list[Claim]]]) -> list[list[Claim]]:
        """Give the answers that come within `PATIENCE_S` of the first one; none: nobody answered."""
        waiting, answers = set(asking), list[list[Claim]]()
        patience_s: float | None = None
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
                if not done:
                    break
                for task in done:
                    with suppress(RedisError, OSError, TimeoutError):
                        answers.append(task.result())
                        patience_s = PATIENCE_S
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        return answers


def _note_seen(task: asyncio.Task[None]) -> None:
    """Take a failure note of: whoever waited for the task has it, and nobody may have waited."""
    if not task.cancelled():
        task.exception()
