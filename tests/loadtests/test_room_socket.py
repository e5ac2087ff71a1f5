"""The thin client socket: frames of every size come whole, however the bytes are cut; refusals and closes are told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from loadtests.room_socket import RoomSocket, SocketRefused, open_socket

PATIENCE_S = 10.0


class Heard:
    """What a client heard."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def next(self) -> bytes:
        return await asyncio.wait_for(self.frames.get(), PATIENCE_S)


@asynccontextmanager
async def _connected(
    handle: Callable[[ServerConnection], Awaitable[None]], heard: Heard, *, path: str = "/room"
) -> AsyncIterator[RoomSocket]:
    async with serve(handle, "127.0.0.1", 0, origins=["http://127.0.0.1"], compression=None) as server:  # type: ignore[list-item] # a plain text is an origin
        port = server.sockets[0].getsockname()[1]
        client = await open_socket(
            host="127.0.0.1",
            port=port,
            path=path,
            origin="http://127.0.0.1",
            source="127.0.0.9",
            take=heard.frames.put_nowait,
            closed=heard.closed.set_result,
        )
        try:
            yield client
        finally:
            client.cut()


async def _echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 4_000])
async def test_frames_of_every_length_go_there_and_back(size: int) -> None:
    """Each way of writing a length is understood by a server that is not ours, and read back whole."""
    heard = Heard()
    async with _connected(_echo, heard) as client:
        client.send(b"x" * size)

        assert await heard.next() == b"x" * size


async def test_long_frames_and_many_in_one_packet_come_whole() -> None:
    """A frame of more than 64 KiB and those behind it are told apart, wherever the system cuts the bytes."""
    heard, long = Heard(), os.urandom(60_000).hex()

    async def talk(connection: ServerConnection) -> None:
        for message in (long, "a", "b"):
            await connection.send(message)
        await connection.wait_closed()

    async with _connected(talk, heard):
        assert [await heard.next() for _ in range(3)] == [long.encode(), b"a", b"b"]


async def test_pings_are_answered() -> None:
    """A server that asks whether the line lives gets its answer."""
    answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def ask(connection: ServerConnection) -> None:
        await asyncio.wait_for(await connection.ping(), PATIENCE_S)
        answered.set_result(True)

    async with _connected(ask, Heard()):
        assert await asyncio.wait_for(answered, PATIENCE_S)


async def test_close_code_is_told() -> None:
    """Why the house closed a socket is known afterwards."""
    heard = Heard()

    async def close(connection: ServerConnection) -> None:
        await connection.close(4001)

    async with _connected(close, heard):
        assert await asyncio.wait_for(heard.closed, PATIENCE_S) == 4001


async def test_refused_handshake_is_told() -> None:
    """A page that is not ours is refused, and the driver says with which status."""
    heard = Heard()
    async with serve(_echo, "127.0.0.1", 0, origins=["http://elsewhere"]) as server:  # type: ignore[list-item] # a plain text is an origin
        with pytest.raises(SocketRefused, match="403"):
            await open_socket(
                host="127.0.0.1",
                port=server.sockets[0].getsockname()[1],
                path="/room",
                origin="http://127.0.0.1",
                source="",
                take=heard.frames.put_nowait,
                closed=heard.closed.set_result,
            )
