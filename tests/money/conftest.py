from __future__ import annotations

import pytest

from auction.kernel.db import Database
from tests.auction.fund.world import World


@pytest.fixture
async def world(database: Database) -> World:
    """A case with its fund, a card provider, a bank and a job runner."""
    return await World(database).open()
