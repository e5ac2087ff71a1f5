"""Read what was recorded of whose persons the codes are (`bidding.rules.persons`), as the owner of a shard does and as the worker does.

Words are recorded whole. What an older version recorded are pairs, each of which joins two persons: a pair makes a word out of the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.ids import SessionId
from bidding.rules.persons import Groups, in_order, joined

_EXIST = "SELECT to_regclass('bidding.same_person') IS NOT NULL, to_regclass('bidding.said_persons') IS NOT NULL"
_PAIRS = (
    "SELECT session_id, recorded_at, 0 AS number, jsonb_build_array(code, same_as) AS said FROM bidding.same_person"
)
_WORDS = "SELECT session_id, recorded_at, number, persons AS said FROM bidding.said_persons"


async def read_said_persons(
    door: asyncpg.Connection[Any], sessions: Sequence[SessionId]
) -> dict[SessionId, tuple[Groups, ...]]:
    """Give the words of these sessions in the order of their record; sessions of which nothing was said are left out.

    What stands is never taken out of the order again, so an event that a word justifies stays justified. None while a table is not there
    yet: an installation is migrated under open rooms (bid-core 20).
    """
    exist = await door.fetchrow(_EXIST)
    assert exist is not None, "a question about two tables has one answer"
    parts = [part for part, there in zip((_PAIRS, _WORDS), exist, strict=True) if there]
    if not parts:
        return {}
    rows = await door.fetch(_query(parts, "session_id = ANY($1::uuid[])"), list(sessions))
    said: dict[SessionId, list[asyncpg.Record]] = {}
    for row in rows:
        said.setdefault(SessionId(row["session_id"]), []).append(row)
    return {session_id: words_of(ours) for session_id, ours in said.items()}


async def said_persons_of(tx: Transaction, session_id: SessionId) -> tuple[Groups, ...]:
    """Give the words of one session in the order of their record."""
    found = await tx.session.execute(text(_query((_PAIRS, _WORDS), "session_id = :of")), {"of": session_id})
    return words_of(dict(row) for row in found.mappings())


def words_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Groups, ...]:
    """Make words of what was recorded: a pair joins two codes, a word says all anew."""
    words: list[Groups] = []
    for row in rows:
        said = msgspec.json.decode(row["said"]) if isinstance(row["said"], str) else row["said"]
        words.append(joined(words[-1] if words else (), *said) if row["number"] == 0 else in_order(said))
    return tuple(words)


def _query(parts: Sequence[str], where: str) -> str:
    each = " UNION ALL ".join(f"{part} WHERE {where}" for part in parts)
    return f"{each} ORDER BY recorded_at, number, said"
