"""Fixtures for tests of the site: a wiring on fresh servers, a client without a socket, and the clock of sign-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest
from argon2 import PasswordHasher

from auction.kernel.actors import Actor
from auction.kernel.clock import real_now
from auction.kernel.config import Settings, read_settings
from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from bidding.live.nodes import Nodes
from tests import servers
from web.app import create_app
from web.auth.passwords import Passwords
from web.auth.sample_accounts import SAMPLE_PASSWORD, make_sample_accounts
from web.keys import SiteKeys
from web.wiring import Wiring

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
SITE = "http://127.0.0.1:8000"


@dataclass
class RealClock:
    """Real time that the test moves."""

    now: datetime

    def __call__(self) -> datetime:
        """Give the time."""
        return self.now

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@pytest.fixture
def real_clock() -> RealClock:
    """The clock of sessions and of the throttle."""
    return RealClock(real_now())


@pytest.fixture
def passwords() -> Passwords:
    """A cheap hasher."""
    return CHEAP


@pytest.fixture(scope="session")
def template_with_accounts(postgres_server: servers.Addresses, sealer: Sealer) -> str:
    """Name of a migrated template database in which the sample accounts are open, made once per run."""

    async def fill(database_url: str) -> None:
        opened = Database(database_url, sealer, role=servers.acting_role())
        try:
            await make_sample_accounts(opened, passwords=CHEAP)
        finally:
            await opened.close()

    return servers.template_with_accounts(postgres_server, fill)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, postgres_server: servers.Addresses) -> Iterator[str]:
    """A fresh migrated database, stamped *test*; with the sample accounts where the test asks for the `wiring`."""
    name = "template_with_accounts" if "wiring" in request.fixturenames else "migrated_template"
    yield from servers.fresh_database(postgres_server, request.getfixturevalue(name))


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    """Settings of a test installation."""
    return read_settings(
        {"FAPAI_STAMP": "test", "FAPAI_SECRET": "5a" * 32, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    )


@pytest.fixture
async def wiring(
    settings: Settings, database: Database, redis_url: str, passwords: Passwords, real_clock: RealClock
) -> AsyncIterator[Wiring]:
    """The site's wiring, with the sample accounts in the database."""
    nodes = Nodes(redis_url)
    yield Wiring(
        settings=settings,
        db=database,
        nodes=nodes,
        passwords=passwords,
        keys=SiteKeys(bytes.fromhex(settings.secret)),
        real_now=real_clock,
    )
    await nodes.close()


@pytest.fixture(scope="session")
def people_of_template() -> dict[str, Actor]:
    """Whom the template with accounts holds, by username; filled by the first test that asks for `people`."""
    return {}


@pytest.fixture
async def people(wiring: Wiring, passwords: Passwords, people_of_template: dict[str, Actor]) -> dict[str, Actor]:
    """The actors of the sample accounts; every copy of the template holds the same, so only the first one is asked."""
    if not people_of_template:
        people_of_template |= await make_sample_accounts(wiring.db, passwords=passwords)
    return dict(people_of_template)


ClientMaker = Callable[[Wiring], httpx.AsyncClient]


@pytest.fixture
def client_of() -> ClientMaker:
    """Make a client of the site of a wiring; it is a browser that follows nothing by itself."""

    def make(wiring: Wiring) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=create_app(wiring), client=("203.0.113.7", 5000))  # type: ignore[arg-type] # Litestar's own ASGI types
        return httpx.AsyncClient(transport=transport, base_url=SITE, headers={"accept": "text/html"})

    return make


@pytest.fixture
async def site(wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session, in front of the site."""
    async with client_of(wiring) as client:
        yield client


def form_token(page: httpx.Response) -> str:
    """Find the form token in a page."""
    return page.text.split('name="csrf_token" value="')[1].split('"')[0]


async def sign_in(
    client: httpx.AsyncClient, username: str, password: str = SAMPLE_PASSWORD, next_path: str = "/"
) -> httpx.Response:
    """Sign in through the form, as a browser does."""
    token = form_token(await client.get("/sign-in"))
    form = {"username": username, "password": password, "next": next_path, "csrf_token": token}
    return await client.post("/sign-in", data=form)


async def bearer(client: httpx.AsyncClient, username: str) -> dict[str, str]:
    """Sign in over the API; give the headers of a program."""
    answer = await client.post("/api/sign-in", json={"username": username, "password": SAMPLE_PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['token']}", "accept": "application/json"}
