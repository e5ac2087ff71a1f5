"""The committer dies, stops, is cut off: no committed bid is lost, none is shown twice (bid-core 4, 25, 26)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from auction.kernel.errors import Refusal
from bidding.journal.shard_door import LOCK_CLASS
from bidding.live.keys import EntryId
from bidding.live.own_shard import Watermark, publish_committed, trim_stream
from bidding.rules.session import SessionTerms
from tests.bidding.journal.world import SHARD, World, eventually

ROOT = Path(__file__).parents[2]
TAKE_OVER_S = 5.0


@asynccontextmanager
async def child(world: World, armed: Path, instant: str = "never") -> AsyncIterator[asyncio.subprocess.Process]:
    """A committer in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.committer_child", world.dsn, world.redis_url, instant, str(armed)),
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _gapless(world: World, terms: SessionTerms) -> list[tuple[int, str]]:
    rows = await world.fetch(
        "SELECT sequence, kind FROM bidding.journal_event WHERE session_id = $1 ORDER BY sequence", terms.session_id
    )
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
    return [(row["sequence"], row["kind"]) for row in rows]


async def _is_back(world: World) -> bool:
    try:
        return bool(await world.fetch("SELECT 1"))
    except (OSError, asyncpg.PostgresError):
        return False


@pytest.mark.parametrize("instant", ["inserted", "committed"])
async def test_killed_at_the_dangerous_instant_loses_nothing(world: World, tmp_path: Path, instant: str) -> None:
    """A committer killed between INSERT and COMMIT, or between COMMIT and publishing, is taken over; each bid counts once (bid-core 25)."""
    armed = tmp_path / "armed"
    async with child(world, armed, instant) as first:
        await world.owned()
        terms = await world.open("A", "B")
        await world.settled(terms)
        armed.touch()
        decisions = [await world.bid(terms, "AB"[steps % 2], steps) for steps in range(6)]
        await first.wait()
    async with world.committer():
        view = await world.committed(terms.session_id, 9, within_s=TAKE_OVER_S)
        await world.settled(terms)

    assert all(decision.accepted for decision in decisions)
    assert (view.bid_count, view.leader) == (6, "B")
    assert len(await _gapless(world, terms)) == 9


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
async def test_silent_owner_is_taken_over_within_five_seconds(
    world: World, tmp_path: Path, blow: signal.Signals
) -> None:
    """A killed or stopped owner is replaced by the waiting one in at most five seconds (bid-core 4)."""
    async with child(world, tmp_path / "armed") as first:
        epoch = await world.owned()
        terms = await world.open("A", "B")
        async with world.committer():
            began = time.monotonic()
            os.kill(first.pid, blow)
            await world.bid(terms, "A", 1)
            await world.committed(terms.session_id, 4, within_s=TAKE_OVER_S)
            took = time.monotonic() - began
            fresh = await world.owned()

    assert fresh > epoch
    assert took < TAKE_OVER_S


async def test_owner_that_wakes_up_writes_nothing(world: World, tmp_path: Path) -> None:
    """An owner that slept through its take-over neither commits nor publishes, and waits like anybody (bid-core 4)."""
    async with child(world, tmp_path / "armed") as first:
        await world.owned()
        terms = await world.open("A", "B")
        async with world.committer():
            os.kill(first.pid, signal.SIGSTOP)
            await world.bid(terms, "A", 1)
            await world.committed(terms.session_id, 4, within_s=TAKE_OVER_S)
            epoch = await world.owned()
            os.kill(first.pid, signal.SIGCONT)
            for steps in range(2, 12):
                await world.bid(terms, "AB"[steps % 2 == 0], steps)
            await world.committed(terms.session_id, 14)
            owners = await world.fetch("SELECT DISTINCT owner_epoch FROM bidding.batch WHERE number > 3")
            now = await world.owned()

    assert now == epoch
    assert epoch in {row["owner_epoch"] for row in owners}
    await _gapless(world, terms)


async def test_cut_session_ends_the_tenure_and_nothing_else(world: World) -> None:
    """An owner whose session PostgreSQL ended comes back with a raised epoch and commits what was waiting."""
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A", "B")
        await world.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = $1", LOCK_CLASS
        )
        await world.bid(terms, "A", 1)
        view = await world.committed(terms.session_id, 4, within_s=TAKE_OVER_S)

    assert view.epoch > epoch


async def test_stale_token_is_refused_everywhere(world: World) -> None:
    """Publishing and trimming with an old token are refused, and so is the commit (bid-core 4)."""
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A")
        mark = Watermark(terms.lot_id, 2)
        with pytest.raises(Refusal, match="stale_token"):
            await publish_committed(world.live, SHARD, epoch=epoch, token="old", watermarks=[mark], payload=b"x")
        with pytest.raises(Refusal, match="stale_token"):
            await trim_stream(world.live, SHARD, epoch=epoch, token="old", committed=EntryId(epoch, 1))
        with pytest.raises(Refusal, match="wrong_epoch"):
            await publish_committed(world.live, SHARD, epoch=epoch - 1, token="old", watermarks=[], payload=b"x")


async def test_postgres_dies_and_returns(own_world: World, private_postgres: object) -> None:
    """PostgreSQL is killed under load: bids are acknowledged again within ten seconds, none is lost (bid-core 26)."""
    world = own_world
    pid = getattr(private_postgres, "pid", None)
    assert isinstance(pid, int)
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        await world.bid(terms, "A", 1)
        await world.committed(terms.session_id, 4)
        os.kill(pid, signal.SIGKILL)
        decision = await world.bid(terms, "B", 2)
        view = await world.committed_in_spite_of(terms.session_id, 5, within_s=10.0)

    await eventually(partial(_is_back, world))  # a backend that outlived the postmaster for a moment may have committed
    assert decision.accepted
    assert view.bid_count == 2
    await _gapless(world, terms)


async def test_redis_is_emptied_and_rebuilt(world: World) -> None:
    """After FLUSHALL the rooms come back from PostgreSQL in a new epoch, with every committed bid (D2, bid-core 12)."""
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A", "B")
        first = await world.bid(terms, "A", 1, bid_id="11111111-1111-7111-8111-111111111111")
        await world.committed(terms.session_id, 4)
        client = await world.live.nodes.client(SHARD)
        await client.flushall()
        paused = await world.committed(terms.session_id, 5)
        fresh = await eventually(lambda: world.epoch_above(epoch))
        again = await world.bid(terms, "A", 1, bid_id="11111111-1111-7111-8111-111111111111")
        stopped = await world.bid(terms, "B", 2)

    assert (paused.phase, paused.price_fen, paused.bid_count) == ("stopped", 1_010_000, 1)
    assert fresh > epoch
    assert (again.accepted, again.duplicate, again.sequence) == (True, True, first.sequence)
    assert stopped.reason == "stopped"
    kinds = [kind for _, kind in await _gapless(world, terms)]
    assert kinds == ["opened", "admitted", "admitted", "bid", "stopped"]
    incidents = await world.fetch("SELECT kind FROM bidding.incident")
    assert [row["kind"] for row in incidents] == ["rebuild"]


async def test_redis_comes_back_without_its_last_second(own_world: World, private_valkey: object) -> None:
    """Redis is killed and may come back without what it had not written: committed bids stand, bids go on (bid-core 3)."""
    world = own_world
    pid = getattr(private_valkey, "pid", None)
    assert isinstance(pid, int)
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A", "B")
        for steps in range(1, 6):
            await world.bid(terms, "AB"[steps % 2], steps)
        await world.committed(terms.session_id, 8)
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: world.epoch_above(epoch), 10.0)
        view = await world.view(terms.session_id)

    assert view.bid_count == 5
    await _gapless(world, terms)


async def test_lost_advisory_lock_is_not_taken_twice(world: World, tmp_path: Path) -> None:
    """Of two committers of one shard exactly one owns it at a time (bid-core 4)."""
    async with child(world, tmp_path / "armed"), world.committer():
        await world.owned()
        held = await world.fetch(
            "SELECT count(*) AS held FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            LOCK_CLASS,
        )
        assert [row["held"] for row in held] == [1]


async def test_fenced_owner_cannot_commit(world: World) -> None:
    """A commit whose owner was fenced out inserts nothing, even with the lock and an open session (bid-core 4)."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        await world.settled(terms)
        connection = await asyncpg.connect(world.dsn)
        await connection.execute(
            "SELECT bidding.take_shard(0, epoch, epoch + 1, $1) FROM bidding.shard_owner", "x" * 32
        )
        await connection.close()
        await world.bid(terms, "A", 1)
        view = await world.committed(terms.session_id, 4, within_s=TAKE_OVER_S)
        owners = await world.fetch("SELECT max(owner_epoch) AS newest, count(DISTINCT owner_epoch) FROM bidding.batch")

    assert view.bid_count == 1
    assert owners[0]["newest"] >= 3
