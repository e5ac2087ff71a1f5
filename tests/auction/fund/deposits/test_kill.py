"""SIGKILL after each step of each money path of deposits and receipts: started again, the case comes to the same end."""

from __future__ import annotations

import asyncio
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
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

ROOT = Path(__file__).parents[4]
LONGEST_S = 60
KILLS = [
    pytest.param(name, number, id=f"{name}-{number}-{point}")
    for name in PATHS
    for number, point in enumerate(kill_points(name), start=1)
]


@pytest.fixture(scope="module")
def executioner() -> Iterator[subprocess.Popen[str]]:
    """The process that forks those who die."""
    command = [sys.executable, "-m", "tests.auction.fund.deposits.kill_child"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        yield child
        assert child.stdin is not None
        child.stdin.close()


async def killed(executioner: subprocess.Popen[str], order: str) -> int:
    """Let a process be forked that dies, and give its exit."""
    assert executioner.stdin is not None
    assert executioner.stdout is not None
    executioner.stdin.write(order + "\n")
    executioner.stdin.flush()
    async with asyncio.timeout(LONGEST_S):
        return int(await asyncio.to_thread(executioner.stdout.readline))


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
    database_url: str, sealer: Sealer, tmp_path: Path, executioner: subprocess.Popen[str], name: str, step: int
) -> None:
    """The process is killed at the step; another one does the path again and finds the end that there always is."""
    path = PATHS[name]
    database = Database(database_url, sealer)
    keep = tmp_path / "partners"
    try:
        world, bidders = await prepared(database, path, bidders_of(name))
        keep.write_bytes(pickle.dumps((world, bidders)))
        assert await killed(executioner, f"{database_url} {keep} {step} {name}") == -signal.SIGKILL
        again, bidders = pickle.loads(keep.read_bytes())  # noqa: S301 - our own file
        again.rewire(database)

        await path.act(again, bidders)
        await again.look_now()
        await again.settle_bank()

        await require_end(again, bidders, path)
    finally:
        await database.close()
