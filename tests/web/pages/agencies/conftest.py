"""The site with register and draws, in front of the court of the sample accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from bidding.journal.court_reports import ReportsOfRooms
from tests.web.conftest import ClientMaker
from tests.web.pages.agencies.draw_world import DrawWorld
from valuation.draw_v1.beacon import QUICKNET
from web.api.queries_of_draws import DRAW_QUERIES
from web.case_desk import CaseDesk
from web.pages.agencies.routes import DRAW_ENTRIES, DRAW_PAGES
from web.pages.court.routes import COURT_ENTRIES, COURT_PAGES
from web.pages.finance.routes import FINANCE_PAGES
from web.pages.party.routes import PARTY_ENTRIES, PARTY_PAGES
from web.pages.steps.routes import STEP_PAGES
from web.wiring import Wiring


@pytest.fixture
def court(database: Database, database_url: str, people: dict[str, Actor]) -> DrawWorld:
    """The court of the sample accounts, with nothing on file yet."""
    return DrawWorld(database, database_url, people)


@pytest.fixture
def desks(wiring: Wiring, court: DrawWorld) -> Wiring:
    """The site with everything that a draw needs."""
    return replace(
        wiring,
        routes=(*COURT_PAGES, *FINANCE_PAGES, *STEP_PAGES, *DRAW_PAGES, *DRAW_QUERIES, *PARTY_PAGES),
        entries=(*DRAW_ENTRIES, *PARTY_ENTRIES, *COURT_ENTRIES),
        ports={
            "seal": court.seal,
            "seal_keys": court.seal.keys,
            "reports": ReportsOfRooms(),
            "case_desk": CaseDesk(),
            "draw_key": wiring.keys.draws,
            "beacon_chain": QUICKNET,
        },
    )


@pytest.fixture
async def desk(desks: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session."""
    async with client_of(desks) as client:
        yield client
