"""Fixtures for every test: real servers, a fresh database and an empty Valkey for each test that asks.

``database_url`` is a fresh copy of the migrated database; ``redis_url`` an emptied server that no other worker uses.
``private_postgres`` and ``private_valkey`` are servers of the test's own, to be killed at will. The servers start when
the first test asks, once per run (`tests.servers`).
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import redis
import redis.asyncio
from playwright._impl._driver import compute_driver_executable
from playwright.async_api import Browser, async_playwright
from sqlalchemy.dialects import registry

from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from tests import one_dialect, one_reading, servers
from tests.executioner import Executioner
from web.running.embedded_postgres import EmbeddedPostgres, Profile
from web.running.embedded_valkey import EmbeddedValkey
from web.running.processes import LAUNCHER

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first that is there is taken: the shell is the same engine without the windows, which take half of Chromium's time."""
SERVER_FIXTURES = frozenset({"postgres_server", "private_postgres", "private_valkey"})


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's folder in the main process; workers inherit it. Nothing that is imported is garbage."""
    gc.disable()
    registry.register("postgresql.asyncpg", one_dialect.__name__, one_dialect.OneDialect.__name__)
    one_reading.install()
    if not hasattr(config, "workerinput"):
        servers.begin_run()


def pytest_collection_finish() -> None:
    """Collect garbage from here on, and only what the tests leave: modules and test items stay to the end."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's servers from the main process, after the workers have ended."""
    servers.OWNER.leave()
    if not hasattr(config, "workerinput"):
        servers.end_run()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test that uses a server, so that ``-m compat`` repeats it on the distribution's servers; leave campaigns out.

    A browser test that runs once per language is one in the languages that come after Chinese, unless it is about ``languages``.
    """
    for item in items:
        if SERVER_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("compat")
        if _is_in_another_language(item) and item.get_closest_marker("languages") is None:
            item.add_marker("campaign")
    if os.environ.get("FAPAI_CAMPAIGNS") == "1":
        return
    left_out = [item for item in items if item.get_closest_marker("campaign") is not None]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item.get_closest_marker("campaign") is None]


def _is_in_another_language(item: pytest.Item) -> bool:
    """Whether a browser test runs once per language, and this is not the first."""
    if item.get_closest_marker("browser") is None or not isinstance(item, pytest.Function):
        return False
    called = getattr(item, "callspec", None)
    return called is not None and not str(called.params.get("locale", "zh")).startswith("zh")


@pytest.fixture(scope="session")
def postgres_server() -> servers.Addresses:
    """The run's servers, started; ``postgres_url`` is the owner's address."""
    return servers.servers()


@pytest.fixture(scope="session")
def migrated_template(postgres_server: servers.Addresses) -> str:
    """Name of the template database, migrated once per run and stamped *test*."""
    return servers.template(postgres_server)


@pytest.fixture
def empty_database_url(postgres_server: servers.Addresses) -> Iterator[str]:
    """A fresh database with nothing in it, dropped after the test."""
    yield from servers.fresh_database(postgres_server, "template0")


@pytest.fixture
def database_url(postgres_server: servers.Addresses, migrated_template: str) -> Iterator[str]:
    """A fresh migrated database, stamped *test*, dropped after the test."""
    yield from servers.fresh_database(postgres_server, migrated_template)


@pytest.fixture
def another_database(postgres_server: servers.Addresses, migrated_template: str) -> Iterator[Callable[[], str]]:
    """Gives the address of a further fresh migrated database each time; all are dropped after the test."""
    with ExitStack() as until_the_end:
        fresh = contextmanager(servers.fresh_database)
        yield lambda: until_the_end.enter_context(fresh(postgres_server, migrated_template))


@pytest.fixture(scope="session")
def sealer() -> Sealer:
    """The sealer of tests, from a made-up installation secret."""
    return Sealer(b"a made-up secret for tests, 32 bytes or more")


@pytest.fixture
async def database(database_url: str, sealer: Sealer) -> AsyncIterator[Database]:
    """`auction.kernel.db.Database` on a fresh migrated database; closed after the test."""
    opened = Database(database_url, sealer, role=servers.acting_role())
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def redis_url(postgres_server: servers.Addresses) -> str:
    """The address of this worker's own Valkey, emptied: no keys, no functions."""
    url = postgres_server.redis_urls[servers.worker_number()]
    with redis.Redis.from_url(url) as client:
        client.flushall()
        client.function_flush()
        client.config_resetstat()
    return url


@pytest.fixture
async def valkey(redis_url: str) -> AsyncIterator[redis.asyncio.Redis]:
    """A client of this worker's emptied Valkey; it gives bytes."""
    client = redis.asyncio.Redis.from_url(redis_url)
    try:
        yield client
    finally:
        await client.aclose()


@pytest.fixture(scope="session")
def executioner() -> Iterator[Executioner]:
    """Who forks the processes that tests kill."""
    one = Executioner()
    yield one
    one.leave()


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """A folder with a short path that servers under another account may enter; removed after the test."""
    folder = Path(tempfile.mkdtemp(prefix="fapai-t-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def private_postgres(short_dir: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL of the test's own, durable and empty, that it may kill."""
    server = EmbeddedPostgres(short_dir / "pg", profile=Profile.DURABLE, binaries=servers.chosen_postgres())
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def private_valkey(short_dir: Path) -> AsyncIterator[EmbeddedValkey]:
    """A Valkey of the test's own, durable and empty, that it may kill."""
    server = EmbeddedValkey(short_dir / "vk", profile=Profile.DURABLE, binary=servers.chosen_redis())
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of reference data; the test is skipped without it, or fails if FAPAI_REQUIRE_DATA=1."""
    folder = Path(os.environ.get("FAPAI_REFERENCE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        if os.environ.get("FAPAI_REQUIRE_DATA") == "1":
            pytest.fail("the reference data is required, but not there")
        pytest.skip("no reference data (set FAPAI_REFERENCE_DATA to its folder)")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the distribution's Chromium; the test is skipped without it, or fails if FAPAI_REQUIRE_BROWSER=1."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        if os.environ.get("FAPAI_REQUIRE_BROWSER") == "1":
            pytest.fail("a browser is required, but there is no Chromium")
        pytest.skip("no Chromium: run 'make browser'")
    return found


@pytest.fixture(scope="session")
def browser_address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where this worker's Chromium listens: it starts once, which takes longer than most pages, and dies with the worker."""
    arguments = ["--no-proxy-server", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    options = {"executablePath": chromium, "headless": True, "host": "127.0.0.1", "args": arguments}
    config = tmp_path_factory.mktemp("browser") / "server.json"
    config.write_text(json.dumps(options), encoding="utf-8")
    serve = [*compute_driver_executable(), "launch-server", "--browser", "chromium", "--config", str(config)]
    dying = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(signal.SIGTERM)), "-"]
    with subprocess.Popen([*dying, *serve], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address.startswith("ws://"), "Chromium did not start"
        yield address
        server.terminate()


@pytest.fixture
async def browser(browser_address: str) -> AsyncIterator[Browser]:
    """This worker's Chromium; the contexts that a test opens in it are its own, and end with it."""
    async with async_playwright() as playwright:
        connected = await playwright.chromium.connect(browser_address)
        yield connected
        await connected.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The text of axe-core, to be run in a page; ``make setup`` installs it."""
    return (Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
