"""SIGKILL after each step of each money path of deposits and receipts: started again, the case comes to the same end."""

from __future__ import annotations

import pickle
import signal
from pathlib import Path

import pytest

from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from tests.auction.fund.deposits.money_paths import (
    DEPOSIT,
    PATHS,
    MoneyPath,
    StepDatabase,
    Steps,
    acted,
    bidders_of,
    kill_points,
)
from tests.auction.fund.world import Bidder, World
from tests.executioner import Executioner

CHILD = "tests.auction.fund.deposits.kill_child"


def marks_of(name: str, number: int) -> list[pytest.MarkDecorator]:
    """Give none to the first death at each partner's deed and after each kind of transaction; the others are a campaign.

    Within a transaction a death leaves what was there before it; a later one of the same kind repeats the first.
    """
    points = kill_points(name)
    point = points[number - 1]
    return [] if not point.startswith("in ") and point not in points[: number - 1] else [pytest.mark.campaign]


KILLS = [
    pytest.param(name, number, id=f"{name}-{number}-{point}", marks=marks_of(name, number))
    for name in PATHS
    for number, point in enumerate(kill_points(name), start=1)
]


async def prepared(database: Database, path: MoneyPath, count: int) -> tuple[World, list[Bidder]]:
    """Give the world before the path."""
    world = await World(database).open()
    bidders = [await world.bidder(DEPOSIT) for _ in range(count)]
    await path.prepare(world, bidders)
    return world, bidders


async def require_end(world: World, bidders: list[Bidder], path: MoneyPath) -> None:
    """Assert that all is as after a path that nobody disturbed."""
    assert await world.totals() == path.totals
    views = [await world.deposit(bidder) for bidder in bidders]
    assert tuple(view.state.value for view in views) == path.states
    assert all(view.refunded for view in views)
    assert acted(world) == path.moved
    await world.require_straight()


@pytest.mark.parametrize("name", PATHS)
async def test_table_names_every_step(database: Database, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of steps is the whole path, and the path ends as it says."""
    path = PATHS[name]
    world, bidders = await prepared(database, path, bidders_of(name))
    steps = Steps()
    steps.watch(monkeypatch.setattr)
    world.rewire(StepDatabase(database, steps))

    await path.act(world, bidders)

    assert tuple(steps.names) == kill_points(name)
    world.rewire(database)
    await require_end(world, bidders, path)


@pytest.mark.parametrize(("name", "step"), KILLS)
async def test_path_ends_the_same_after_a_kill(
    database_url: str, sealer: Sealer, tmp_path: Path, executioner: Executioner, name: str, step: int
) -> None:
    """The process is killed at the step; another one does the path again and finds the end that there always is."""
    path = PATHS[name]
    database = Database(database_url, sealer)
    keep = tmp_path / "partners"
    try:
        world, bidders = await prepared(database, path, bidders_of(name))
        keep.write_bytes(pickle.dumps((world, bidders)))
        assert await executioner.end_of(CHILD, database_url, keep, step, name) == -signal.SIGKILL
        again, bidders = pickle.loads(keep.read_bytes())  # noqa: S301 - our own file
        again.rewire(database)

        await path.act(again, bidders)
        await again.look_now()
        await again.settle_bank()

        await require_end(again, bidders, path)
    finally:
        await database.close()
