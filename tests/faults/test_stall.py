"""A stall stops the clock: nothing closes while bids cannot be committed (bid-core 10, 11)."""

from __future__ import annotations

from bidding.journal.follow_journal import events_after
from bidding.live.move_clock import move_clock
from bidding.rules.session import ClockChanged
from tests.bidding.journal.world import MINUTE_US, World
from tests.faults.test_court_reports import SAME_STEP
from web.running.embedded_postgres import EmbeddedPostgres


async def test_postgres_away_for_six_minutes_across_the_end(
    own_world: World, private_postgres: EmbeddedPostgres
) -> None:
    """A bid that could not be committed stops the clock: afterwards five minutes remain, as a reported event (网拍 28)."""
    world = own_world
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B", terms=await world.terms(minutes=20))
        await world.bid(terms, "A", 1)
        await world.committed(terms.session_id, 4)
        await world.settled(terms)
        await move_clock(world.live, offset_us=18 * MINUTE_US)
        await private_postgres.stop()
        waiting = await world.bid(terms, "B", 2)
        await move_clock(world.live, offset_us=24 * MINUTE_US)
        stalled = await world.bid(terms, "A", 3)
        await private_postgres.start()
        view = await world.committed_in_spite_of(terms.session_id, 6, within_s=15)
        events = await events_after(world.db, terms.session_id, 5)
        incidents = await world.fetch("SELECT kind FROM bidding.incident")
        reports = await world.fetch(SAME_STEP)
        last = await world.bid(terms, "A", 3)

    assert waiting.accepted
    assert stalled.reason == "room_stalled"
    assert [type(event) for event in events] == [ClockChanged]
    assert view.end_us - events[0].at_us >= 5 * MINUTE_US
    assert (view.phase, view.leader) == ("running", "B")
    assert [row["kind"] for row in incidents] == ["stall"]
    assert [tuple(row) for row in reports] == [("stall", "clock_changed", True)]
    assert last.accepted
