"""The engine without sockets: one hot lot, bids through the function and the committer, every commit on disk.

1. *Capacity*: so many bids are always under way (`WINDOW`); durable bids a second, no latency is claimed from it.
2. *Baselines* on the same servers (`loadtests.baselines`), unless the tester wants none.
3. *Open run*: arrivals at ``--rate`` (default: half of the capacity), latency from the instant a bid was due.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from loadtests.baselines import FIT, bare_function_per_s, row_lock
from loadtests.desk import Desk
from loadtests.figures import bid_figures
from loadtests.house import SHARD
from loadtests.lot import Lot
from loadtests.lots import open_lots
from loadtests.open_model import Load
from loadtests.options import choice, count
from loadtests.outcome import Outcome, ratio
from loadtests.run import Run
from loadtests.undisturbed import undisturbed

ABOUT: Final = "bids on one hot lot without sockets, durable; row-lock way and bare function as baselines"
WITH_GATEWAY: Final = False
RATE: Final = 1_000.0
"""Where a search for the highest rate begins; a plain run takes half of the capacity."""
WINDOW: Final = 1_024
CAPACITY_S: Final = 5.0
BIDDERS: Final = 1_500
"""Enough that a hot lot's bids stay below the ten a second that one bidder may make."""


async def run(run: Run) -> Outcome:
    """Measure capacity, baselines and latency; give figures, ratios and the checker's findings."""
    run.say("opening a lot and admitting bidders")
    lots = await open_lots(run.house, lots=1, bidders=count(run.options.bidders, BIDDERS))
    desk = Desk(run.house, lots)
    async with desk.open():
        outcome = Outcome(figures={} if run.options.find_rate else await _capacity(run, desk, lots[0]))
        half = outcome.figures.get("durable_bids_per_s", 0.0) / 2
        load = await _open_run(run, desk, lots[0], half)
        outcome.figures = bid_figures(load, desk.clients) | outcome.figures
        outcome.violations, _ = await run.judge(desk.clients, load)
    if run.options.baselines:
        await _baselines(run, lots[0], outcome)
    return outcome


async def _capacity(run: Run, desk: Desk, lot: Lot) -> dict[str, float]:
    """Keep `WINDOW` bids under way; give accepted, committed bids a second, and who was busy meanwhile (in cores)."""
    seconds = min(CAPACITY_S, run.options.seconds)
    run.say(f"capacity: {WINDOW} bids always under way for {seconds:g} s")
    committer = run.house.processes["committer"]
    with undisturbed():
        redis_s = await _redis_cpu_s(run)
        began, own_s, its_s = time.monotonic(), time.process_time(), committer.cpu_s()
        accepted = await asyncio.gather(*(_bid_until(desk, lot, began + seconds) for _ in range(WINDOW)))
        took_s = time.monotonic() - began
    return {
        "durable_bids_per_s": round(sum(accepted) / took_s, 1),
        "driver_cpu": round((time.process_time() - own_s) / took_s, 2),
        "committer_cpu": round((committer.cpu_s() - its_s) / took_s, 2),
        "redis_cpu": round((await _redis_cpu_s(run) - redis_s) / took_s, 2),
    }


async def _redis_cpu_s(run: Run) -> float:
    """Give the processor time that Redis says it has used."""
    client = await run.house.live.nodes.client(SHARD)
    about = await client.info("cpu")
    return float(about["used_cpu_user"]) + float(about["used_cpu_sys"])


async def _bid_until(desk: Desk, lot: Lot, until_s: float) -> int:
    accepted = 0
    while time.monotonic() < until_s:
        told = await desk.bid(lot, *lot.next_bid())
        accepted += told is not None and told.accepted
    return accepted


async def _open_run(run: Run, desk: Desk, lot: Lot, half: float) -> Load:
    async def send(_number: int) -> bool:
        return await desk.bid(lot, *lot.next_bid()) is not None

    return await run.drive("core", send, rate=max(1.0, choice(run.options.rate, half)))


async def _baselines(run: Run, lot: Lot, outcome: Outcome) -> None:
    seconds = min(CAPACITY_S, run.options.seconds)
    run.say("baseline: the row-lock way, this driver and pgbench in turns")
    locked = await row_lock(run.house, seconds=seconds)
    run.say("baseline: the function alone, without durability")
    bare = await bare_function_per_s(run.house, lot, seconds=seconds)
    durable = outcome.figures["durable_bids_per_s"]
    outcome.figures |= {
        "row_lock_per_s": round(locked.driven, 1),
        "bare_function_per_s": round(bare, 1),
    }
    if locked.benched is not None and locked.over_pgbench is not None:
        outcome.figures["row_lock_pgbench_per_s"] = round(locked.benched, 1)
        outcome.figures["row_lock_over_pgbench"] = round(locked.over_pgbench, 3)
        if locked.over_pgbench < FIT:
            outcome.notes.append(
                f"the row-lock driver reached {locked.over_pgbench:.2f} of pgbench, below {FIT:g}: is the machine busy? "
                "The ratio takes pgbench's rate."
            )
    outcome.ratios["row_lock"] = ratio(durable, locked.per_s)
    outcome.ratios["bare_function"] = ratio(durable, bare)
