"""The proxy of the fault schedules does to a line what its name says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from loadtests.faults.proxy import HOST, Address, Line

PATIENCE_S = 5.0
SHORT_S = 0.15
OPENED: list[asyncio.StreamWriter] = []


class Echo:
    """A server that gives back what it gets, with its name before it."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.peers: list[str] = []
        self.address = Address()
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def open(self, path: Path | None = None) -> None:
        if path is None:
            self._server = await asyncio.start_server(self._serve, HOST, 0)
            self.address = Address(port=self._server.sockets[0].getsockname()[1])
        else:
            self._server = await asyncio.start_unix_server(self._serve, path)
            self.address = Address(path=path)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        peer = writer.get_extra_info("peername")
        self.peers.append(str(peer[0]) if peer else "")
        try:
            with suppress(ConnectionError, asyncio.CancelledError):
                while data := await reader.read(65_536):
                    writer.write(self.name + data)
                    await writer.drain()
        finally:
            writer.transport.abort()


class Client:
    """One connection through the line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @staticmethod
    async def to(line: Line) -> Client:
        made = Client(*await asyncio.open_connection(HOST, line.port))
        OPENED.append(made.writer)
        return made

    def say(self, data: bytes) -> None:
        self.writer.write(data)

    async def hear(self, size: int, *, within_s: float = PATIENCE_S) -> bytes:
        return await asyncio.wait_for(self.reader.readexactly(size), within_s)

    async def is_deaf(self) -> bool:
        """Whether nothing comes for a while, not even an end."""
        try:
            await asyncio.wait_for(self.reader.read(1), SHORT_S)
        except TimeoutError:
            return True
        return False


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    """A server to talk to."""
    server = Echo(b"A")
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def line(echo: Echo) -> AsyncIterator[Line]:
    """An open line to it."""
    opened = Line("test", echo.address)
    await opened.open()
    yield opened
    await opened.close()
    for writer in OPENED:
        writer.transport.abort()
    OPENED.clear()
    await asyncio.sleep(0)


async def test_bytes_pass_in_order_both_ways(line: Line) -> None:
    """An undisturbed line is a line."""
    client = await Client.to(line)
    client.say(b"x" * 200_000)

    heard = await client.hear(200_000)
    assert heard.startswith(b"Ax")
    assert line.standing == 1


async def test_unix_socket_is_reached_too(tmp_path: Path) -> None:
    """Servers that listen on a socket in a folder are reached over TCP."""
    server = Echo(b"U")
    await server.open(tmp_path / "s")
    opened = Line("test", server.address)
    await opened.open()
    client = await Client.to(opened)
    client.say(b"y")

    assert await client.hear(2) == b"Uy"
    client.writer.transport.abort()
    await opened.close()
    await server.close()


async def test_cut_resets_what_stands_and_what_comes_until_healed(line: Line) -> None:
    """A cut is told at once (RST); after the healing a new connection works."""
    client = await Client.to(line)
    client.say(b"x")
    await client.hear(2)
    line.cut()
    with pytest.raises(ConnectionResetError):
        await client.hear(1)
    late = await Client.to(line)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await late.hear(1)
    line.heal()
    again = await Client.to(line)
    again.say(b"z")

    assert await again.hear(2) == b"Az"


async def test_silence_tells_nothing_and_gives_all_after_the_healing(line: Line) -> None:
    """A short silence loses nothing: what was sent meanwhile arrives, as TCP repeats it; so do new connections."""
    client = await Client.to(line)
    client.say(b"1")
    await client.hear(2)
    line.silence(lost=False)
    client.say(b"2")
    late = await Client.to(line)
    late.say(b"3")
    deaf = await client.is_deaf() and await late.is_deaf()
    line.heal()

    assert deaf
    assert await client.hear(2) == b"A2"
    assert await late.hear(2) == b"A3"


async def test_lost_connections_stay_silent_for_ever(line: Line) -> None:
    """After a long silence old connections say nothing more, not even that they are over; new ones work."""
    client = await Client.to(line)
    client.say(b"1")
    await client.hear(2)
    line.silence(lost=True)
    line.heal()
    client.say(b"2")
    fresh = await Client.to(line)
    fresh.say(b"3")

    assert await fresh.hear(2) == b"A3"
    assert await client.is_deaf()


async def test_slow_line_delays_and_keeps_the_order(line: Line) -> None:
    """Each direction waits so long; healing does not let later bytes overtake earlier ones."""
    client = await Client.to(line)
    line.slow(SHORT_S)
    began = time.monotonic()
    client.say(b"1")
    await client.hear(2)
    took = time.monotonic() - began
    client.say(b"2")
    await asyncio.sleep(SHORT_S / 3)
    line.heal()
    client.say(b"3")
    heard = await client.hear(3)

    assert took >= 2 * SHORT_S
    assert heard.replace(b"A", b"").startswith(b"2")


async def test_led_line_reaches_the_new_server_and_leaves_or_resets_the_old(line: Line, echo: Echo) -> None:
    """After a promotion new connections reach the new server; what stands is left, or reset, as asked."""
    other = Echo(b"B")
    await other.open()
    old = await Client.to(line)
    old.say(b"1")
    await old.hear(2)
    line.lead(other.address, reset=False)
    fresh = await Client.to(line)
    fresh.say(b"2")
    old.say(b"3")
    heard = await fresh.hear(2), await old.hear(2)
    line.lead(echo.address, reset=True)

    assert heard == (b"B2", b"A3")
    with pytest.raises(ConnectionResetError):
        await old.hear(1)
    await other.close()


async def test_source_address_is_kept(echo: Echo) -> None:
    """A gateway that counts sockets by address sees the client's, not the proxy's."""
    opened = Line("test", echo.address, keep_source=True)
    await opened.open()
    _, writer = await asyncio.open_connection(HOST, opened.port, local_addr=("127.0.3.7", 0))
    writer.write(b"x")
    while not echo.peers:  # noqa: ASYNC110 - bounded by the test's patience
        await asyncio.sleep(0.01)

    assert echo.peers == ["127.0.3.7"]
    writer.transport.abort()
    await opened.close()


async def test_line_to_nowhere_resets(line: Line, echo: Echo) -> None:
    """A server that is down is a reset, not a wait."""
    await echo.close()
    client = await Client.to(line)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await client.hear(1)
