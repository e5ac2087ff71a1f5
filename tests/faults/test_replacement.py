"""Every part is replaced while a room is open and bids come in: nothing is missed, nothing is answered twice (bid-core 18, 20)."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

import migrations
from auction.kernel.db import APPLICATION_ROLE, Database
from auction.kernel.sealing import Sealer
from bidding.live.library import Library, build_of, movable
from bidding.live.roles import acl_commands
from bidding.rooms.wire import Close, Hello
from bidding.rules.session import SessionTerms
from migrations.run import migrate
from tests.bidding.journal.world import SHARD, World, eventually
from tests.bidding.rooms.house import Client, RunningGateway, enter, knock, running_gateway, ticket_for

OPEN_BIDDING = "0011"
"""A version of the database with which rooms were open; what came later must come while they are."""
BEFORE, AFTER = 5, 10
"""Bids before a replacement and after it."""


class Bidding:
    """Two bidders who outbid each other without a pause, and a watcher at another gateway."""

    def __init__(self, pages: tuple[Client, Client], watcher: Client) -> None:
        self.accepted: list[int] = []
        self.refused: list[str] = []
        self.may_be_outbid = False
        """Whether somebody else bids above: then a refusal for that is right."""
        self.watcher = watcher
        self._pages = pages
        self._least = 0
        self._stop = asyncio.Event()
        self._more = asyncio.Event()

    async def run(self) -> None:
        """Bid until stopped; every bid waits for its answer."""
        for step in count():
            if self._stop.is_set():
                return
            page = self._pages[step % 2]
            answer = await page.answer(await page.bid(step + self._least))
            if answer.accepted:
                self.accepted.append(answer.n)
            elif not (self.may_be_outbid and answer.code == "not_higher"):
                self.refused.append(answer.code)
            self._more.set()

    async def more(self, bids: int) -> None:
        """Wait for so many more accepted bids."""
        wanted = len(self.accepted) + bids
        async with asyncio.timeout(20):
            while len(self.accepted) < wanted:
                self._more.clear()
                await self._more.wait()

    def raise_above(self, steps: int) -> None:
        """Bid above what somebody else bids just now."""
        self._least = steps

    def stop(self) -> None:
        """Bid no more."""
        self._stop.set()


@asynccontextmanager
async def bidding(bidders: RunningGateway, watchers: RunningGateway, terms: SessionTerms) -> AsyncIterator[Bidding]:
    """Bids without a pause while the block runs; afterwards everybody saw every event once, in order."""
    async with (
        await enter(bidders, terms, "A") as a,
        await enter(bidders, terms, "B") as b,
        await enter(watchers, terms) as watcher,
    ):
        rush = Bidding((a, b), watcher)
        running = asyncio.create_task(rush.run())
        try:
            await rush.more(BEFORE)
            yield rush
            await rush.more(AFTER)
        finally:
            rush.stop()
            await asyncio.wait_for(running, 20)
        last = max(rush.accepted)
        for page in (a, b, watcher):
            await page.until_n(last)
        assert list(range(1, last + 1)) == sorted(watcher.log)
        assert [] == [*a.repeated, *b.repeated, *watcher.repeated]
        assert len(set(rush.accepted)) == len(rush.accepted)
        assert rush.refused == []


@pytest.fixture
async def old_world(empty_database_url: str, redis_url: str, sealer: Sealer) -> AsyncIterator[World]:
    """A house whose database is some versions back."""
    engine = create_async_engine(empty_database_url)
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)
        await connection.execute(text("INSERT INTO kernel.installation (stamp) VALUES ('test')"))
        await _let_todays_processes_in(connection)
    await engine.dispose()
    database = Database(empty_database_url, sealer)
    opened = World(database, empty_database_url, redis_url)
    try:
        yield opened
    finally:
        await opened.close()
        await database.close()


async def _let_todays_processes_in(connection: AsyncConnection) -> None:
    """Grant everything to the role as which processes act today: that version's own acted as the owner."""
    known = await connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": APPLICATION_ROLE})
    if known.scalar_one_or_none() is None:
        await connection.execute(text(f"CREATE ROLE {APPLICATION_ROLE} NOLOGIN"))
    found = await connection.execute(
        text("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$'")
    )
    for schema in found.scalars().all():
        for right in ("USAGE ON SCHEMA", "ALL ON ALL TABLES IN SCHEMA", "USAGE ON ALL SEQUENCES IN SCHEMA"):
            await connection.execute(text(f"GRANT {right} {schema} TO {APPLICATION_ROLE}"))


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, OPEN_BIDDING)


async def test_committer_is_replaced_while_bids_come_in(world: World) -> None:
    """The one that stands by goes on where the leaving one stopped: a new epoch, no pause of the room (bid-core 4, 20)."""
    async with AsyncExitStack() as leaving, running_gateway(world) as gateway, running_gateway(world) as other:
        await leaving.enter_async_context(world.committer())
        epoch = await world.owned()
        terms = await world.open("A", "B")
        async with world.committer(), bidding(gateway, other, terms):
            await leaving.aclose()
            fresh = await eventually(lambda: world.epoch_above(epoch))
        kinds = await world.fetch("SELECT DISTINCT kind FROM bidding.journal_event")

    assert fresh > epoch
    assert {row["kind"] for row in kinds} == {"opened", "admitted", "bid"}


async def test_function_library_is_replaced_while_bids_come_in(world: World) -> None:
    """First the committer, then a gateway brings a newer text; both texts decide in one room, in one order (bid-core 20)."""
    newer = build_of(movable().text.replace(movable().version, "@VERSION@") + "\n-- a newer text\n")
    newer_live = world.live_as("committer", library=newer)
    assert newer.version != movable().version
    await _tell_users(world, newer)
    async with AsyncExitStack() as leaving, running_gateway(world) as gateway, running_gateway(world) as other:
        await leaving.enter_async_context(world.committer())
        await world.owned()
        terms = await world.open("A", "B", "C")
        async with (
            world.committer(live=newer_live),
            bidding(gateway, other, terms) as rush,
            running_gateway(world, library=newer) as newcomer,
        ):
            await leaving.aclose()
            await rush.more(BEFORE)
            async with await enter(newcomer, terms, "C") as c:
                rush.may_be_outbid = True
                answer = await c.answer(await c.bid(1_000))
                rush.raise_above(1_000)
        loaded = await (await world.live.nodes.client(SHARD)).function_list()
    await newer_live.nodes.close()

    assert answer.accepted
    assert len(loaded) == 2


async def _tell_users(world: World, library: Library) -> None:
    """Let the users of Redis call the newer functions as well, before the first process has them (bid-core 21)."""
    client = await world.live.nodes.client(SHARD)
    for line in acl_commands([library], pretends=True, secrets={}, exactly=False):
        await client.execute_command(*shlex.split(line))


async def test_database_is_migrated_while_bids_come_in(old_world: World) -> None:
    """All versions since run forward under open rooms: bids wait for milliseconds, the owner stays, nothing is missed (bid-core 20)."""
    world = old_world
    async with world.committer(), running_gateway(world) as gateway, running_gateway(world) as other:
        await world.owned()
        terms = await world.open("A", "B")
        async with bidding(gateway, other, terms):
            await migrate(world.url, stamp="test")
        versions = await world.fetch("SELECT version_num FROM schema_version")
        incidents = await world.fetch("SELECT kind FROM bidding.incident")

    assert [row["version_num"] for row in versions] > [OPEN_BIDDING]
    assert incidents == []


async def test_gateway_is_replaced_while_bids_come_in(world: World) -> None:
    """Bidders of a gateway that drains go on at the newcomer with their tokens; what they had sent is answered once (bid-core 20)."""
    async with world.committer(), running_gateway(world) as other, running_gateway(world) as leaving:
        await world.owned()
        terms = await world.open("A", "B", "C")
        async with await enter(leaving, terms, "C") as c, bidding(other, other, terms) as rush:
            sent = await c.bid(500)
            rush.raise_above(500)
            leaving.stop.set()
            assert await c.until_closed() == Close.DRAINING
            async with running_gateway(world) as newcomer:
                seen = max(c.log, default=0)
                async with await enter(newcomer, terms, resume=c.resume, after=seen) as back:
                    await back.bid(500, bid_id=sent)
                    answer = await back.answer(sent)
                    while not {*range(1, answer.n + 1)} <= {*c.log, *back.log}:
                        await back.next()
                repeated = [n for n in back.log if n in c.log]

    assert answer.accepted
    assert repeated == []


async def test_spectators_have_gateways_of_their_own(world: World) -> None:
    """Bidders' and spectators' gateways run in one installation; a spectators' one leaves and no bidder notices (bid-core 18)."""
    async with (
        world.committer(),
        running_gateway(world, roles=frozenset({"bidder"})) as bidders,
        running_gateway(world, roles=frozenset({"spectator"})) as spectators,
        running_gateway(world, roles=frozenset({"spectator"})) as leaving,
    ):
        await world.owned()
        terms = await world.open("A", "B")
        for wrong, code in ((bidders, ""), (spectators, "A")):
            hello = Hello(lot_id=terms.lot_id, ticket=ticket_for(terms, code))
            assert await knock(wrong, hello) == Close.ROLE_ELSEWHERE
        async with await enter(leaving, terms) as gone, bidding(bidders, spectators, terms) as rush:
            leaving.stop.set()
            assert await gone.until_closed() == Close.DRAINING
            await rush.more(BEFORE)
