"""Lots on sixteen shards of a cluster: three primaries with a replica each; then one primary is killed under load.

1. *Steady*: arrivals at ``--rate`` on lots of all shards.
2. *Failover*: the same again; half-way the primary that holds most shards is killed for good. Its replica takes its place,
   perhaps without the last bids; whatever was acknowledged must be there all the same, and every shard must
   acknowledge bids again within `BACK_S` (bid-core 22, 26).
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bidding.live.keys import Shard
from loadtests.desk import Desk
from loadtests.figures import bid_figures
from loadtests.house import HouseUnfit
from loadtests.lot import Lot
from loadtests.lots import open_lots
from loadtests.open_model import Load
from loadtests.options import choice, count
from loadtests.outcome import Outcome, load_figures
from loadtests.own_cluster import Node, OwnCluster
from loadtests.run import Run
from loadtests.scenarios.shards import EACH, LOTS, drive_lots

ABOUT: Final = "500 lots on 16 shards of a cluster (three primaries with replicas), one of which is killed under load"
WITH_GATEWAY: Final = False
RATE: Final = 500.0
BACK_S: Final = 10.0
TRIES: Final = 150
"""Tries of a bid while a primary is replaced, a tenth of a second apart."""


@dataclass
class Blow:
    """The death of a primary, and when each of its shards acknowledged a bid again that was sent after it."""

    shards: frozenset[Shard]
    at_s: float = 0.0
    back_s: dict[Shard, float] = field(default_factory=dict)

    @property
    def unheard(self) -> frozenset[Shard]:
        """Shards of which no bid sent after the blow is acknowledged yet."""
        return self.shards - self.back_s.keys()

    def answered(self, shard: Shard, *, sent_s: float) -> None:
        """Take note of an acknowledged bid."""
        if self.at_s and shard in self.shards and sent_s > self.at_s:
            self.back_s.setdefault(shard, time.monotonic() - self.at_s)


async def run(run: Run) -> Outcome:
    """Drive all shards, then kill a primary under them."""
    options, cluster = run.options, run.house.cluster
    if cluster is None:
        raise HouseUnfit("a cluster that is not ours is not killed: run this scenario without addresses")
    lots_asked = count(options.lots, LOTS)
    run.say(f"opening {lots_asked} lots on {run.house.live.shards} shards of a cluster")
    lots = await open_lots(run.house, lots=lots_asked, bidders=max(2, options.bidders // lots_asked or EACH))
    desk = Desk(run.house, lots, tries=TRIES)
    async with desk.open():
        rate = choice(options.rate, RATE)
        steady = await drive_lots(run, desk, "steady", lots, rate=rate)
        figures = bid_figures(steady, desk.clients)
        loads, violations = [steady], list[str]()
        if not options.find_rate:
            load, blow = await _failover(run, desk, cluster, lots, rate=rate)
            loads.append(load)
            figures |= _failover_figures(load, blow)
            violations = _late(blow)
        found, _ = await run.judge(desk.clients, *loads)
    return Outcome(figures=figures, violations=[*violations, *found])


async def _failover(run: Run, desk: Desk, cluster: OwnCluster, lots: list[Lot], *, rate: float) -> tuple[Load, Blow]:
    victim, held = await _busiest(run, cluster)
    on_shard = {run.house.live.shard_of(lot.terms.lot_id): lot for lot in lots}
    blow = Blow(held & on_shard.keys())
    run.say(f"half-way the primary of {len(held)} shards is killed, {len(blow.shards)} of them with lots")

    async def kill() -> None:
        await asyncio.sleep(run.options.seconds / 2)
        victim.send(signal.SIGKILL)
        blow.at_s = time.monotonic()

    async def bid(lot: Lot) -> bool:
        sent_s = time.monotonic()
        told = await desk.bid(lot, *lot.next_bid())
        if told is not None:
            blow.answered(run.house.live.shard_of(lot.terms.lot_id), sent_s=sent_s)
        return told is not None

    killing = asyncio.create_task(kill())
    load = await run.drive("failover", lambda _number: bid(run.random.choice(lots)), rate=rate)
    await killing
    # A shard that happened to get no arrival after the blow is asked once more, so that silence is never taken for an answer.
    await asyncio.gather(*(bid(on_shard[shard]) for shard in sorted(blow.unheard)))
    return load, blow


async def _busiest(run: Run, cluster: OwnCluster) -> tuple[Node, frozenset[Shard]]:
    """Give the primary that holds most shards, and these shards."""
    holders: dict[Shard, int] = {}
    for number in range(run.house.live.shards):
        client = await run.house.live.nodes.client(Shard(number))
        holders[Shard(number)] = int(client.connection_pool.connection_kwargs["port"])
    port = Counter(holders.values()).most_common(1)[0][0]
    victim = next(node for node in cluster.nodes if node.port == port)
    return victim, frozenset(shard for shard, held_by in holders.items() if held_by == port)


def _failover_figures(load: Load, blow: Blow) -> Mapping[str, float]:
    figures = {f"failover_{name}": value for name, value in load_figures(load).items() if name.startswith("ack_p")}
    back = sorted(blow.back_s.values())
    if back:
        figures |= {"failover_first_back_s": round(back[0], 3), "failover_all_back_s": round(back[-1], 3)}
    return figures | {"failover_shards": len(blow.shards), "failover_unanswered": load.unanswered}


def _late(blow: Blow) -> list[str]:
    late = [shard for shard in sorted(blow.shards) if blow.back_s.get(shard, BACK_S + 1) > BACK_S]
    return [f"not back within {BACK_S:g} s: shards {late}"] if late else []
