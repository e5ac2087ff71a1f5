"""A bid counts when PostgreSQL has committed it, and nobody sees it earlier (D1, bid-core 1-8)."""

from __future__ import annotations

import asyncio

from auction.kernel.endings import end_all
from auction.kernel.ids import SessionId
from bidding.journal.close_session import close_session
from bidding.journal.committed import Committed, receipts_in
from bidding.journal.follow_journal import Follower, News, events_after
from bidding.journal.receipts import check_receipt
from bidding.live.move_clock import move_clock
from bidding.rules.session import BidAccepted, Closed
from tests.bidding.journal.world import KEY, MINUTE_US, SHARD, START_FEN, STEP_FEN, World, eventually


async def test_bids_are_committed_in_order_and_shown(world: World) -> None:
    """Accepted bids reach the journal in the room's order, and the view shows the last one."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        for steps in range(5):
            assert (await world.bid(terms, "AB"[steps % 2], steps)).accepted
        view = await world.committed(terms.session_id, 8)

    assert (view.price_fen, view.leader, view.bid_count) == (START_FEN + 4 * STEP_FEN, "A", 5)
    assert view.floor_fen == START_FEN + 5 * STEP_FEN
    assert [bid.sequence for bid in view.bids] == [8, 7, 6, 5, 4]
    assert [event.seq for event in await events_after(world.db, terms.session_id, 3)] == [4, 5, 6, 7, 8]


async def test_nothing_is_published_before_its_commit(world: World) -> None:
    """Every message of the channel tells only of events that PostgreSQL has (D1, bid-core 6)."""
    early: list[int] = []
    heard: list[Committed] = []

    async def deliver(news: News) -> None:
        known = await world.view(SessionId(news.session_id))
        if known.sequence < news.sequence:
            early.append(news.sequence)

    async def hear(message: Committed) -> None:
        heard.append(message)

    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        follower = Follower(world.db, world.live, SHARD, deliver, hear=hear)
        follower.follow(terms.session_id, terms.lot_id, after=0)
        following = asyncio.create_task(follower.run())
        for steps in range(20):
            await world.bid(terms, "AB"[steps % 2], steps)
        await eventually(lambda: _is(follower.known(terms.session_id) == 23))
        await end_all([following])

    assert early == []
    receipts = [receipt for message in heard for receipt in receipts_in(message)]
    assert receipts
    assert {check_receipt(receipt, {KEY.key_id: KEY.public}) for receipt in receipts} == {"good"}


async def test_end_passes_and_the_outcome_is_written_once(world: World) -> None:
    """The owner's timer has the room closed, and the close is worked up once (bid-core 13)."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        await world.bid(terms, "A", 3)
        await world.settled(terms)
        await move_clock(world.live, offset_us=61 * MINUTE_US)
        view = await world.committed(terms.session_id, 5)

    events = await events_after(world.db, terms.session_id, 3)
    first = await close_session(world.db, terms.session_id)
    second = await close_session(world.db, terms.session_id)
    jobs = await world.fetch("SELECT kind FROM kernel.job ORDER BY kind")

    assert view.phase == "closed"
    assert [type(event) for event in events] == [BidAccepted, Closed]
    assert first == second
    assert first is not None
    assert (first.result, first.hammer_price_fen, first.buyer_code) == ("sold", START_FEN + 3 * STEP_FEN, "A")
    assert [job["kind"] for job in jobs] == ["bidding.close_session", "sale.record_outcome"]


async def _is(answer: bool) -> bool:
    return answer
