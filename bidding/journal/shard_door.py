"""The owner's one door to PostgreSQL: a session of its own that dies with its owner (bid-core 4).

1. One connection per shard: never a pool, never a transaction pooler, never reconnected. When it is lost the tenure
   is over; a new one begins with a new connection, the lock, and a raised epoch.
2. PostgreSQL itself ends the session when its owner is silent for `SILENCE_MS`, so a stopped or cut-off owner
   loses the lock in time for take-over; the owner beats well within it.
3. ``synchronous_commit`` is on in this session whatever the server's default; the rest of durability is asserted.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec
from redis.asyncio import Redis

from auction.kernel.db import APPLICATION_ROLE
from auction.kernel.errors import SettingInvalid
from bidding.journal.batches import Position
from bidding.live.keys import EntryId, Shard

SILENCE_MS: Final = 1_500
STATEMENT_MS: Final = 3_500
LOCK_MS: Final = 1_000
CALL_S: Final = 4.0
"""A line on which nothing comes back for so long is lost: bids must be acknowledged again within ten seconds (bid-core 26)."""
LOCK_CLASS: Final = 7_206_005
"""First half of the advisory lock's key; the second is the shard."""


class NotOwner(Exception):
    """Somebody else owns the shard now; nothing was committed."""


class Ownership(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of a shard knows of its tenure, and where the shard was committed when it began."""

    shard: Shard
    epoch: int
    token: str
    position: Position
    batches: int


class OwnerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A shard as PostgreSQL has it; epoch zero: never owned."""

    epoch: int = 0
    position: Position = Position(EntryId(0, 0), "0" * 40)
    batches: int = 0
    rebuild_asked: bool = False


async def open_door(dsn: str, shard: Shard) -> asyncpg.Connection[Any]:
    """Open the owner's session; ``dsn`` is a plain PostgreSQL address."""
    settings = {
        "application_name": f"fapai committer {shard}",
        "role": APPLICATION_ROLE,
        "idle_session_timeout": str(SILENCE_MS),
        "idle_in_transaction_session_timeout": str(SILENCE_MS),
        "statement_timeout": str(STATEMENT_MS),
        "lock_timeout": str(LOCK_MS),
        "synchronous_commit": "on",
        "jit": "off",
    }
    return await asyncpg.connect(dsn, timeout=CALL_S, command_timeout=CALL_S, server_settings=settings)


async def try_lock(door: asyncpg.Connection[Any], shard: Shard) -> bool:
    """Take the shard's lock for the life of this session; false: another session holds it."""
    return bool(await door.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCK_CLASS, shard))


async def read_owner(door: asyncpg.Connection[Any], shard: Shard) -> OwnerRow:
    """Read the shard's row."""
    row = await door.fetchrow(
        "SELECT epoch, committed_epoch, committed_seq, committed_digest, batches, rebuild_asked "
        "FROM bidding.shard_owner WHERE shard = $1",
        shard,
    )
    if row is None:
        return OwnerRow()
    position = Position(EntryId(row["committed_epoch"], row["committed_seq"]), row["committed_digest"])
    return OwnerRow(epoch=row["epoch"], position=position, batches=row["batches"], rebuild_asked=row["rebuild_asked"])


async def raise_epoch(door: asyncpg.Connection[Any], shard: Shard, *, known: OwnerRow, fresh: int) -> Ownership:
    """Begin a tenure: raise the epoch from what is known to ``fresh`` with a token of our own.

    Raises:
        NotOwner: somebody else was faster.
    """
    token = secrets.token_hex(16)
    if not await door.fetchval("SELECT bidding.take_shard($1, $2, $3, $4)", shard, known.epoch, fresh, token):
        raise NotOwner(f"shard {shard} was taken from epoch {known.epoch} by somebody else")
    return Ownership(shard=shard, epoch=fresh, token=token, position=known.position, batches=known.batches)


async def ask_for_rebuild(door: asyncpg.Connection[Any], own: Ownership) -> None:
    """Note that rooms are about to be dropped: whoever owns the shard next rebuilds them, should we die in between."""
    await door.execute(
        "UPDATE bidding.shard_owner SET rebuild_asked = true WHERE shard = $1 AND epoch = $2 AND token = $3",
        own.shard,
        own.epoch,
        own.token,
    )


async def note_rebuilt(door: asyncpg.Connection[Any], own: Ownership) -> None:
    """Note that the rooms are rebuilt, so that the next take-over need not do it again."""
    await door.execute(
        "UPDATE bidding.shard_owner SET rebuild_asked = false WHERE shard = $1 AND epoch = $2 AND token = $3",
        own.shard,
        own.epoch,
        own.token,
    )


async def beat(door: asyncpg.Connection[Any], own: Ownership) -> None:
    """Keep the session alive, and make sure that the shard is still ours.

    Raises:
        NotOwner: it is not.
    """
    ours = await door.fetchval(
        "SELECT true FROM bidding.shard_owner WHERE shard = $1 AND epoch = $2 AND token = $3",
        own.shard,
        own.epoch,
        own.token,
    )
    if not ours:
        raise NotOwner(f"shard {own.shard} is no longer ours in epoch {own.epoch}")


async def require_durable(door: asyncpg.Connection[Any], clients: Sequence[Redis]) -> None:
    """Refuse to run where a committed bid could be lost, or Redis could drop keys (bid-core 1).

    Raises:
        SettingInvalid: names the first setting that is wrong.
    """
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if await door.fetchval("SELECT current_setting($1)", name) not in ("on", "remote_apply"):
            raise SettingInvalid(name=name, reason="must be on / 必须开启")
    unlogged = await door.fetchval(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'bidding'::regnamespace "
        "AND relkind = 'r' AND relpersistence <> 'p'"
    )
    if unlogged:
        raise SettingInvalid(name="bidding.*", reason="unlogged tables / 存在不写日志的表")
    for client in clients:
        memory = await client.info("memory")
        if memory.get("maxmemory_policy") != "noeviction":
            raise SettingInvalid(name="maxmemory-policy", reason="must be noeviction / 必须为 noeviction")
