"""Read which codes the court decided to be one person's, as the owner of a shard does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from auction.kernel.ids import SessionId


async def read_same_persons(door: asyncpg.Connection[Any], sessions: Sequence[SessionId]) -> Sequence[asyncpg.Record]:
    """Give the recorded pairs of these sessions, in the order of their record.

    None while the table is not there yet: an installation is migrated under open rooms (bid-core 20).
    """
    if await door.fetchval("SELECT to_regclass('bidding.same_person')") is None:
        return ()
    found: list[asyncpg.Record] = await door.fetch(
        "SELECT session_id, code, same_as FROM bidding.same_person WHERE session_id = ANY($1::uuid[]) ORDER BY recorded_at",
        list(sessions),
    )
    return found
