from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from bidding.journal.court_reports import ReportsOfRooms
from tests.auction.sale.world import ADVANCED
from tests.web.conftest import ClientMaker
from tests.web.pages.desks.court_world import CourtWorld
from web.api.queries_of_books import BOOKS_QUERIES
from web.api.queries_of_documents import DOCUMENT_QUERIES
from web.api.queries_of_papers import PAPER_QUERIES
from web.api.queries_of_statements import STATEMENT_QUERIES
from web.api.queries_of_trace import TRACE_QUERIES
from web.pages.administration.routes import ADMINISTRATION_PAGES
from web.pages.court.routes import COURT_PAGES
from web.pages.finance.routes import FINANCE_PAGES
from web.pages.public.verify_document_page import show_verify_document
from web.pages.steps.routes import STEP_PAGES
from web.pages.supervision.routes import SUPERVISION_PAGES
from web.parties_of_cases import PartiesOfCases
from web.wiring import Wiring


@pytest.fixture
def court(database: Database, database_url: str, people: dict[str, Actor]) -> CourtWorld:
    """The court of the sample accounts, with nothing on file yet."""
    return CourtWorld(database, database_url, people)


@pytest.fixture
def desks(wiring: Wiring, court: CourtWorld) -> Wiring:
    """The site with the pages of the court and of the finance desk."""
    return replace(
        wiring,
        routes=(
            *COURT_PAGES,
            *SUPERVISION_PAGES,
            *ADMINISTRATION_PAGES,
            *FINANCE_PAGES,
            *STEP_PAGES,
            *TRACE_QUERIES,
            *BOOKS_QUERIES,
            *STATEMENT_QUERIES,
            *DOCUMENT_QUERIES,
            *PAPER_QUERIES,
            show_verify_document,
        ),
        ports={
            "seal": court.seal,
            "seal_keys": court.seal.keys,
            "reports": ReportsOfRooms(),
            "lists": {},
            "companies": None,
            "policy": ADVANCED,
            "parties": PartiesOfCases(),
        },
    )


@pytest.fixture
async def desk(desks: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session, in front of the desks."""
    async with client_of(desks) as client:
        yield client
