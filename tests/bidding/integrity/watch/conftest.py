from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from auction.kernel.db import Database
from tests.bidding.journal.world import World


@pytest.fixture
async def world(database: Database, database_url: str, redis_url: str) -> AsyncIterator[World]:
    """A house without a running committer."""
    opened = World(database, database_url, redis_url)
    try:
        yield opened
    finally:
        await opened.close()
