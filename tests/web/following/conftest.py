from __future__ import annotations

import pytest

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from tests.auction.sale.world import World as Sale
from tests.web.following.world import Following
from tests.web.partners.conftest import Street, street

__all__ = ["street"]


@pytest.fixture
def following(database: Database, database_url: str, street: Street, people: dict[str, Actor]) -> Following:
    """A sample bidder, a made-up court, and the carrier of messages."""
    return Following(Sale(database, database_url), street, people["bidder1"])
