"""A cluster of three primaries with replicas: lots on all of them, primaries killed and woken under load (bid-core 22)."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis

from auction.kernel.db import Database
from auction.kernel.ids import LotId, new_id
from auction.kernel.stamp import Stamp
from bidding.live.admit_bidder import admit_bidder
from bidding.live.keys import Shard, shard_key
from bidding.live.library import Live, movable
from bidding.live.move_clock import freeze_clock
from bidding.live.nodes import Nodes
from bidding.live.open_session import open_session
from bidding.live.own_shard import Watermark, found_shard, publish_committed, release_shard, stall_shard
from bidding.live.place_bid import BidCaller
from bidding.live.read_room import read_room, read_shard
from bidding.live.slots import slot_of
from bidding.rules.session import SessionTerms
from loadtests.own_cluster import Node, OwnCluster, own_cluster
from tests import servers
from tests.bidding.journal.world import World, eventually
from tests.bidding.live.server import TOKEN
from tests.bidding.rooms.house import Client, enter, running_gateway
from tests.bidding.rules.samples import START_FEN, UNLIMITED, T, admission, bid, terms

SHARDS = 4
"""Their hash tags lie on all three primaries."""
BACK_S = 10.0
BEATS_S = 0.4
"""How long bids go on undisturbed, before a blow and after it."""


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[OwnCluster]:
    """A cluster of the test's own, that it may kill in part."""
    async with own_cluster(tmp_path, binary=servers.chosen_redis()) as running:
        yield running


def _port_of(client: Redis) -> int:
    return int(client.connection_pool.connection_kwargs["port"])


async def _ports(nodes: Nodes) -> list[int]:
    return [_port_of(await nodes.client(Shard(number))) for number in range(SHARDS)]


async def test_rooms_of_all_shards_live_on_all_primaries(cluster: OwnCluster) -> None:
    """Every function keeps to the slot of its shard; calls follow a slot that moves; a node without the library is given it."""
    live = Live(Nodes(cluster.url), movable(), shards=SHARDS, stamp=Stamp.TEST)
    caller = BidCaller(live)
    await freeze_clock(live, at_us=T)
    for number in range(SHARDS):
        await found_shard(live, Shard(number), epoch=1, token=TOKEN)
    for number in range(2 * SHARDS):
        await _play(live, caller, f"lot {number}")

    assert len(set(await _ports(live.nodes))) == 3
    await _find_from_one_node(cluster)
    await _follow_a_slot(cluster, live)
    await caller.close()
    await live.nodes.close()


async def _play(live: Live, caller: BidCaller, lot: str) -> None:
    """Open a room, bid, commit, stall and release; what the room then knows is right."""
    one = terms(UNLIMITED, lot=lot)
    shard = live.shard_of(one.lot_id)
    await open_session(live, epoch=1, terms=one)
    await admit_bidder(live, epoch=1, lot_id=one.lot_id, admission=admission("A"))
    assert (await caller.place(epoch=1, lot_id=one.lot_id, bid=bid("A", START_FEN))).accepted
    marks = [Watermark(one.lot_id, 3)]
    assert await publish_committed(live, shard, epoch=1, token=TOKEN, watermarks=marks, payload=b"x") == []
    await stall_shard(live, shard, epoch=1, token=TOKEN)
    await release_shard(live, shard, epoch=1, token=TOKEN)
    room = await read_room(live, one.lot_id)
    assert room is not None
    assert (room.committed, room.state.price_fen) == (3, START_FEN)


async def _follow_a_slot(cluster: OwnCluster, live: Live) -> None:
    """Move the slot of shard 0 to another primary, by hand, and read the shard at each step."""
    source, target = await live.nodes.client(Shard(0)), await live.nodes.client(Shard(1))
    assert source is not target
    slot = slot_of(shard_key(Shard(0)))
    for one, other, step in ((target, source, "IMPORTING"), (source, target, "MIGRATING")):
        identity = (await other.execute_command("CLUSTER", "MYID")).decode()
        await one.execute_command("CLUSTER", "SETSLOT", slot, step, identity)
    keys = await source.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100)
    await source.execute_command("MIGRATE", "127.0.0.1", _port_of(target), "", 0, 5_000, "KEYS", *keys)
    await target.function_flush()
    asked = await read_shard(live, Shard(0))

    assert await live.nodes.client(Shard(0)) is source
    assert asked is not None
    assert asked.epoch == 1
    new_owner = (await target.execute_command("CLUSTER", "MYID")).decode()
    for one in (target, source):
        await one.execute_command("CLUSTER", "SETSLOT", slot, "NODE", new_owner)
    assert await read_shard(live, Shard(0)) is not None
    assert await live.nodes.client(Shard(0)) is target


async def _find_from_one_node(cluster: OwnCluster) -> None:
    """Whoever was told of some nodes only finds the others; nodes that are gone are no reason to give up."""
    nodes = Nodes(f"redis+cluster://127.0.0.1:1,127.0.0.1:{cluster.nodes[-1].port}")
    found = await _ports(nodes)
    everybody = [_port_of(client) for client in await nodes.primaries()]
    await nodes.close()

    assert set(found) == set(everybody) == {node.port for node in cluster.nodes if await node.role() == "master"}


class Pair:
    """Two bidders of one lot, at two gateways, who outbid each other; each waits for his answer."""

    def __init__(self, terms: SessionTerms, shard: Shard, clients: tuple[Client, Client]) -> None:
        self.terms = terms
        self.shard = shard
        self.clients = clients
        self.accepted: dict[str, int] = {}
        """Numbers of acknowledged bids, by their ids."""
        self.answered_s = 0.0
        """When the last bid was acknowledged that was sent after the last blow."""

    async def bid_until(self, stop: asyncio.Event) -> None:
        """Bid until told to stop: again under the same id where nothing was decided, under a new one where it was refused."""
        steps, bid_id = 0, ""
        while not stop.is_set():
            client, sent_s = self.clients[steps % 2], time.monotonic()
            bid_id = await client.bid(steps, bid_id=bid_id)
            answer = await client.answer(bid_id)
            if answer.accepted:
                self.accepted[bid_id] = answer.n
                self.answered_s = sent_s
                steps += 1
            else:
                assert not answer.final or answer.code == "stopped", answer
                await asyncio.sleep(0.02)
            if answer.final:
                bid_id = ""


class Bidding:
    """Bids under way on one lot of each shard of a cluster."""

    def __init__(self, world: World, cluster: OwnCluster, pairs: Sequence[Pair]) -> None:
        self.world = world
        self.cluster = cluster
        self.pairs = pairs

    async def primary_of(self, shard: Shard) -> Node:
        """The node that holds a shard now."""
        await self.world.live.nodes.refresh()
        port = _port_of(await self.world.live.nodes.client(shard))
        return next(node for node in self.cluster.nodes if node.port == port)

    async def back_s(self, shard: Shard, since_s: float) -> float:
        """Wait until a bid of the shard is acknowledged that was sent after an instant; give how long that took."""

        async def back() -> bool:
            return all(pair.answered_s > since_s for pair in self.pairs if pair.shard == shard)

        await eventually(back, BACK_S)
        return time.monotonic() - since_s

    async def check(self) -> None:
        """Every acknowledged bid is stored under its number, no number is missing, every page saw everything once."""
        for pair in self.pairs:
            rows = await self.world.fetch(
                "SELECT sequence, bid_id FROM bidding.journal_event WHERE session_id = $1 ORDER BY sequence",
                pair.terms.session_id,
            )
            stored = {str(row["bid_id"]): row["sequence"] for row in rows if row["bid_id"]}
            assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
            assert pair.accepted == {bid_id: stored.get(bid_id) for bid_id in pair.accepted}
            for client in pair.clients:
                await client.until_n(max(pair.accepted.values()))
                assert client.repeated == []
                assert sorted(client.log) == list(range(1, max(client.log) + 1))


@asynccontextmanager
async def bidding(cluster: OwnCluster, database: Database, url: str) -> AsyncIterator[Bidding]:
    """Bids through two gateways and a committer, on one lot of each shard, while the block runs; then all is compared."""
    world = World(database, url, cluster.url, shards=SHARDS)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(world.close)
        await stack.enter_async_context(world.committer())
        gateways = [await stack.enter_async_context(running_gateway(world)) for _ in range(2)]
        for number in range(SHARDS):
            await eventually(partial(read_shard, world.live, Shard(number)))
        pairs = []
        for number in range(SHARDS):
            terms = await world.open("A", "B", terms=await world.terms(lot=_lot_of(world.live, Shard(number))))
            a, b = [
                await stack.enter_async_context(await enter(gateway, terms, code))
                for gateway, code in zip(gateways, "AB", strict=True)
            ]
            pairs.append(Pair(terms, Shard(number), (a, b)))
        running, stop = Bidding(world, cluster, pairs), asyncio.Event()
        bidders = [asyncio.create_task(pair.bid_until(stop)) for pair in pairs]
        try:
            await asyncio.sleep(BEATS_S)
            yield running
            await asyncio.sleep(BEATS_S)
        finally:
            stop.set()
            await asyncio.gather(*bidders)
        await running.check()


def _lot_of(live: Live, shard: Shard) -> LotId:
    """A new lot that belongs to a shard."""
    return next(lot for _ in range(1_000) if live.shard_of(lot := LotId(new_id())) == shard)


async def test_killed_primary_is_replaced_under_load(
    cluster: OwnCluster, database: Database, database_url: str
) -> None:
    """Bids of its shards are acknowledged again in time, those of others go on, and no acknowledged bid is lost (bid-core 22, 25, 26)."""
    async with bidding(cluster, database, database_url) as running:
        victim = await running.primary_of(Shard(0))
        others = [pair.shard for pair in running.pairs if await running.primary_of(pair.shard) is not victim]
        victim.send(signal.SIGKILL)
        began = time.monotonic()
        undisturbed_s = max([await running.back_s(shard, began) for shard in others])
        took_s = await running.back_s(Shard(0), began)

    assert undisturbed_s < took_s < BACK_S


async def test_replica_that_lags_is_promoted_and_rebuilt(
    cluster: OwnCluster, database: Database, database_url: str
) -> None:
    """A promoted replica that lacks what was committed is found out; its rooms are rebuilt from the journal (bid-core 3, 22)."""
    async with bidding(cluster, database, database_url) as running:
        victim = await running.primary_of(Shard(0))
        (replica,) = [node for node in cluster.nodes if await node.follows() == victim.port]
        replica.send(signal.SIGSTOP)
        await victim.client.execute_command("CLIENT", "KILL", "TYPE", "replica")  # or it would find all in its socket
        await running.back_s(Shard(0), time.monotonic())
        victim.send(signal.SIGKILL)
        replica.send(signal.SIGCONT)
        await running.back_s(Shard(0), time.monotonic())
        rebuilt = await running.world.fetch("SELECT session_id FROM bidding.incident WHERE kind = 'rebuild'")

    assert running.pairs[0].terms.session_id in {row["session_id"] for row in rebuilt}
    assert await replica.role() == "master"


async def test_primary_that_wakes_up_changes_nothing(
    cluster: OwnCluster, database: Database, database_url: str
) -> None:
    """A primary that slept through its replacement still thinks that it is one; nobody is told anything by it (bid-core 22, 25)."""
    async with bidding(cluster, database, database_url) as running:
        sleeper = await running.primary_of(Shard(0))
        sleeper.send(signal.SIGSTOP)
        await running.back_s(Shard(0), time.monotonic())
        sleeper.send(signal.SIGCONT)

        async def is_replica() -> bool:
            return await sleeper.role() == "slave"

        await eventually(is_replica)
        await running.back_s(Shard(0), time.monotonic())
    assert await running.primary_of(Shard(0)) is not sleeper
