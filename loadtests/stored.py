"""What PostgreSQL holds, read by the checker's own SQL: the other half of what it compares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the journal."""

    session_id: UUID
    sequence: int
    shard: int
    epoch: int
    shard_seq: int
    batch: int
    at_us: int
    kind: str
    code: str | None
    bid_id: str | None
    body: str
    digest: bytes


class StoredRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the refusals."""

    session_id: UUID
    shard: int
    epoch: int
    shard_seq: int
    batch: int
    bid_id: str
    code: str
    amount_fen: int
    kind: str
    reason: str
    depends_on: int
    at_us: int
    received_us: int
    suppressed: int


class StoredBatch(msgspec.Struct, frozen=True, kw_only=True):
    """One signed batch."""

    shard: int
    number: int
    owner_epoch: int
    through: str
    leaves: int
    root: bytes
    key_id: str
    signature: bytes


class StoredSession(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session's row says that it stands."""

    session_id: UUID
    sequence: int
    digest: bytes
    price_fen: int
    leader: str
    bid_count: int
    end_us: int
    halted: bool


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about some sessions; batches whole, with entries of other sessions in them."""

    sessions: tuple[StoredSession, ...]
    events: tuple[StoredEvent, ...]
    refusals: tuple[StoredRefusal, ...]
    batches: tuple[StoredBatch, ...]


_CONCERNED = """
WITH concerned AS (
SELECT DISTINCT shard, batch FROM bidding.journal_event WHERE session_id = ANY($1)
UNION SELECT shard, batch FROM bidding.refusal WHERE session_id = ANY($1))
"""
_SESSIONS = """
SELECT session_id, sequence, digest, price_fen, leader, bid_count, end_us, halted
FROM bidding.session WHERE session_id = ANY($1)
"""
_EVENTS = """
SELECT e.session_id, e.sequence, e.shard, e.epoch, e.shard_seq, e.batch, e.at_us, e.kind, e.code, e.bid_id, e.body, e.digest
FROM bidding.journal_event e JOIN concerned c USING (shard, batch)
"""
_REFUSALS = """
SELECT r.session_id, r.shard, r.epoch, r.shard_seq, r.batch, r.bid_id, r.code, r.amount_fen, r.kind, r.reason,
       r.depends_on, r.at_us, r.received_us, r.suppressed
FROM bidding.refusal r JOIN concerned c USING (shard, batch)
"""
_SIGNED = """
SELECT b.shard, b.number, b.owner_epoch, b.through, b.leaves, b.root, b.key_id, b.signature
FROM bidding.batch b JOIN concerned c ON c.shard = b.shard AND c.batch = b.number
"""
_Row = TypeVar("_Row")


async def read_stored(dsn: str, sessions: Sequence[UUID]) -> Stored:
    """Read all that is stored of these sessions, as one state of the database has it."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return Stored(
                sessions=await _rows(connection, StoredSession, _SESSIONS, sessions),
                events=await _rows(connection, StoredEvent, _CONCERNED + _EVENTS, sessions),
                refusals=await _rows(connection, StoredRefusal, _CONCERNED + _REFUSALS, sessions),
                batches=await _rows(connection, StoredBatch, _CONCERNED + _SIGNED, sessions),
            )
    finally:
        await connection.close()


async def _rows(
    connection: asyncpg.Connection[Any], kind: type[_Row], query: str, sessions: Sequence[UUID]
) -> tuple[_Row, ...]:
    found = await connection.fetch(query, [UUID(str(one)) for one in sessions])
    return tuple(kind(**dict(row)) for row in found)
