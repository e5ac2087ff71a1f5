"""What the house is compared with, in the same run, on the same servers: so that each figure is a ratio.

1. *Row lock*: the ordinary way. ``SELECT … FOR UPDATE`` on the lot, one insert, one update, one commit for each bid; 20
   connections, prepared statements, the durability of the house. `pgbench` drives the same statements as well where the
   server's programs have it, in turn with this driver, so that both meet the same machine; medians of `TURNS`, and the
   faster of the two counts. A driver below `FIT` of pgbench would flatter the house: the run says so.
2. *Bare function*: the same Redis function in full pipelines, with nobody who commits: what decides, without durability.
   It runs in another database of the same server; a lot that nobody commits stalls, so a fresh one begins each slice.
3. *Bare send*: ``send(2)`` of a frame of the same size into as many connected sockets, nothing else, from a process that stands
   where the gateway stands (`loadtests.bare_sender`); its receivers live in this driver, as the gateway's do.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from statistics import median
from typing import Final, NamedTuple

import asyncpg

from auction.kernel.ids import new_id
from bidding.live.admit_bidder import admit_call
from bidding.live.keys import clock_key, ids_key, lot_key, lots_key, shard_key, stream_key
from bidding.live.library import Call, Live
from bidding.live.nodes import Nodes
from bidding.live.open_session import open_session
from bidding.live.own_shard import found_shard
from bidding.live.place_bid import BATCH_LIMIT, bid_call
from bidding.rules.session import Admission, BidId, PlaceBid
from loadtests.house import SHARD, House
from loadtests.lot import STEP_FEN, Lot
from loadtests.lots import rooms_clock_us, terms_of
from loadtests.row_lock_line import open_line
from loadtests.undisturbed import undisturbed
from web.running.embedded_postgres import bundled_postgres

CONNECTIONS: Final = 20
TURNS: Final = 3
FIT: Final = 0.8
"""Least part of pgbench's rate that this driver must reach itself."""
OTHER_DATABASE: Final = 15
SLICE_S: Final = 0.5
"""Below the two seconds after which a lot stalls whose bids nobody commits (bid-core 11)."""
PGBENCH_S: Final = 30.0
TABLES: Final = """
CREATE SCHEMA IF NOT EXISTS loadtest;
CREATE TABLE IF NOT EXISTS loadtest.lot (
  id bigint PRIMARY KEY, price_fen bigint NOT NULL, leader text NOT NULL, bids bigint NOT NULL, end_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS loadtest.bid (
  lot bigint NOT NULL, n bigint NOT NULL, code text NOT NULL, amount_fen bigint NOT NULL, at timestamptz NOT NULL,
  PRIMARY KEY (lot, n)
);
"""
NEW_LOT: Final = """
INSERT INTO loadtest.lot SELECT coalesce(max(id), 0) + 1, 0, '', 0, clock_timestamp() + interval '1 hour'
FROM loadtest.lot RETURNING id
"""
SCRIPT: Final = """
BEGIN;
SELECT price_fen, bids FROM loadtest.lot WHERE id = {lot} AND end_at > clock_timestamp() FOR UPDATE \\gset
INSERT INTO loadtest.bid VALUES ({lot}, :bids + 1, 'B' || :client_id, :price_fen + {step}, clock_timestamp());
UPDATE loadtest.lot SET price_fen = :price_fen + {step}, leader = 'B' || :client_id, bids = :bids + 1 WHERE id = {lot};
COMMIT;
"""


class RowLock(NamedTuple):
    """Bids a second of the ordinary way (rule 1)."""

    driven: float
    """By this driver."""
    benched: float | None
    """By pgbench; ``None``: there is none."""

    @property
    def per_s(self) -> float:
        """The faster of the two: what ratios are made of."""
        return max(self.driven, self.benched or 0.0)

    @property
    def over_pgbench(self) -> float | None:
        """What this driver reaches of pgbench's rate."""
        return self.driven / self.benched if self.benched else None


async def row_lock(house: House, *, seconds: float) -> RowLock:
    """Measure the ordinary way in turns of this driver and pgbench, ``seconds`` each in all (rule 1)."""
    driven, benched = [], []
    for _ in range(TURNS):
        driven.append(await row_lock_per_s(house, seconds=seconds / TURNS))
        benched.append(await pgbench_per_s(house, seconds=seconds / TURNS))
    found = [one for one in benched if one is not None]
    return RowLock(median(driven), median(found) if found else None)


async def row_lock_per_s(house: House, *, seconds: float) -> float:
    """Give bids a second of the ordinary way: this driver, `CONNECTIONS` connections, each always busy (rule 1)."""
    lot = await new_lot(house.dsn)
    connections = [await asyncpg.connect(house.dsn) for _ in range(CONNECTIONS)]
    try:
        lines = [await open_line(one, lot, f"B{number}", STEP_FEN) for number, one in enumerate(connections)]
        with undisturbed():
            began = time.monotonic()
            bids = await asyncio.gather(*(line.bid_until(began + seconds) for line in lines))
            return sum(bids) / (time.monotonic() - began)
    finally:
        for one in connections:
            one.terminate()


async def pgbench_per_s(house: House, *, seconds: float) -> float | None:
    """Give what ``pgbench -c 20`` reaches with the same statements; ``None``: there is no pgbench."""
    program = bundled_postgres().bin / "pgbench"
    if not program.exists():
        return None
    lot = await new_lot(house.dsn)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT.format(lot=lot, step=STEP_FEN))
        script.flush()
        arguments = ["-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(max(1, round(seconds)))]
        running = await asyncio.create_subprocess_exec(
            *(str(program), *arguments, "-f", script.name, house.dsn),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        said, _ = await asyncio.wait_for(running.communicate(), seconds + PGBENCH_S)
    found = re.search(r"^tps = ([\d.]+)", said.decode(), re.MULTILINE)
    return float(found[1]) if found else None


async def bare_function_per_s(house: House, like: Lot, *, seconds: float) -> float:
    """Give decisions a second of the function alone, in full pipelines, on a hot lot like ``like`` (rule 2)."""
    nodes = Nodes(_other_database(house.settings.redis_url))
    live = Live(nodes, house.live.library, shards=1, stamp=house.live.stamp)
    try:
        await found_shard(live, SHARD, epoch=int(time.time()), token="loadtest")  # noqa: S106 - names the owner
        decided, took_s = 0, 0.0
        while took_s < seconds:
            slice_decided, slice_s = await _bare_slice(house, live, like)
            decided, took_s = decided + slice_decided, took_s + slice_s
        return decided / took_s
    finally:
        await nodes.close()


async def new_lot(dsn: str) -> int:
    """Make a lot of the row-lock way, with its tables; gives its id."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(TABLES)
        return int(await connection.fetchval(NEW_LOT))
    finally:
        await connection.close()


async def _bare_slice(house: House, live: Live, like: Lot) -> tuple[int, float]:
    """Bid on a fresh lot for `SLICE_S`; give decisions and seconds."""
    terms = terms_of(now_us=await rooms_clock_us(house), rules=like.terms.rules)
    epoch = await _epoch_of(live)
    await open_session(live, epoch=epoch, terms=terms)
    for first in range(0, len(like.codes), BATCH_LIMIT):
        codes = like.codes[first : first + BATCH_LIMIT]
        calls = [admit_call(SHARD, epoch=epoch, lot_id=terms.lot_id, admission=Admission(code=code)) for code in codes]
        await live.call_many(calls)
    lot = Lot(terms=terms, codes=like.codes)
    decided, took_s = await _decide_packed(live, lot, epoch)
    await _forget(live, lot)
    return decided, took_s


async def _decide_packed(live: Live, lot: Lot, epoch: int) -> tuple[int, float]:
    """Have bids decided in full pipelines; only sending and answers are timed, not the making of the commands."""
    client = await live.nodes.client(SHARD)
    connection = await client.connection_pool.get_connection()
    decided, took_s = 0, 0.0
    try:
        while took_s < SLICE_S:
            packed = connection.pack_commands([_command(live, _bare_bid(lot, epoch)) for _ in range(BATCH_LIMIT)])
            began = time.monotonic()
            await connection.send_packed_command(packed)
            replies = [await connection.read_response() for _ in range(BATCH_LIMIT)]
            took_s += time.monotonic() - began
            decided += sum(reply[0] == b"ok" for reply in replies)
    finally:
        await client.connection_pool.release(connection)
    return decided, took_s


def _bare_bid(lot: Lot, epoch: int) -> Call:
    code, amount = lot.next_bid()
    bid = PlaceBid(bid_id=BidId(str(new_id())), code=code, amount_fen=amount)
    return bid_call(SHARD, epoch=epoch, lot_id=lot.terms.lot_id, bid=bid)


def _command(live: Live, call: Call) -> tuple[str | bytes | int, ...]:
    return ("FCALL", live.library.function(call.function), len(call.keys), *call.keys, *call.args)


async def _epoch_of(live: Live) -> int:
    client = await live.nodes.client(SHARD)
    return int(await client.hget(shard_key(SHARD), "epoch") or 0)


async def _forget(live: Live, lot: Lot) -> None:
    """Free what a slice left, so that the server's memory does not grow with the run."""
    client = await live.nodes.client(SHARD)
    room, ids = lot_key(SHARD, lot.terms.lot_id), ids_key(SHARD, lot.terms.lot_id)
    await client.delete(room, ids, lots_key(SHARD), clock_key(SHARD))
    await client.xtrim(stream_key(SHARD), maxlen=1)


def _other_database(redis_url: str) -> str:
    """Give the address of database `OTHER_DATABASE` of the same server."""
    base, _, _ = redis_url.partition("?db=")
    if base.startswith("unix:"):
        return f"{base}?db={OTHER_DATABASE}"
    return f"{base.rstrip('/').removesuffix('/0')}/{OTHER_DATABASE}"
