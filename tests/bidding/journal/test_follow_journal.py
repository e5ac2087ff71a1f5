"""Followers get each event once, in order, whatever messages are lost (bid-core 6, 19)."""

from __future__ import annotations

import asyncio

from auction.kernel.endings import end_all
from bidding.journal.ask_rebuild import ask_rebuild
from bidding.journal.committed import Committed, LotCommit, encode_committed
from bidding.journal.follow_journal import Follower, News, current_epoch, session_of_lot
from bidding.live.keys import channel
from bidding.live.stop_session import wake_room
from tests.bidding.journal.world import SHARD, World, eventually


class Listener:
    """Collects what a follower delivers."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    async def deliver(self, news: News) -> None:
        self.numbers += [event.seq for event in news.events]


async def test_gap_is_fetched_from_postgres(world: World) -> None:
    """A message that tells of a number without its events makes the follower fetch them; none comes twice."""
    listener = Listener()
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        follower = Follower(world.db, world.live, SHARD, listener.deliver)
        following = asyncio.create_task(follower.run())
        await eventually(lambda: _true(not follower.is_stale))
        follower.follow(terms.session_id, terms.lot_id, after=1)
        client = await world.live.nodes.client(SHARD)
        lot = LotCommit(lot_id=terms.lot_id, session_id=terms.session_id, sequence=3)
        message = encode_committed(Committed(shard=0, epoch=1, lots=(lot,)))
        for payload in (message, b"rubbish", message):
            await client.execute_command("SPUBLISH", channel(SHARD), payload)
        for steps in range(10):
            await world.bid(terms, "AB"[steps % 2], steps)
        await eventually(lambda: _true(follower.known(terms.session_id) == 13))
        await end_all([following])

    assert listener.numbers == list(range(2, 14))


async def test_follower_hears_through_the_loss_of_redis(world: World) -> None:
    """After FLUSHALL and the death of all its connections a follower gets what came meanwhile, and the new epoch."""
    listener = Listener()
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A", "B")
        follower = Follower(world.db, world.live, SHARD, listener.deliver)
        follower.follow(terms.session_id, terms.lot_id, after=0)
        following = asyncio.create_task(follower.run())
        await eventually(lambda: _true(follower.known(terms.session_id) == 3))
        client = await world.live.nodes.client(SHARD)
        await client.flushall()
        await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await eventually(lambda: _true(follower.epoch > epoch))
        await eventually(lambda: _true(follower.known(terms.session_id) >= 4))
        await end_all([following])

    assert listener.numbers == list(range(1, len(listener.numbers) + 1))


async def test_silence_is_told(world: World) -> None:
    """Without an owner the follower is stale; with one it is not, even when nobody bids (bid-core 6)."""
    listener = Listener()
    follower = Follower(world.db, world.live, SHARD, listener.deliver)
    following = asyncio.create_task(follower.run())
    assert follower.is_stale
    async with world.committer():
        await eventually(lambda: _true(not follower.is_stale))
    await eventually(lambda: _true(follower.is_stale))
    await end_all([following])


async def test_person_has_a_room_rebuilt(world: World) -> None:
    """A person's order rebuilds the rooms in a new epoch; the clock runs again from the first admission (bid-core 12)."""
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A", "B")
        await world.bid(terms, "A", 1)
        await world.committed(terms.session_id, 4)
        await ask_rebuild(world.db, terms.session_id)
        await eventually(lambda: world.epoch_above(epoch + 1))
        paused = await world.committed(terms.session_id, 5)
        fresh = await current_epoch(world.db, SHARD)
        await wake_room(world.live, epoch=fresh, lot_id=terms.lot_id)
        awake = await world.committed(terms.session_id, 6)
        assert (await world.bid(terms, "B", 2)).accepted
        view = await world.committed(terms.session_id, 7)

    assert (paused.phase, awake.phase, view.leader) == ("stopped", "running", "B")
    assert await session_of_lot(world.db, terms.lot_id) == terms.session_id


async def _true(answer: bool) -> bool:
    return answer
