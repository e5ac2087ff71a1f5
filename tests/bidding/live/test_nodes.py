"""Servers behind the shards: a cluster is reached by plain clients, each call on the node of its shard (bid-core 22)."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from auction.kernel.errors import Unavailable
from auction.kernel.stamp import Stamp
from bidding.live.admit_bidder import admit_bidder
from bidding.live.keys import Shard
from bidding.live.library import Live, movable
from bidding.live.move_clock import freeze_clock
from bidding.live.nodes import Nodes, plain_client
from bidding.live.open_session import open_session
from bidding.live.own_shard import Watermark, found_shard, publish_committed, release_shard, stall_shard
from bidding.live.place_bid import BidCaller
from bidding.live.read_room import read_room
from tests.bidding.live.server import TOKEN
from tests.bidding.rules.samples import START_FEN, UNLIMITED, T, admission, bid, terms
from web.running.embedded_valkey import bundled_valkey

SHARDS = 3
WAIT_S = 10.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def cluster_port(short_dir: Path) -> Iterator[int]:
    """A cluster of one node that owns no slot yet."""
    port, bus = _free_port(), _free_port()
    command = [
        str(bundled_valkey().program), "--bind", "127.0.0.1", "--port", str(port), "--cluster-enabled", "yes",
        "--cluster-port", str(bus), "--save", "", "--dir", str(short_dir),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(WAIT_S)


def _form_cluster(port: int) -> None:
    """Give the node all slots and wait until it serves them."""
    deadline = time.monotonic() + WAIT_S
    with redis.Redis(port=port) as client:
        while time.monotonic() < deadline:
            try:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            except redis.exceptions.ResponseError:
                break  # The slots are taken: done before.
            except redis.exceptions.ConnectionError:
                continue
        while time.monotonic() < deadline:
            if client.cluster("INFO")["cluster_state"] == "ok":
                return
    pytest.fail("the cluster did not form")


async def test_rooms_of_all_shards_live_on_a_cluster(cluster_port: int) -> None:
    """Every function keeps to the slot of its shard; none declares a key that lies elsewhere."""
    _form_cluster(cluster_port)
    live = Live(Nodes(f"redis://127.0.0.1:{cluster_port}", cluster=True), movable(), shards=SHARDS, stamp=Stamp.TEST)
    caller = BidCaller(live)
    await freeze_clock(live, at_us=T)
    for number in range(SHARDS):
        await found_shard(live, Shard(number), epoch=1, token=TOKEN)

    for number in range(2 * SHARDS):
        one = terms(UNLIMITED, lot=f"lot {number}")
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
    await caller.close()
    await live.nodes.close()


async def test_plain_client_never_repeats_a_call(redis_url: str) -> None:
    """No retry is hidden on this path."""
    client = plain_client(redis_url)

    retry = client.connection_pool.connection_kwargs["retry"]
    await client.aclose()

    assert retry.get_retries() == 0


async def test_server_that_cannot_serve_now_did_nothing(redis_url: str) -> None:
    """A replica, or a node without its primary, refuses: the caller knows that nothing happened."""
    nodes = Nodes(redis_url)
    live = Live(nodes, movable(), shards=1, stamp=Stamp.TEST)
    await found_shard(live, Shard(0), epoch=1, token=TOKEN)
    client = await nodes.client(Shard(0))
    await client.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(Unavailable):
            await found_shard(live, Shard(0), epoch=2, token=TOKEN)
    finally:
        await client.replicaof("NO", "ONE")
        await nodes.close()
