"""A server that was primary, became a replica of one that lagged, and is promoted again: it decides nothing on what it was given."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from auction.kernel.ids import LotId
from auction.kernel.stamp import Stamp
from bidding.live.admit_bidder import admit_bidder
from bidding.live.decision import Decision
from bidding.live.library import Live, movable
from bidding.live.move_clock import freeze_clock
from bidding.live.nodes import Nodes
from bidding.live.open_session import open_session
from bidding.live.own_shard import adopt_shard, found_shard
from bidding.live.place_bid import BidCaller
from bidding.rules.reasons import Code
from tests.bidding.live.server import SHARD
from tests.bidding.rules.samples import START_FEN, STEP_FEN, UNLIMITED, T, admission, bid, terms
from web.running.embedded_valkey import bundled_valkey
from web.running.processes import end, poll_async, spawn

HOST = "127.0.0.1"
WAIT_S = 10.0


@asynccontextmanager
async def plain_server(folder: Path, name: str) -> AsyncIterator[int]:
    """A server of its own, and its port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    (folder / name).mkdir()
    program = [str(bundled_valkey().program), "--port", str(port), "--bind", HOST, "--dir", str(folder / name)]
    settings = ["--save", "", "--repl-diskless-sync-delay", "0"]
    process = await spawn([*program, *settings], log=folder / f"{name}.log", death_signal=signal.SIGKILL)
    client = Redis(host=HOST, port=port)

    async def answers() -> bool:
        try:
            return bool(await client.ping())
        except (RedisError, OSError):
            return False

    try:
        assert await poll_async(answers, WAIT_S)
        yield port
    finally:
        await client.aclose()
        await end(process, [], grace_s=1)


async def follow(replica: int, primary: int) -> None:
    """Make one server the replica of another and wait until it has everything."""
    client = Redis(host=HOST, port=replica)
    await client.execute_command("REPLICAOF", HOST, str(primary))

    async def is_up() -> bool:
        return (await client.info("replication")).get("master_link_status") == "up"

    assert await poll_async(is_up, WAIT_S)
    await client.aclose()


async def promote(port: int) -> None:
    """Make a replica a primary."""
    client = Redis(host=HOST, port=port)
    await client.execute_command("REPLICAOF", "NO", "ONE")
    await client.aclose()


async def test_primary_again_decides_nothing_until_an_owner_begins(tmp_path: Path) -> None:
    """bid-core 3: A's last bid was told and is not in B; A is given B's state and promoted before any owner looked."""
    async with plain_server(tmp_path, "a") as a, plain_server(tmp_path, "b") as b:
        live = Live(Nodes(f"redis://{HOST}:{a}"), movable(), shards=1, stamp=Stamp.TEST)
        caller = BidCaller(live)
        lot = await _room(live)
        assert (await _bid(caller, lot, "A", 0)).accepted
        await follow(b, a)
        await promote(b)
        assert (await _bid(caller, lot, "B", 1)).accepted
        await follow(a, b)
        await promote(a)

        refused = await _bid(caller, lot, "A", 2)
        await adopt_shard(live, SHARD, epoch=2, token="next")
        again = await caller.place(epoch=2, lot_id=lot, bid=bid("B", START_FEN + STEP_FEN, number=9))
        await live.nodes.close()

    assert refused.reason is Code.ROOM_REBUILDING
    assert again.accepted


async def _room(live: Live) -> LotId:
    await freeze_clock(live, at_us=T)
    await found_shard(live, SHARD, epoch=1, token="first")
    one = terms(UNLIMITED)
    assert (await open_session(live, epoch=1, terms=one)).accepted
    for code in "AB":
        assert (await admit_bidder(live, epoch=1, lot_id=one.lot_id, admission=admission(code, 0))).accepted
    return one.lot_id


async def _bid(caller: BidCaller, lot: LotId, code: str, steps: int) -> Decision:
    for _ in range(20):  # the line of before the change of roles is dead, and is not repeated behind our back
        try:
            one = bid(code, START_FEN + steps * STEP_FEN, number=steps)
            return await caller.place(epoch=1, lot_id=lot, bid=one)
        except Exception:  # noqa: BLE001 - whatever a line says that breaks
            await asyncio.sleep(0.1)
    raise AssertionError("the server does not answer")
