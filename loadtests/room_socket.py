"""One client socket, as thin as it can be: a load driver shares the machine with what it measures.

1. RFC 6455, text frames only, no extension; a server's ping is answered; frames are masked with a key of zeros, which is
   a legal key and costs nothing (the key protects proxies from browsers; here is neither).
2. Each whole text frame goes to ``take``; the end of the connection, once, to ``closed`` with its close code (0: none).
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import ssl
import struct
from collections.abc import Callable
from typing import Final, cast

TEXT: Final = 0x1
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA
FRAME_LIMIT: Final = 4_000_000
OPEN_S: Final = 15.0
SHORT: Final = 126
NO_KEY: Final = b"\x00\x00\x00\x00"


class SocketRefused(Exception):
    """The handshake was answered with something else than 101."""


class RoomSocket(asyncio.Protocol):
    """A WebSocket client; see the rules of the module."""

    def __init__(self, take: Callable[[bytes], None], closed: Callable[[int], None]) -> None:
        """Bind; `open_socket` connects."""
        self._take = take
        self._closed = closed
        self._buffer = bytearray()
        self._is_open = False
        self._code = 0
        self._transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.frames = 0
        self.bytes = 0

    def ask(self, *, host: str, path: str, origin: str) -> None:
        """Send the handshake."""
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Origin: {origin}",
        ]
        self._write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def send(self, payload: bytes) -> None:
        """Send one text frame; nothing happens on a closed socket."""
        self._write(_frame(TEXT, payload))

    def cut(self) -> None:
        """Drop the connection without a closing handshake, as a lost line does."""
        if self._transport is not None:
            self._transport.abort()

    def leave(self) -> None:
        """Close in good order."""
        self._write(_frame(CLOSE, struct.pack("!H", 1000)))

    def pause(self) -> None:
        """Stop reading: a slow reader."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    # asyncio.Protocol.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what came: first the answer to the handshake, then frames."""
        if not self._buffer and self._is_open and _is_one_frame(data):
            self._hear(data[0] & 0x0F, data[2:] if data[1] < SHORT else data[4:])
            return
        self._buffer += data
        if not self._is_open and not self._hear_handshake():
            return
        while (taken := _split(self._buffer)) is not None:
            self._hear(*taken)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that it is over."""
        if not self.opened.done():
            self.opened.set_exception(SocketRefused(f"the connection was lost: {exc!r}"))
        self._closed(self._code)

    def _hear_handshake(self) -> bool:
        head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not found:
            return False
        self._buffer = bytearray(rest)
        status = head.split(b"\r\n", 1)[0].decode("ascii", "replace")
        if " 101" not in status:
            self.opened.set_exception(SocketRefused(status))
            self.cut()
            return False
        self._is_open = True
        self.opened.set_result(None)
        return True

    def _hear(self, opcode: int, payload: bytes) -> None:
        self.frames += 1
        self.bytes += len(payload)
        if opcode == TEXT:
            self._take(payload)
        elif opcode == PING:
            self._write(_frame(PONG, payload))
        elif opcode == CLOSE:
            self._code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
            self._write(_frame(CLOSE, payload[:2]))
            if self._transport is not None:
                self._transport.close()

    def _write(self, raw: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(raw)


async def open_socket(
    *,
    host: str,
    port: int,
    path: str,
    origin: str,
    source: str,
    take: Callable[[bytes], None],
    closed: Callable[[int], None],
    is_tls: bool = False,
) -> RoomSocket:
    """Connect from ``source`` (an address of this machine) and shake hands.

    Raises:
        SocketRefused: the answer was not 101.
        OSError, TimeoutError: no connection, or no answer in time.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(OPEN_S):
        _, made = await loop.create_connection(
            lambda: RoomSocket(take, closed),
            host,
            port,
            local_addr=(source, 0) if source else None,
            ssl=ssl.create_default_context() if is_tls else None,
        )
        made.ask(host=f"{host}:{port}", path=path, origin=origin)
        try:
            await made.opened
        except BaseException:
            made.cut()
            raise
    return made


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, 0x80 | size)) + NO_KEY + payload
    return struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size) + NO_KEY + payload


def _is_one_frame(data: bytes) -> bool:
    """Whether these bytes are exactly one frame of less than 64 KiB: what mostly comes."""
    if len(data) < 4:
        return False
    size = data[1]
    if size < SHORT:
        return len(data) == 2 + size
    return size == SHORT and len(data) == 4 + (data[2] << 8 | data[3])


def _split(buffer: bytearray) -> tuple[int, bytes] | None:
    """Take the first whole frame off the buffer; ``None``: there is none yet."""
    if len(buffer) < 2:
        return None
    size, start = buffer[1] & 0x7F, 2
    if size == 126:
        start = 4
    elif size == 127:
        start = 10
    if len(buffer) < start:
        return None
    if start > 2:
        size = int.from_bytes(buffer[2:start], "big")
    assert size <= FRAME_LIMIT, "a frame of the house is bounded"
    if len(buffer) < start + size:
        return None
    opcode, payload = buffer[0] & 0x0F, bytes(buffer[start : start + size])
    del buffer[: start + size]
    return opcode, payload
