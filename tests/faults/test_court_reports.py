"""Every stall and pause is reported to the court in the transaction of its numbered event, whoever dies when (网拍 28)."""

from __future__ import annotations

from pathlib import Path

import pytest

from auction.kernel.ids import new_id
from bidding.journal.ask_rebuild import ask_rebuild
from bidding.journal.pause_session import pause_session
from bidding.journal.sessions import SessionOver
from bidding.live.own_shard import stall_shard
from tests.bidding.journal.world import SHARD, World, eventually
from tests.faults.test_committer_faults import TAKE_OVER_S, child

SAME_STEP = (
    "SELECT i.kind, e.kind AS event, e.xmin = i.xmin AND i.xmin = r.xmin AS same_step "
    "FROM bidding.court_report AS r JOIN bidding.incident AS i USING (incident_id) "
    "JOIN bidding.journal_event AS e ON e.session_id = r.session_id AND e.sequence = (i.facts::jsonb ->> 'sequence')::bigint"
)
"""Reports with the numbered events that they are about, and whether one transaction stored both."""


@pytest.mark.parametrize("instant", ["inserted", "committed"])
async def test_killed_while_a_pause_commits_reports_it_once(world: World, tmp_path: Path, instant: str) -> None:
    """A committer killed before or after the pause's COMMIT leaves one pause and one report, in one step (bid-core 12, 25)."""
    armed = tmp_path / "armed"
    async with child(world, armed, instant) as first:
        await world.owned()
        terms = await world.open("A", "B")
        await world.settled(terms)
        armed.touch()
        await pause_session(world.db, world.live, terms.session_id, ground="platform_fault")
        await first.wait()
        left = await world.fetch(
            "SELECT (SELECT count(*) FROM bidding.court_report) AS reports, "
            "(SELECT count(*) FROM bidding.journal_event WHERE kind = 'stopped') AS pauses"
        )
    async with world.committer():
        view = await world.committed(terms.session_id, 4, within_s=TAKE_OVER_S)
        refused = await world.bid(terms, "A", 1)

    assert left[0]["reports"] == left[0]["pauses"] == (1 if instant == "committed" else 0)
    assert (view.phase, refused.reason) == ("stopped", "stopped")
    assert [tuple(row) for row in await world.fetch(SAME_STEP)] == [("platform_pause", "stopped", True)]


async def test_pause_outlives_the_loss_of_redis_and_ends_by_order_only(world: World) -> None:
    """A platform's pause is still there after FLUSHALL and nobody's return wakes the room; what is over is not paused."""
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A")
        await pause_session(world.db, world.live, terms.session_id, ground="platform_security")
        await world.committed(terms.session_id, 3)
        await (await world.live.nodes.client(SHARD)).flushall()
        await eventually(lambda: world.epoch_above(epoch))
        view = await world.view(terms.session_id)
        refused = await eventually(lambda: _refusal(world, terms))

    assert (view.phase, refused) == ("stopped", "stopped")
    await world.fetch("UPDATE bidding.session SET phase = 'withdrawn' WHERE session_id = $1", terms.session_id)
    with pytest.raises(SessionOver):
        await pause_session(world.db, world.live, terms.session_id, ground="platform_fault")


async def test_rebuild_is_reported_in_every_room_of_the_shard(world: World) -> None:
    """A rebuild pauses two rooms; each pause is one event, one incident and one report in one transaction (bid-core 12)."""
    async with world.committer():
        epoch = await world.owned()
        first, second = await world.open("A"), await world.open("A")
        await ask_rebuild(world.db, first.session_id)
        await eventually(lambda: world.epoch_above(epoch))
        for terms in (first, second):
            await world.committed(terms.session_id, 3)
        found = await world.fetch(SAME_STEP)
        about = {row["session_id"] for row in await world.fetch("SELECT session_id FROM bidding.court_report")}

    assert [tuple(row) for row in found] == [("rebuild", "stopped", True)] * 2
    assert about == {first.session_id, second.session_id}


async def test_stall_of_a_shard_is_reported_though_its_owner_died(world: World) -> None:
    """An owner that stalled the shard and died before it said so: the next one reports it, once, in each open room (bid-core 10)."""
    async with world.committer():
        epoch = await world.owned()
        open_room = await world.open("A")
        over = await world.open("A")
        await world.settled(open_room)
    await world.fetch("UPDATE bidding.session SET phase = 'withdrawn' WHERE session_id = $1", over.session_id)
    token = (await world.fetch("SELECT token FROM bidding.shard_owner"))[0]["token"]
    await stall_shard(world.live, SHARD, epoch=epoch, token=token)
    reports = []
    for _ in range(2):
        async with world.committer():
            epoch = await eventually(lambda epoch=epoch: world.epoch_above(epoch))  # type: ignore[misc] # bound at once
            reports = await eventually(
                lambda: world.fetch(
                    "SELECT r.session_id FROM bidding.court_report AS r JOIN bidding.incident USING (incident_id) "
                    "WHERE kind = 'clock'"
                )
            )

    assert [row["session_id"] for row in reports] == [open_room.session_id]


async def test_late_decision_and_shard_wide_trouble_reach_the_court(world: World) -> None:
    """Whoever stores an incident has reported it: the database does, for one session or for all open ones of the shard."""
    async with world.committer():
        await world.owned()
        first, second = await world.open("A"), await world.open("A")
    for session_id, kind in ((first.session_id, "late_decision"), (None, "entry_malformed")):
        await world.fetch(
            "INSERT INTO bidding.incident (incident_id, shard, session_id, kind, facts) VALUES ($1, 0, $2, $3, '{}')",
            new_id(),
            session_id,
            kind,
        )
    found = await world.fetch(
        "SELECT kind, r.session_id FROM bidding.court_report AS r JOIN bidding.incident USING (incident_id)"
    )

    assert sorted((row["kind"], row["session_id"]) for row in found) == sorted(
        [
            ("late_decision", first.session_id),
            ("entry_malformed", first.session_id),
            ("entry_malformed", second.session_id),
        ]
    )


async def _refusal(world: World, terms: object) -> str:
    decision = await world.bid(terms, "A", 1)  # type: ignore[arg-type] # terms of the world
    return "" if decision.transient else str(decision.reason)
