"""The fixtures keep what they promise."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import redis.asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from auction.kernel.db import Database
from tests import servers
from web.running.embedded_postgres import EmbeddedPostgres
from web.running.embedded_valkey import EmbeddedValkey


async def _count_tables_and_leave_one(url: str) -> int:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        found = await connection.scalar(text("SELECT count(*) FROM pg_class WHERE relname = 'left_behind'"))
        await connection.execute(text("CREATE TABLE left_behind (x int)"))
    await engine.dispose()
    assert found is not None
    return int(found)


async def test_first_test_finds_a_fresh_database(database_url: str) -> None:
    """A test gets a database in which no other test has been (first of two)."""
    assert await _count_tables_and_leave_one(database_url) == 0


async def test_second_test_finds_a_fresh_database(database_url: str) -> None:
    """A test gets a database in which no other test has been (second of two)."""
    assert await _count_tables_and_leave_one(database_url) == 0


async def test_first_test_finds_an_empty_valkey(valkey: redis.asyncio.Redis) -> None:
    """A test gets a Valkey without keys (first of two)."""
    assert await valkey.dbsize() == 0
    await valkey.set("left", b"behind")


async def test_second_test_finds_an_empty_valkey(valkey: redis.asyncio.Redis) -> None:
    """A test gets a Valkey without keys (second of two)."""
    assert await valkey.dbsize() == 0
    await valkey.set("left", b"behind")


async def test_private_servers_answer(private_postgres: EmbeddedPostgres, private_valkey: EmbeddedValkey) -> None:
    """The servers of a test's own answer at their addresses."""
    connection = await asyncpg.connect(host=str(private_postgres.socket_dir), user="fapai", database="fapai")
    client = redis.asyncio.Redis.from_url(private_valkey.url)

    assert await connection.fetchval("SHOW fsync") == "on"
    assert await client.ping()
    await connection.close()
    await client.aclose()


async def test_migrated_database_tells_its_time(database: Database) -> None:
    """The database fixture is migrated: it has business time."""
    async with database.transaction() as transaction:
        assert transaction.now.tzinfo is not None


def test_cache_of_files_counts_as_room_in_memory(tmp_path: Path) -> None:
    """The run's servers are in memory if programs could have enough of it, however little lies free beside the cache of files."""
    memory = tmp_path / "meminfo"
    memory.write_text("MemTotal: 16000000 kB\nMemFree: 1000 kB\nMemAvailable: 8000000 kB\nCached: 7500000 kB\n")

    assert servers.available_bytes(memory) == 8_000_000 * 1024
