"""The gateway on real servers: admission, answers after the commit, replay, replacement, faults of clients."""

from __future__ import annotations

import asyncio

from bidding.rooms.wire import Events, Snapshot
from tests.bidding.journal.world import World
from tests.bidding.rooms.house import RunningGateway, enter


async def test_bid_is_answered_and_shown_to_everybody(house: World, gateway: RunningGateway) -> None:
    """An accepted bid is answered to its bidder and shown to all, without its id or its sender's identity."""
    terms = await house.open("A", "B")
    async with await enter(gateway, terms, "A") as a, await enter(gateway, terms, "B") as b:
        bid_id = await a.bid(0)
        answer = await a.answer(bid_id)
        shown = await b.until(Events, lambda message: message.view.price_fen > 0)

    assert (True, "", 4) == (answer.accepted, answer.code, answer.n)
    assert [(4, "A", 1_000_000)] == [(e.n, e.code, e.price_fen) for e in shown.events]
    assert ("A", 1_010_000) == (shown.view.leader, shown.view.floor_fen)
    assert isinstance(b.seen[0], Snapshot)
    assert [1, 2, 3] == [event.n for event in b.seen[0].log]
    await asyncio.sleep(0)
