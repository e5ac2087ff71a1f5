"""A cluster of three primaries with replicas: lots on all of them, primaries killed and woken under load (bid-core 22)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

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
from loadtests.own_cluster import OwnCluster, own_cluster
from tests import servers
from tests.bidding.live.server import TOKEN
from tests.bidding.rules.samples import START_FEN, UNLIMITED, T, admission, bid, terms

SHARDS = 4
"""Their hash tags lie on all three primaries."""


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


async def test_cluster_is_found_from_one_node_that_answers(cluster: OwnCluster) -> None:
    """Whoever was told of some nodes only finds the others; nodes that are gone are no reason to give up."""
    some = cluster.nodes[-1]
    nodes = Nodes(f"redis+cluster://127.0.0.1:1,127.0.0.1:{some.port}")

    found = await _ports(nodes)
    everybody = [_port_of(client) for client in await nodes.primaries()]
    await nodes.close()

    assert set(everybody) == {node.port for node in cluster.nodes[:3]}
    assert set(found) <= set(everybody)
