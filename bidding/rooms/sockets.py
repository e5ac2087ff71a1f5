"""One WebSocket as rooms use it: whole frames out without waiting, and a close that says how to come back.

1. A frame is written straight to the system, as long as nothing waits in the transport's buffer; it was encoded once for
   the whole room (D5). What the system does not take at once waits there. A closing transport is never written past: its
   number may be another client's by then.
2. A reader who leaves more than `SLOW_BYTES` unread is cut off with a code, never skipped in silence.
3. Nothing here raises because a client went away: one leaver never ends a tick (traps of bid-core).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode

from bidding.rooms.connection import RoomConnection
from bidding.rooms.counters import Counters
from bidding.rooms.wire import Close, ServerMessage, bye, encode

SLOW_BYTES: Final = 256 * 1024
CLOSE_S: Final = 5.0
"""Longest wait for a client's part of the closing handshake."""
PING: Final = Frame(Opcode.PING, b"").serialize(mask=False)


def frame_of(message: ServerMessage) -> bytes:
    """Write a message as one frame, ready for any number of sockets."""
    return Frame(Opcode.TEXT, encode(message)).serialize(mask=False)


class Socket:
    """One client's socket."""

    __slots__ = (
        "_closing",
        "_counters",
        "_is_asked",
        "_is_over",
        "_line",
        "_transport",
        "connection",
        "on_cut",
        "origin",
    )

    def __init__(self, connection: RoomConnection, counters: Counters, *, origin: str) -> None:
        """Bind to an open connection."""
        self.connection = connection
        self.origin = origin
        self.on_cut: Callable[[], None] | None = None
        """Called once when we cut it off, before it is closed."""
        self._counters = counters
        self._transport = connection.transport
        self._line = _plain_line(connection.transport)
        self._closing: asyncio.Task[None] | None = None
        self._is_over = False
        """Whether this side or the other has said that it goes."""
        self._is_asked = False
        connection.on_parting = self._part

    @property
    def is_open(self) -> bool:
        """Whether frames can still be written."""
        return not self._is_over and not self._transport.is_closing()

    def write(self, frame: bytes) -> None:
        """Write one frame, or cut off a client who does not read."""
        transport = self._transport
        if self._is_over or not frame or transport.is_closing():
            return
        waiting = transport.get_write_buffer_size()
        if waiting > SLOW_BYTES:
            self.cut(Close.SLOW_READER)
            return
        self._counters.written += 1
        try:
            sent = os.write(self._line, frame) if self._line >= 0 and not waiting else 0
        except BlockingIOError:
            sent = 0
        except OSError:  # Mostly the other side has gone; whatever it is, a frame that is lost ends the line.
            transport.abort()
            return
        if sent < len(frame):
            with suppress(OSError, RuntimeError):
                transport.write(frame[sent:])

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
        self._is_over = True
        self._counters.closed.labels(close.name.lower()).inc()
        self._closing = asyncio.create_task(self._close(close))
        if self.on_cut is not None:
            self.on_cut()

    def keep_alive(self) -> None:
        """Ask whether the other side is there; whoever said nothing since he was asked last is cut off without a word."""
        if self._is_asked and not self.connection.was_heard:
            self._counters.closed.labels("silent").inc()
            self._transport.abort()
            return
        self.connection.was_heard = False
        self._is_asked = True
        self.write(PING)

    def _part(self) -> None:
        self._is_over = True

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


def _plain_line(transport: asyncio.Transport) -> int:
    """Give the number under which the system knows a connection; below zero: it may not be written past its transport."""
    raw = transport.get_extra_info("socket")
    if raw is None or transport.get_extra_info("sslcontext") is not None:
        return -1
    return int(raw.fileno())
