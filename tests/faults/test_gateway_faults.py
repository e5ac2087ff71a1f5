"""Gateways through the death of what they stand on: nothing acknowledged is lost, nothing is missed (bid-core 20, 25)."""

from __future__ import annotations

import os
import signal

from bidding.rooms.wire import Close, Hello
from tests.bidding.journal.world import World
from tests.bidding.rooms.house import enter, knock, running_gateway, ticket_for
from web.running.embedded_postgres import EmbeddedPostgres
from web.running.embedded_valkey import EmbeddedValkey


def _kill(server: EmbeddedPostgres | EmbeddedValkey) -> None:
    """Kill a server of the test's own; its supervisor starts it again."""
    pid = getattr(server, "pid", None)
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)


async def test_postgres_dies_with_bids_under_way(own_world: World, private_postgres: EmbeddedPostgres) -> None:
    """Bids that were sent into the outage are answered afterwards, once each, and the page misses no event."""
    world = own_world
    async with world.committer(), running_gateway(world) as running:
        await world.owned()
        terms = await world.open("A", "B")
        async with await enter(running, terms, "A") as a, await enter(running, terms, "B") as b:
            await a.answer(await a.bid(0))
            _kill(private_postgres)
            first = await b.bid(1)
            answer = await b.answer(first)
            second = await a.answer(await a.bid(2))
            await b.until_n(second.n)

    assert answer.accepted
    assert second.accepted
    assert list(range(1, second.n + 1)) == sorted(b.log)
    assert [] == b.repeated


async def test_redis_dies_with_a_page_in_the_room(own_world: World, private_valkey: EmbeddedValkey) -> None:
    """A gateway whose Redis is killed keeps its pages, and they bid again once it is back."""
    world = own_world
    async with world.committer(), running_gateway(world) as running:
        await world.owned()
        terms = await world.open("A", "B")
        async with await enter(running, terms, "A") as a, await enter(running, terms, "B") as b:
            first = await a.bid(0)
            await a.answer(first)
            _kill(private_valkey)
            bid_id = await b.bid(1)
            answer = await b.answer(bid_id)
            while not answer.accepted:
                assert answer.code in {"stopped", "room_missing", "room_rebuilding", "room_stalled"}
                answer = await b.answer(await b.bid(1))
            await a.bid(0, bid_id=first)
            again = await a.answer(first)
            await a.until_n(answer.n)

    assert (True, True) == (again.accepted, again.repeated)
    assert list(range(1, answer.n + 1)) == sorted(a.log)
    assert [] == a.repeated


async def test_gateway_starts_while_its_servers_are_away(own_world: World, private_postgres: EmbeddedPostgres) -> None:
    """A gateway that starts without PostgreSQL tells pages to come back later, and admits them once it is there."""
    world = own_world
    async with world.committer():
        await world.owned()
        terms = await world.open("A")
    await private_postgres.stop()
    async with running_gateway(world) as running:
        code = await knock(running, Hello(lot_id=terms.lot_id, ticket=ticket_for(terms, "A")))
        await private_postgres.start()
        async with world.committer(), await enter(running, terms, "A") as a:
            await a.until_live()
            assert (await a.answer(await a.bid(0))).accepted

    assert Close.SERVICES_AWAY == code
