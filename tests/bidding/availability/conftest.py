from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from auction.kernel.db import Database
from bidding.availability import ask_room, run_probe
from tests.bidding.journal.world import World
from tests.bidding.rooms.house import RunningGateway, running_gateway


@pytest.fixture
async def world(database: Database, database_url: str, redis_url: str) -> AsyncIterator[World]:
    """A house without a running committer."""
    opened = World(database, database_url, redis_url)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def house(world: World) -> AsyncIterator[World]:
    """A house whose committer runs."""
    async with world.committer():
        await world.owned()
        yield world


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe that asks ten times a second, so that no test waits for minutes."""
    monkeypatch.setattr(run_probe, "TICK_S", 0.1)
    monkeypatch.setattr(run_probe, "ROOMS_S", 0.2)
    monkeypatch.setattr(run_probe, "FLUSH_S", 0.1)
    monkeypatch.setattr(run_probe, "UNDER_WAY", 40)
    monkeypatch.setattr(ask_room, "ANSWER_S", 3.0)


@pytest.fixture
async def gateway(house: World) -> AsyncIterator[RunningGateway]:
    """A gateway of that house."""
    async with running_gateway(house) as running:
        yield running
