"""Read what was recorded of whose persons the codes are, as the owner of a shard does (`bidding.rules.persons`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from auction.kernel.ids import SessionId
from bidding.rules.persons import Groups, joined


async def read_said_persons(
    door: asyncpg.Connection[Any], sessions: Sequence[SessionId]
) -> dict[SessionId, tuple[Groups, ...]]:
    """Give the words of these sessions in the order of their record; sessions of which nothing was said are left out.

    What stands is never taken out of the order again, so an event that a word justifies stays justified. None while a table is not there
    yet: an installation is migrated under open rooms (bid-core 20).
    """
    said: dict[SessionId, tuple[Groups, ...]] = {}
    for row in await _pairs(door, sessions):
        session_id = SessionId(row["session_id"])
        words = said.get(session_id, ())
        said[session_id] = (*words, joined(words[-1] if words else (), row["code"], row["same_as"]))
    return said


async def _pairs(door: asyncpg.Connection[Any], sessions: Sequence[SessionId]) -> Sequence[asyncpg.Record]:
    if await door.fetchval("SELECT to_regclass('bidding.same_person')") is None:
        return ()
    found: list[asyncpg.Record] = await door.fetch(
        "SELECT session_id, code, same_as FROM bidding.same_person WHERE session_id = ANY($1::uuid[]) "
        "ORDER BY recorded_at, code, same_as",
        list(sessions),
    )
    return found
