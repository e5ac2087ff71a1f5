"""Publish the heads of all chains, hourly, as one signed root (bid-core 16): done by one shard's owner."""

from __future__ import annotations

from typing import Any, Final

import asyncpg
import msgspec

from auction.kernel.clock import from_us
from auction.kernel.log import get_log
from bidding.journal.heads import Head, sign_heads
from bidding.journal.receipts import ReceiptKey

PERIOD_US: Final = 3_600_000_000
KEPT_US: Final = 25 * 3_600_000_000
"""A chain stays among the published heads for this long after its last event."""

log = get_log("bidding.journal")


async def publish_heads_if_due(door: asyncpg.Connection[Any], key: ReceiptKey) -> int | None:
    """Publish if an hour has passed since the last time; gives the number of the publication, or ``None``."""
    now_us = await door.fetchval("SELECT (extract(epoch FROM kernel.now_at()) * 1000000)::bigint")
    last = await door.fetchrow("SELECT number, at FROM bidding.published_root ORDER BY number DESC LIMIT 1")
    if last is not None and from_us(now_us - PERIOD_US) < last["at"]:
        return None
    heads = await _heads(door, now_us)
    if not heads:
        return None
    number = (last["number"] if last else 0) + 1
    published = sign_heads(key, heads, number=number, at_us=now_us)
    await door.execute(
        "INSERT INTO bidding.published_root (number, at, heads, root, key_id, signature) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        number,
        from_us(now_us),
        msgspec.json.encode(heads).decode(),
        bytes.fromhex(published.root),
        published.key_id,
        bytes.fromhex(published.signature),
    )
    log.info("heads_published", number=number, chains=len(heads))
    return number


async def _heads(door: asyncpg.Connection[Any], now_us: int) -> list[Head]:
    rows = await door.fetch(
        "SELECT session_id, sequence, digest FROM bidding.session WHERE sequence > 0 "
        "AND (phase NOT IN ('closed', 'withdrawn') OR last_us > $1) ORDER BY session_id",
        now_us - KEPT_US,
    )
    return [Head(session_id=row["session_id"], sequence=row["sequence"], digest=row["digest"].hex()) for row in rows]
