"""The competition of a sell-off in the real room: committed, and the same after the rooms were lost."""

from __future__ import annotations

from bidding.journal.follow_journal import events_after
from bidding.live.stop_session import wake_room
from bidding.rules.session import BidAccepted, Resumed
from tests.bidding.journal.world import SHARD, World, eventually
from tests.bidding.rules.samples import HOUR, SELL_OFF

SIXTY_DAYS_MIN = 60 * 24 * 60


async def test_first_bid_after_a_rebuild_still_opens_the_competition(world: World) -> None:
    """A room of a sell-off that was rebuilt before its first bid ends 24 hours after that bid (变卖衔接 6)."""
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A", "B", terms=await world.terms(rules=SELL_OFF, minutes=SIXTY_DAYS_MIN))
        await (await world.live.nodes.client(SHARD)).flushall()
        above = await eventually(lambda: world.epoch_above(epoch))
        paused = await world.committed(terms.session_id, 4)
        await wake_room(world.live, epoch=above, lot_id=terms.lot_id)
        first = await world.bid(terms, "A", 0)
        second = await world.bid(terms, "B", 1)
        view = await world.committed(terms.session_id, second.sequence)

    events = await events_after(world.db, terms.session_id, 0)
    bids = [event for event in events if isinstance(event, BidAccepted)]
    assert paused.phase == "stopped"
    assert isinstance(events[4], Resumed)
    assert (first.accepted, second.accepted) == (True, True)
    assert view.end_us == bids[0].end_us == bids[0].at_us + 24 * HOUR
    assert bids[1].end_us == bids[0].end_us
