from __future__ import annotations

import pytest

from auction.kernel.db import Database
from tests.auction.sale.world import World


@pytest.fixture
def world(database: Database, database_url: str) -> World:
    """A made-up court with one case."""
    return World(database, database_url)
