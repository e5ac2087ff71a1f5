"""Many bidders, many lots, several shards: one journal each, gapless and agreed; and what the start refuses (bid-core 1)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from functools import partial

import asyncpg
import pytest

from auction.kernel.db import Database
from auction.kernel.errors import SettingInvalid
from auction.kernel.ids import new_id
from bidding.journal.committer_process import run_committer
from bidding.journal.follow_journal import events_after
from bidding.journal.replay import beginning, confirm_all
from bidding.live.decision import Decision
from bidding.live.keys import Shard
from bidding.live.read_room import read_shard
from bidding.rules.session import BidAccepted, BidderCode, BidId, PlaceBid, SessionTerms
from tests.bidding.journal.world import KEY, START_FEN, STEP_FEN, World, eventually

PEOPLE = [f"P{number}" for number in range(12)]
SEED = 20261121


@pytest.fixture
async def wide_world(database: Database, database_url: str, redis_url: str) -> AsyncIterator[World]:
    """A house of three shards without a running committer."""
    opened = World(database, database_url, redis_url, shards=3)
    try:
        yield opened
    finally:
        await opened.close()


async def _storm(world: World, terms: SessionTerms, rng: random.Random) -> list[Decision]:
    """Bid 200 times at once, many of them too low."""
    head = await read_shard(world.live, world.live.shard_of(terms.lot_id))
    assert head is not None
    bids = [
        PlaceBid(
            bid_id=BidId(str(new_id())),
            code=BidderCode(rng.choice(PEOPLE)),
            amount_fen=START_FEN + rng.randrange(1, 150) * STEP_FEN,
        )
        for _ in range(200)
    ]
    placed = (world.caller.place(epoch=head.epoch, lot_id=terms.lot_id, bid=bid) for bid in bids)
    return list(await asyncio.gather(*placed))


async def test_storm_on_many_lots_leaves_agreed_journals(wide_world: World) -> None:
    """Each lot's journal has every accepted bid once, in order, and the rule book decides it the same again."""
    world, rng = wide_world, random.Random(SEED)
    async with world.committer():
        for number in range(3):
            await eventually(partial(read_shard, world.live, Shard(number)))
        lots = [await world.open(*PEOPLE) for _ in range(6)]
        answers = await asyncio.gather(*(_storm(world, terms, rng) for terms in lots))
        for terms, decisions in zip(lots, answers, strict=True):
            await world.committed(terms.session_id, max(decision.sequence for decision in decisions))

    for terms, decisions in zip(lots, answers, strict=True):
        events = await events_after(world.db, terms.session_id, 0)
        rows = await world.fetch(
            "SELECT body, digest FROM bidding.journal_event WHERE session_id = $1 ORDER BY sequence", terms.session_id
        )
        replayed = confirm_all(beginning(terms.session_id), [row["body"] for row in rows])
        accepted = sorted(one.sequence for one in decisions if one.accepted)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert [event.seq for event in events if isinstance(event, BidAccepted)] == accepted
        assert replayed.digest == rows[-1]["digest"]
        assert replayed.state is not None
        assert replayed.state.price_fen == (await world.view(terms.session_id)).price_fen


async def test_refusals_are_listed_outside_the_numbering(wide_world: World) -> None:
    """Refused bids are stored with their reason and the number they rest on, and take no number (bid-core 15)."""
    world = wide_world
    async with world.committer():
        await eventually(lambda: read_shard(world.live, Shard(2)))
        terms = await world.open("A", "B")
        head = await read_shard(world.live, world.live.shard_of(terms.lot_id))
        assert head is not None
        for code, amount in (("A", START_FEN), ("B", START_FEN), ("B", START_FEN + 1), ("A", START_FEN + STEP_FEN)):
            bid = PlaceBid(bid_id=BidId(str(new_id())), code=BidderCode(code), amount_fen=amount)
            await world.caller.place(epoch=head.epoch, lot_id=terms.lot_id, bid=bid)
        query = "SELECT reason, depends_on FROM bidding.refusal ORDER BY epoch, shard_seq"
        rows = await eventually(lambda: _three(world, query))

    assert [(row["reason"], row["depends_on"]) for row in rows] == [
        ("not_higher", 4),
        ("off_ladder", 0),
        ("own_lead", 4),
    ]
    assert (await world.view(terms.session_id)).sequence == 4


async def test_start_refuses_servers_that_may_lose_what_is_committed(wide_world: World) -> None:
    """A committer that must be durable does not start on a PostgreSQL that does not sync (bid-core 1)."""
    world = wide_world
    durable = await world.fetch("SELECT current_setting('fsync') = 'on' AS durable")
    if durable[0]["durable"]:
        pytest.skip("these servers sync")
    with pytest.raises(SettingInvalid, match="fsync"):
        await run_committer(dsn=world.dsn, live=world.live, key=KEY, shards=[0], stop=asyncio.Event(), durable=True)


async def _three(world: World, query: str) -> list[asyncpg.Record]:
    rows = await world.fetch(query)
    return list(rows) if len(rows) == 3 else []
