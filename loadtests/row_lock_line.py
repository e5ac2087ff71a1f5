"""One connection of the row-lock baseline, as thin as pgbench's: the same five round trips a bid, prepared statements, nothing in between.

A driver that takes its time between two answers holds the lot's lock meanwhile, and its slowness would flatter the house. So asyncpg
opens and authenticates the connection and prepares the statements; then its transport is taken over, and each answer is followed by the
next message within the same call of the event loop. No message is sent before the answer to the last one (as pgbench without its
pipeline, and as every ordinary application).
"""

from __future__ import annotations

import asyncio
import struct
import time
from typing import Any, Final

import asyncpg

LOCK: Final = "SELECT price_fen, bids FROM loadtest.lot WHERE id = $1 AND end_at > clock_timestamp() FOR UPDATE"
INSERT: Final = "INSERT INTO loadtest.bid VALUES ($1, $2, $3, $4, clock_timestamp())"
UPDATE: Final = "UPDATE loadtest.lot SET price_fen = $2, leader = $3, bids = $4 WHERE id = $1"
PREPARED: Final = (
    f"PREPARE load_lock (bigint) AS {LOCK}",
    f"PREPARE load_insert (bigint, bigint, text, bigint) AS {INSERT}",
    f"PREPARE load_update (bigint, bigint, text, bigint) AS {UPDATE}",
)
EXECUTE_AND_SYNC: Final = b"E\x00\x00\x00\x09\x00\x00\x00\x00\x00S\x00\x00\x00\x04"
_HEAD: Final = struct.Struct("!ci")
_ROW: Final = struct.Struct("!hiqiq")


class RowLockFailed(Exception):
    """PostgreSQL refused a statement of the baseline; the text is its answer."""


class RowLockLine(asyncio.Protocol):
    """Bids one after the other until its time is up."""

    def __init__(self, lot: int, code: str, step_fen: int) -> None:
        """Bind; `open_line` connects."""
        self._lot, self._code, self._step_fen = _int8(lot), _text(code), step_fen
        self._begin, self._commit = _query("BEGIN"), _query("COMMIT")
        self._lock = _bind("load_lock", self._lot)
        self._buffer = b""
        self._turn = 0
        self._price = self._bids = 0
        self._until = 0.0
        self._transport: Any = None
        self.done = 0
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def take_over(self, connection: asyncpg.Connection[Any]) -> None:
        """Take a connection's transport over from asyncpg; nothing may be under way on it."""
        self._transport = connection._transport
        self._transport.set_protocol(self)

    def bid_until(self, until: float) -> asyncio.Future[int]:
        """Begin to bid; the future gives the bids that were committed until that instant of the monotonic clock."""
        self._until = until
        self._transport.write(self._begin)
        return self._ended

    def data_received(self, data: bytes) -> None:
        """Read whole messages; what follows an answer is sent at once."""
        buffer = self._buffer + data if self._buffer else data
        at = 0
        while len(buffer) - at >= _HEAD.size:
            kind, size = _HEAD.unpack_from(buffer, at)
            end = at + 1 + size
            if len(buffer) < end:
                break
            if kind == b"D":
                _, _, self._price, _, self._bids = _ROW.unpack_from(buffer, at + 5)
            elif kind == b"Z":
                self._go_on()
            elif kind == b"E":
                self._fail(RowLockFailed(buffer[at + 5 : end].replace(b"\x00", b" ").decode("utf-8", "replace")))
            at = end
        self._buffer = buffer[at:]

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what was under way."""
        self._fail(RowLockFailed(f"the connection was lost: {exc!r}"))

    def _go_on(self) -> None:
        """Send the next statement of the bid, or begin the next bid."""
        self._turn += 1
        if self._turn == 1:
            self._transport.write(self._lock)
        elif self._turn == 2:
            number, amount = _int8(self._bids + 1), _int8(self._price + self._step_fen)
            self._update = _bind("load_update", self._lot, amount, self._code, number)
            self._transport.write(_bind("load_insert", self._lot, number, self._code, amount))
        elif self._turn == 3:
            self._transport.write(self._update)
        elif self._turn == 4:
            self._transport.write(self._commit)
        else:
            self._turn, self.done = 0, self.done + 1
            if time.monotonic() < self._until:
                self._transport.write(self._begin)
            elif not self._ended.done():
                self._ended.set_result(self.done)

    def _fail(self, fault: Exception) -> None:
        if not self._ended.done():
            self._ended.set_exception(fault)


async def open_line(connection: asyncpg.Connection[Any], lot: int, code: str, step_fen: int) -> RowLockLine:
    """Prepare the statements on a fresh connection and take it over; it is ended with ``connection.terminate()``."""
    for statement in PREPARED:
        await connection.execute(statement)
    line = RowLockLine(lot, code, step_fen)
    line.take_over(connection)
    return line


def _query(text: str) -> bytes:
    body = text.encode() + b"\x00"
    return b"Q" + struct.pack("!i", len(body) + 4) + body


def _bind(statement: str, *values: bytes) -> bytes:
    """Bind binary values to a prepared statement, ask for a binary answer, execute, sync: one message train, one round trip."""
    body = b"\x00" + statement.encode() + b"\x00\x00\x01\x00\x01" + struct.pack("!h", len(values))
    body += b"".join(values) + b"\x00\x01\x00\x01"
    return b"B" + struct.pack("!i", len(body) + 4) + body + EXECUTE_AND_SYNC


def _int8(value: int) -> bytes:
    return struct.pack("!iq", 8, value)


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("!i", len(raw)) + raw
