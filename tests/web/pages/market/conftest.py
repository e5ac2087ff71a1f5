from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from tests.auction.sale.world import World as Sale
from tests.bidding.journal.world import World as Rooms
from tests.web.conftest import ClientMaker
from tests.web.pages.market.market import ADVANCED, Market
from web.api.queries_of_papers import PAPER_QUERIES
from web.pages.bidder.routes import BIDDER_PAGES
from web.pages.public.routes import PUBLIC_PAGES
from web.wiring import Wiring


@pytest.fixture
async def market(
    database: Database, database_url: str, redis_url: str, people: dict[str, Actor]
) -> AsyncIterator[Market]:
    """A court, rooms whose committer runs from the announcement on, and the sample bidders."""
    rooms = Rooms(database, database_url, redis_url)
    async with Market(Sale(database, database_url), rooms, people) as opened:
        yield opened
    await rooms.close()


@pytest.fixture
def market_wiring(wiring: Wiring, market: Market) -> Wiring:
    """The site with the public and the bidders' pages, the rooms, and the sandbox's payers."""
    ports = {
        "live": market.rooms.live,
        "lists": {},
        "companies": None,
        "policy": ADVANCED,
        "bank_account_name": "北京市示例区人民法院",
        "bank_transfer_page": "http://127.0.0.1:8402/sandbox/transfer",
    }
    return replace(wiring, routes=(*PUBLIC_PAGES, *BIDDER_PAGES, *PAPER_QUERIES), ports=ports)


@pytest.fixture
async def visitor(market_wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session."""
    async with client_of(market_wiring) as client:
        yield client


@pytest.fixture
async def bidder(market_wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A second browser, for a bidder to sign in."""
    async with client_of(market_wiring) as client:
        yield client
