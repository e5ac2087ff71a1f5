"""The close is worked up only when two paths agree; a difference stops the sale (architecture §3)."""

from __future__ import annotations

import asyncpg
import pytest

from auction.contracts import RoundOutcome
from auction.kernel import jobs
from auction.kernel.errors import InvariantViolated
from auction.kernel.jobs import Job
from bidding.journal.close_session import close_session, handle_close_session
from bidding.live.move_clock import move_clock
from bidding.rules.session import SessionTerms
from tests.bidding.journal.world import MINUTE_US, World


async def _closed(world: World, *, bids: int = 1) -> SessionTerms:
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        for steps in range(bids):
            await world.bid(terms, "AB"[steps % 2], steps)
        await world.committed(terms.session_id, 3 + bids)
        await world.settled(terms)
        await move_clock(world.live, offset_us=61 * MINUTE_US)
        await world.committed(terms.session_id, 4 + bids)
    return terms


async def test_job_of_the_commit_writes_the_outcome(world: World) -> None:
    """The job that the closing commit left is carried out and tells the sale, once."""
    terms = await _closed(world, bids=0)
    told: list[RoundOutcome] = []

    async def close(job: Job) -> None:
        await handle_close_session(world.db, job)

    async def tell(job: Job) -> None:
        told.append(job.decode(RoundOutcome))

    handlers = {"bidding.close_session": close, "sale.record_outcome": tell}
    await jobs.promote_due(world.db)
    for _ in range(2):
        for row in await world.fetch("SELECT job_id FROM kernel.job WHERE state = 'queued'"):
            await jobs.run_job(world.db, handlers, row["job_id"])

    assert [(one.session_id, one.result, one.hammer_price_fen) for one in told] == [(terms.session_id, "failed", None)]


async def test_difference_stops_the_sale(world: World) -> None:
    """When the replayed end is not the committer's, there is no outcome, but an incident and a halted session."""
    terms = await _closed(world)
    connection = await asyncpg.connect(world.dsn)
    await connection.execute('UPDATE bidding.snapshot SET state = replace(state, \'"leader":"A"\', \'"leader":"B"\')')
    await connection.close()
    first = await close_session(world.db, terms.session_id)
    second = await close_session(world.db, terms.session_id)

    assert (first, second) == (None, None)
    assert [row["kind"] for row in await world.fetch("SELECT kind FROM bidding.incident")] == ["close_difference"]
    assert (await world.view(terms.session_id)).halted
    assert await world.fetch("SELECT 1 FROM bidding.outcome") == []
    assert await world.fetch("SELECT 1 FROM kernel.job WHERE kind = 'sale.record_outcome'") == []


async def test_session_that_runs_is_not_closed(world: World) -> None:
    """A session that is not closed has no outcome."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A")
        with pytest.raises(InvariantViolated):
            await close_session(world.db, terms.session_id)
