"""A subscription notices that its line is dead, or leads nowhere, though nothing says so (bid-core 6, 22)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import RedisError

from auction.kernel.errors import Unavailable
from auction.kernel.stamp import Stamp
from bidding.live import listen as listening
from bidding.live.keys import Shard
from bidding.live.library import Live, movable
from bidding.live.line import Line as ThinLine
from bidding.live.listen import QUIET, listen
from bidding.live.nodes import Nodes, plain_client
from bidding.live.own_shard import found_shard
from bidding.live.read_room import read_shard
from loadtests.faults.proxy import HOST, Address, Line
from web.running.embedded_valkey import EmbeddedValkey

SHARD = Shard(0)


@pytest.fixture
async def line(redis_url: str) -> AsyncIterator[Line]:
    """A line to Redis that can be cut and silenced."""
    opened = Line("redis", Address(path=Path(urlsplit(redis_url).path)))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def live(line: Line) -> AsyncIterator[Live]:
    """Rooms that are reached over that line."""
    nodes = Nodes(f"redis://{HOST}:{line.port}/0")
    yield Live(nodes, movable(), shards=1, stamp=Stamp.TEST)
    with suppress(RedisError, OSError):
        await nodes.close()


async def test_quiet_line_is_asked_and_stays(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel on which nothing is said is listened to for as long as its server answers."""
    monkeypatch.setattr(listening, "POLL_S", 0.05)
    monkeypatch.setattr(listening, "ASK_AFTER_S", 0.1)
    monkeypatch.setattr(listening, "SILENT_S", 0.4)
    said = []
    async with aclosing(listen(live, SHARD, "quiet")) as heard:
        async for payload in heard:
            said.append(payload)
            if len(said) == 20:
                break
    assert said[0] is None
    assert set(said[1:]) == {QUIET}


async def test_lost_line_is_given_up(live: Live, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that was lost without a word is no quiet channel: it is given up, so that another one can be tried."""
    monkeypatch.setattr(listening, "POLL_S", 0.05)
    monkeypatch.setattr(listening, "ASK_AFTER_S", 0.1)
    monkeypatch.setattr(listening, "SILENT_S", 0.4)
    async with aclosing(listen(live, SHARD, "quiet")) as heard:
        assert await anext(heard) is None
        line.silence(lost=True)
        with pytest.raises(Unavailable, match="silent"):
            await _drained(heard)


async def _drained(heard: AsyncIterator[bytes | None]) -> None:
    async for payload in heard:
        assert payload is QUIET


async def test_refresh_gives_up_lines_that_lie_idle(live: Live, line: Line, redis_url: str) -> None:
    """After a failover idle connections do not go on to the server that is no primary any more (bid-core 22)."""
    client = await live.nodes.client(SHARD)
    await client.ping()
    line.silence(lost=True)
    line.heal()
    await live.nodes.refresh()

    assert await client.ping()


async def test_calls_do_not_stay_with_a_server_that_became_a_replica(
    live: Live, line: Line, redis_url: str, private_valkey: EmbeddedValkey
) -> None:
    """After a promotion behind one address the next call but one reaches the new primary, though no line was reset."""
    await found_shard(live, SHARD, epoch=1, token="first")
    client = await live.nodes.client(SHARD)
    fresh = Path(urlsplit(private_valkey.url).path)
    await client.execute_command("REPLICAOF", HOST, "1")
    try:
        line.lead(Address(path=fresh), reset=False)
        with pytest.raises(Unavailable):
            await found_shard(live, SHARD, epoch=2, token="second")
        await found_shard(live, SHARD, epoch=3, token="third")
    finally:
        async with plain_client(redis_url) as old:
            await old.execute_command("REPLICAOF", "NO", "ONE")
    head = await read_shard(live, SHARD)

    assert head is not None
    assert head.epoch == 3


def test_thin_line_reaches_what_plain_clients_reach() -> None:
    """The thin line knows the connections of our own: without it each bid costs a connection of the pool."""
    assert ThinLine.reaches(plain_client("redis://127.0.0.1:1/0"))
    assert ThinLine.reaches(plain_client("unix:///nowhere"))
    assert not ThinLine.reaches(plain_client("rediss://127.0.0.1:1/0"))


async def test_closed_line_is_a_fault_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the event loop says of a closed connection reaches callers as a lost line, never as a fault of their own."""

    async def closed(*_: object) -> None:
        raise RuntimeError("the handler is closed")

    monkeypatch.setattr(AbstractConnection, "send_packed_command", closed)
    for url in ("redis://127.0.0.1:1/0", "rediss://127.0.0.1:1/0", "unix:///nowhere"):
        client = plain_client(url)
        connection = client.connection_pool.make_connection()
        with pytest.raises(Unreachable, match="closed"):
            await connection.send_packed_command([b"PING"], False)
        await client.aclose()
