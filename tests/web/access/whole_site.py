"""The whole site as an installation builds it, on a test's servers, before partners that do not exist."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from litestar import Litestar

from tests.auction.sale.world import ADVANCED
from tests.web.conftest import SITE
from tests.web.test_ports import demo, partners_file
from web.app import create_app
from web.build_site import build_site
from web.ports import NEEDED
from web.wiring import Wiring


@asynccontextmanager
async def whole_site(wiring: Wiring, folder: Path) -> AsyncIterator[tuple[Wiring, Litestar]]:
    """Build the site with every page, query and command, and close what it opened; its partners' file is written into ``folder``."""
    settings = replace(
        demo(partners_file(folder, *NEEDED)),
        database_url=wiring.settings.database_url,
        redis_url=wiring.settings.redis_url,
        ticket_key="7b" * 32,
        stamp="test",
        secret=wiring.settings.secret,
    )
    built = build_site(settings)
    whole = replace(
        built,
        db=wiring.db,
        nodes=wiring.nodes,
        passwords=wiring.passwords,
        real_now=wiring.real_now,
        ports={**built.ports, "policy": ADVANCED},
    )
    try:
        yield whole, create_app(whole)
    finally:
        await built.close()


def client_of(app: Litestar) -> httpx.AsyncClient:
    """Stand as a program in front of the site."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE)  # type: ignore[arg-type] # Litestar's own ASGI types
