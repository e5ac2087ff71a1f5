"""One WebSocket as rooms use it: whole frames out without waiting, and a close that says how to come back.

1. A frame is written straight to the transport; it was encoded once for the whole room (D5).
2. A reader who leaves more than `SLOW_BYTES` unread is cut off with a code, never skipped in silence.
3. Nothing here raises because a client went away: one leaver never ends a tick (traps of bid-core).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from bidding.rooms.connection import RoomConnection
from bidding.rooms.counters import Counters
from bidding.rooms.wire import Close, ServerMessage, bye, encode

SLOW_BYTES: Final = 256 * 1024
CLOSE_S: Final = 5.0
"""Longest wait for a client's part of the closing handshake."""


def frame_of(message: ServerMessage) -> bytes:
    """Write a message as one frame, ready for any number of sockets."""
    return Frame(Opcode.TEXT, encode(message)).serialize(mask=False)


class Socket:
    """One client's socket."""

    def __init__(self, connection: RoomConnection, counters: Counters, *, origin: str) -> None:
        """Bind to an open connection."""
        self.connection = connection
        self.origin = origin
        self.on_cut: Callable[[], None] | None = None
        """Called once when we cut it off, before it is closed."""
        self._counters = counters
        self._transport = connection.transport
        self._closing: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether frames can still be written."""
        return (
            self._closing is None and self.connection.protocol.state is State.OPEN and not self._transport.is_closing()
        )

    def write(self, frame: bytes) -> None:
        """Write one frame, or cut off a client who does not read."""
        if not self.is_open:
            return
        transport = self._transport
        if transport.get_write_buffer_size() > SLOW_BYTES:
            self.cut(Close.SLOW_READER)
            return
        with suppress(OSError, RuntimeError):  # The other side has gone; its handler ends by itself.
            transport.write(frame)
            self._counters.written += 1

    def send(self, message: ServerMessage) -> None:
        """Write one message to this socket only."""
        self.write(frame_of(message))

    def cut(self, close: Close) -> None:
        """Say why and close; returns at once, at most `CLOSE_S` later the connection is gone."""
        if self._closing is not None:
            return
        if self.is_open:
            with suppress(OSError, RuntimeError):
                self.connection.transport.write(frame_of(bye(close)))
        self._counters.closed.labels(close.name.lower()).inc()
        self._closing = asyncio.create_task(self._close(close))
        if self.on_cut is not None:
            self.on_cut()

    async def closed(self) -> None:
        """Wait until a cut socket is gone."""
        if self._closing is not None:
            await self._closing

    async def _close(self, close: Close) -> None:
        try:
            async with asyncio.timeout(CLOSE_S):
                await self.connection.close(int(close), close.name.lower())
        except (TimeoutError, OSError, WebSocketException):
            pass
        finally:
            self.connection.transport.abort()
