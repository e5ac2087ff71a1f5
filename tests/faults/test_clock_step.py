"""A clock that steps stalls the shard: nothing closes, and afterwards five minutes remain (bid-core 10, 25)."""

from __future__ import annotations

import dataclasses

import pytest

from bidding.journal import hold_shard
from bidding.journal.follow_journal import events_after
from bidding.journal.hold_shard import Tenure
from bidding.journal.watch_clock import Reading
from bidding.live.keys import clock_key
from bidding.live.move_clock import move_clock
from bidding.live.read_room import read_room, read_shard
from bidding.rules.session import ClockChanged
from tests.bidding.journal.world import MINUTE_US, SHARD, World, eventually


async def test_stepped_clock_stalls_and_releases(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While PostgreSQL and Redis disagree no bid is taken and no room closes; then the end moves, as a reported event."""
    step_us = 0
    read = Tenure._read_clocks

    async def stepped(tenure: Tenure) -> Reading:
        true = await read(tenure)
        return dataclasses.replace(true, redis_us=true.redis_us + step_us)

    async def stalled() -> bool:
        head = await read_shard(world.live, SHARD)
        return head is not None and head.stalled_us > 0

    monkeypatch.setattr(Tenure, "_read_clocks", stepped)
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B", terms=await world.terms(minutes=2))
        await world.bid(terms, "A", 1)
        await world.committed(terms.session_id, 4)
        step_us = 600_000
        await eventually(stalled)
        await move_clock(world.live, offset_us=3 * MINUTE_US)
        refused = await world.bid(terms, "B", 2)
        step_us = 0
        view = await world.committed(terms.session_id, 5, within_s=15)
        accepted = await world.bid(terms, "B", 2)
        last = (await events_after(world.db, terms.session_id, 4))[0]

    assert refused.reason == "room_stalled"
    assert isinstance(last, ClockChanged)
    assert view.end_us - last.at_us >= 5 * MINUTE_US
    assert accepted.accepted
    kinds = {row["kind"] for row in await world.fetch("SELECT kind FROM bidding.incident")}
    assert kinds == {"clock", "stall"}


async def test_clock_that_jumps_over_the_end_closes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the jump and the comparison that finds it the owner's timer closes no room (bid-core 10)."""
    let_the_clock_step(monkeypatch)
    monkeypatch.setattr(hold_shard, "CLOCK_S", 3_600.0)  # the next comparison that is due by itself is far away

    async def stalled() -> bool:
        head = await read_shard(world.live, SHARD)
        return head is not None and head.stalled_us > 0

    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B", terms=await world.terms(minutes=2))
        await world.bid(terms, "A", 1)
        await world.committed(terms.session_id, 4)
        await move_clock(world.live, offset_us=3 * MINUTE_US)
        await eventually(stalled)
        room = await read_room(world.live, terms.lot_id)

    assert room is not None
    assert room.state.phase == "running"


def let_the_clock_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have committers take the movable clock for that of Redis's machine."""
    read = Tenure._read_clocks

    async def stepped(tenure: Tenure) -> Reading:
        true = await read(tenure)
        client = await tenure.live.nodes.client(SHARD)
        moved = await client.hgetall(clock_key(SHARD))
        return dataclasses.replace(true, redis_us=true.redis_us + int(moved.get(b"offset_us", 0)))

    monkeypatch.setattr(Tenure, "_read_clocks", stepped)


async def test_moved_business_clock_stalls_nothing(world: World) -> None:
    """A clock that a test or a demonstration moved or froze is no disagreement (bid-core 14)."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A")
        await world.settled(terms)
        await move_clock(world.live, offset_us=30 * MINUTE_US)
        decision = await world.bid(terms, "A", 1)
        await world.committed(terms.session_id, 3)

    assert decision.accepted
    assert await world.fetch("SELECT 1 FROM bidding.incident") == []
