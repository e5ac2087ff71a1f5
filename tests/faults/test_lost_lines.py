"""Lines that are lost without a word: whoever waits on one gives it up in time, and goes on over another (bid-core 26)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from loadtests.faults.proxy import HOST, Address, Line
from tests.bidding.journal.world import World

PATIENCE_S = 0.3


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Line]:
    """A line to PostgreSQL that can be cut and silenced."""
    folder = Path(parse_qs(urlsplit(database_url).query)["host"][0])
    opened = Line("postgres", Address(path=next(folder.glob(".s.PGSQL.*[0-9]"))))
    await opened.open()
    yield opened
    await opened.close()


def _over(line: Line, database_url: str) -> str:
    return f"postgresql+asyncpg://fapai@{HOST}:{line.port}{urlsplit(database_url).path}"


async def test_reading_over_a_lost_line_ends_and_the_next_one_works(
    line: Line, database_url: str, sealer: Sealer
) -> None:
    """A reader is told in time that nothing comes back, and no other idle connection makes him wait again."""
    db = Database(_over(line, database_url), sealer, pool_size=3, patience_s=PATIENCE_S)

    async def read(*, lose: bool = False) -> int:
        async with db.reading() as tx:
            if lose:
                line.silence(lost=True)
                line.heal()
            return int((await tx.session.execute(text("SELECT 1"))).scalar_one())

    assert list(await asyncio.gather(read(), read())) == [1, 1]
    with pytest.raises(SQLAlchemyError):
        await read(lose=True)
    began = time.monotonic()
    assert await read() == 1
    assert time.monotonic() - began < 5 * PATIENCE_S
    await db.close()


async def test_reading_begins_although_idle_lines_were_lost(line: Line, database_url: str, sealer: Sealer) -> None:
    """A pool of lines that lead nowhere costs its next user his patience once, not once for each line."""
    db = Database(_over(line, database_url), sealer, pool_size=3, patience_s=PATIENCE_S)

    async def read() -> int:
        async with db.reading() as tx:
            await tx.session.execute(text("SELECT pg_sleep(0.05)"))
            return int((await tx.session.execute(text("SELECT 1"))).scalar_one())

    await asyncio.gather(read(), read(), read())
    line.silence(lost=True)
    line.heal()
    began = time.monotonic()
    assert list(await asyncio.gather(read(), read(), read())) == [1, 1, 1]
    assert time.monotonic() - began < 5 * PATIENCE_S
    await db.close()


async def test_owner_whose_line_to_postgres_is_lost_commits_again_in_time(
    world: World, line: Line, database_url: str, redis_url: str
) -> None:
    """A sole owner notices a silently lost session by himself, and commits what was waiting within ten seconds."""
    afar = World(world.db, _over(line, database_url), redis_url)
    async with afar.committer():
        await world.owned()
        terms = await world.open("A", "B")
        line.silence(lost=True)
        line.heal()
        began = time.monotonic()
        decision = await world.bid(terms, "A", 1)
        view = await world.committed(terms.session_id, 4, within_s=10.0)
        took_s = time.monotonic() - began
    await afar.close()

    assert decision.accepted
    assert view.bid_count == 1
    assert took_s < 10.0
