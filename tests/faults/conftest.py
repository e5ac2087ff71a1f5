from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from migrations.run import migrate
from tests.bidding.journal.world import World
from web.running.embedded_postgres import EmbeddedPostgres
from web.running.embedded_valkey import EmbeddedValkey


@pytest.fixture
async def world(database: Database, database_url: str, redis_url: str) -> AsyncIterator[World]:
    """A house without a running committer."""
    opened = World(database, database_url, redis_url)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def own_world(
    private_postgres: EmbeddedPostgres, private_valkey: EmbeddedValkey, sealer: Sealer
) -> AsyncIterator[World]:
    """A house on durable servers of its own, which may be killed."""
    await migrate(private_postgres.url, stamp="test")
    database = Database(private_postgres.url, sealer)
    opened = World(database, private_postgres.url, private_valkey.url)
    try:
        yield opened
    finally:
        await opened.close()
        await database.close()
