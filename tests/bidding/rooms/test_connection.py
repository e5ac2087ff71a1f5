"""Frames that reach their listener in one step: in order, whole, and judged by the library wherever they are unusual."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.server import ServerConnection, serve

from bidding.rooms.connection import RoomConnection
from bidding.rooms.wire import FRAME_LIMIT

ASK = (
    b"GET /room HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
WAIT_S = 5.0
KEY = b"\x12\x34\x56\x78"
TEXT, BINARY, CONTINUED, CLOSE, PING = 1, 2, 0, 8, 9


def frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    """A client's frame, masked."""
    key = KEY
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack("!H", len(payload))
    masked = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
    return bytes([(0x80 if fin else 0) | opcode]) + size + key + masked


@dataclass
class Heard:
    """What a server's handler was given, and how its connection ended."""

    messages: list[str | bytes] = field(default_factory=list)
    direct: int = 0
    may_listen: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    code: int | None = None
    parting: Callable[[], None] | None = None


@asynccontextmanager
async def running(heard: Heard) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A server with our connection, and a raw line to it that has not shaken hands."""

    async def handle(connection: ServerConnection) -> None:
        assert isinstance(connection, RoomConnection)

        def take(payload: bytes) -> None:
            heard.direct += 1
            heard.messages.append(payload.decode())

        connection.on_parting = heard.parting
        await heard.may_listen.wait()
        connection.listen(take)
        try:
            async for message in connection:
                heard.messages.append(message)
        finally:
            await connection.wait_closed()
            heard.code = connection.close_code
            heard.ended.set()

    server = await serve(
        handle, "127.0.0.1", 0, create_connection=RoomConnection, compression=None, max_size=FRAME_LIMIT
    )
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        server.close()
        await server.wait_closed()


async def shaken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, more: bytes = b"") -> None:
    """Shake hands; ``more`` comes in the same piece."""
    writer.write(ASK + more)
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT_S)
    assert b" 101 " in answer


async def say(writer: asyncio.StreamWriter, *pieces: bytes) -> None:
    """Send pieces that arrive one by one."""
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.001)


async def ended(heard: Heard, writer: asyncio.StreamWriter) -> None:
    """Close in good order and wait for the handler's end."""
    await say(writer, frame(CLOSE, struct.pack("!H", 1000)))
    writer.close()
    await asyncio.wait_for(heard.ended.wait(), WAIT_S)


async def test_whole_text_frames_reach_the_listener_at_once() -> None:
    """One frame, several in one piece, a longer one, one with an empty text: none goes through the queue."""
    heard = Heard()
    heard.may_listen.set()
    long = "甲" * 60
    async with running(heard) as (reader, writer):
        await shaken(reader, writer)
        await say(writer, frame(TEXT, b"1"), frame(TEXT, b"2") + frame(TEXT, b"") + frame(TEXT, long.encode()))
        await ended(heard, writer)

    assert heard.messages == ["1", "2", "", long]
    assert heard.direct == 4
    assert heard.code == 1000


async def test_messages_that_came_before_the_listener_come_first() -> None:
    """Order is kept while what has queued up is still being taken."""
    heard = Heard()
    async with running(heard) as (reader, writer):
        await shaken(reader, writer)
        await say(writer, frame(TEXT, b"1"), frame(TEXT, b"2"))
        heard.may_listen.set()
        await say(writer, frame(TEXT, b"3"), frame(TEXT, b"4"))
        await ended(heard, writer)

    assert heard.messages == ["1", "2", "3", "4"]
    assert heard.direct >= 1


@pytest.mark.parametrize("seed", range(12))
async def test_any_frames_in_any_pieces_are_heard_in_order(seed: int) -> None:
    """However the line cuts them up: texts, pings between them, fragments, binary ones."""
    dice, heard, expected, raw = random.Random(seed), Heard(), list[str | bytes](), bytearray()
    heard.may_listen.set()
    for number in range(60):
        text = f"{number}:" + "x" * dice.choice((0, 3, 130, 700))
        kind = dice.choice(("text",) * 8 + ("ping",) * 2 + (("fragments", "binary") if number > 40 else ()))
        if kind == "ping":
            raw += frame(PING, b"?")
            continue
        if kind == "fragments":
            raw += frame(TEXT, text[:2].encode(), fin=False) + frame(PING, b"") + frame(CONTINUED, text[2:].encode())
        else:
            raw += frame(BINARY if kind == "binary" else TEXT, text.encode())
        expected.append(text.encode() if kind == "binary" else text)
    pieces, at = [], 0
    while at < len(raw):
        size = dice.choice((1, 2, 5, 40, 300, 2_000))
        pieces.append(bytes(raw[at : at + size]))
        at += size
    async with running(heard) as (reader, writer):
        await shaken(reader, writer)
        await say(writer, *pieces)
        await ended(heard, writer)

    assert heard.messages == expected
    assert heard.direct > 10
    assert heard.code == 1000


async def test_frames_that_come_with_the_handshake_are_heard() -> None:
    """What follows the handshake in the same piece is the library's, and so is all that comes later."""
    heard = Heard()
    heard.may_listen.set()
    async with running(heard) as (reader, writer):
        await shaken(reader, writer, more=frame(TEXT, b"1") + frame(TEXT, b"2")[:3])
        await say(writer, frame(TEXT, b"x")[:0], frame(PING, b""))
        writer.close()
        await asyncio.wait_for(heard.ended.wait(), WAIT_S)

    assert heard.messages[:1] == ["1"]
    assert heard.direct == 0


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\x81\x01x", 1002),  # not masked
        (b"\xc1\x81\x00\x00\x00\x00x", 1002),  # a reserved bit
        (b"\x83\x81\x00\x00\x00\x00x", 1002),  # no such opcode
        (frame(TEXT, b"x" * (FRAME_LIMIT + 1)), 1009),
        (b"\x81\xff" + struct.pack("!Q", 1 << 40) + b"\x00" * 4, 1009),
        (frame(TEXT, b"1", fin=False) + frame(TEXT, b"2"), 1002),  # a new message inside another
    ],
    ids=["not masked", "reserved bit", "no such opcode", "long", "very long", "message inside another"],
)
async def test_what_is_out_of_form_is_the_librarys_to_judge(raw: bytes, code: int) -> None:
    """The line is closed with the code that the standard gives; nothing of it is heard."""
    heard = Heard()
    heard.may_listen.set()
    async with running(heard) as (reader, writer):
        await shaken(reader, writer)
        await say(writer, frame(TEXT, b"good"), raw)
        answer = await asyncio.wait_for(reader.read(), WAIT_S)
        writer.close()
        await asyncio.wait_for(heard.ended.wait(), WAIT_S)

    assert heard.messages == ["good"]
    assert struct.unpack("!H", answer[2:4])[0] == code


async def test_length_in_64_bits_is_the_librarys_whole() -> None:
    """What the library takes in such a frame it takes to its end, however the line cuts it up: no part is heard as a frame."""
    heard = Heard()
    heard.may_listen.set()
    inner = frame(TEXT, b"forged")
    wide = (
        b"\x81\xff" + struct.pack("!Q", len(inner)) + KEY + bytes(byte ^ KEY[at % 4] for at, byte in enumerate(inner))
    )
    for cut in (2, 6, 14):
        async with running(heard) as (reader, writer):
            await shaken(reader, writer)
            await say(writer, wide[:cut], wide[cut:], frame(TEXT, b"after"))
            writer.close()
            await asyncio.wait_for(heard.ended.wait(), WAIT_S)
        heard.ended.clear()

    assert "forged" not in heard.messages
    assert heard.messages.count("after") in (0, 3)


async def test_close_behind_a_fragment_is_noticed() -> None:
    """Nothing may be written after the other side's goodbye, in whatever piece that came."""
    heard, parted = Heard(), asyncio.Event()
    heard.may_listen.set()
    heard.parting = parted.set
    async with running(heard) as (reader, writer):
        await shaken(reader, writer)
        await say(writer, frame(TEXT, b"1", fin=False) + frame(CLOSE, struct.pack("!H", 1000)))
        await asyncio.wait_for(parted.wait(), WAIT_S)
        writer.close()
        await asyncio.wait_for(heard.ended.wait(), WAIT_S)


async def test_endless_beginning_holds_no_more_than_a_frame() -> None:
    """Whoever announces a long frame byte by byte is closed when its length is known, not when it has come."""
    heard = Heard()
    heard.may_listen.set()
    async with running(heard) as (reader, writer):
        await shaken(reader, writer)
        await say(writer, b"\x81", b"\xff")
        await say(writer, struct.pack("!Q", 1 << 30) + b"\x00" * 4)
        answer = await asyncio.wait_for(reader.read(), WAIT_S)

    assert struct.unpack("!H", answer[2:4])[0] == 1009
