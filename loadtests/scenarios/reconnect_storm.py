"""All sockets are lost at once and come back at once: first while nothing else happens, then under load.

The idle storm comes with fresh tickets, signed within the measured time; the second one with resume tokens. A client has
resumed when it has its snapshot; whoever finds a gap that the house does not fill breaks the run.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from loadtests.crowd import Crowd
from loadtests.figures import bid_figures, crowd_figures
from loadtests.lots import open_lots
from loadtests.options import choice, count
from loadtests.outcome import Outcome
from loadtests.run import Run

ABOUT: Final = "all sockets are lost and come back at once: idle with tickets, then under load with resume tokens"
WITH_GATEWAY: Final = True
BIDDERS: Final = 1_000
LOTS: Final = 50
RATE: Final = 100.0
POLL_S: Final = 0.01
CLOSED_S: Final = 10.0


async def run(run: Run) -> Outcome:
    """Storm twice; give how long it took until the last one was back, and what became of the bids meanwhile."""
    lots_asked = count(run.options.lots, LOTS)
    each = max(2, count(run.options.bidders, BIDDERS) // lots_asked)
    run.say(f"opening {lots_asked} lots with {each} bidders each")
    lots = await open_lots(run.house, lots=lots_asked, bidders=each)
    crowd = Crowd(run.house, lots)
    await crowd.enter(crowd.seats)
    run.say("storm while idle")
    idle_s = await _storm(crowd, resume=False)
    began = time.monotonic()
    storming = asyncio.create_task(_storm_after(run, crowd, run.options.seconds / 3))
    rate = choice(run.options.rate, RATE)
    load = await run.drive("storm", lambda _number: crowd.bid(run.random.choice(lots)), rate=rate)
    loaded_s = await storming
    await crowd.settle()
    took_s = time.monotonic() - began
    violations, _ = await run.judge(crowd.clients, load)
    gaps = sum(len(seat.records) - 1 for seat in crowd.seats)
    if gaps:
        violations.append(f"gap on return: {gaps} clients were not given what they had missed")
    figures = bid_figures(load, crowd.clients) | crowd_figures(crowd, run.house, took_s=took_s)
    figures |= {"all_back_idle_s": round(idle_s, 3), "all_back_under_load_s": round(loaded_s, 3), "gaps": gaps}
    await crowd.leave()
    return Outcome(figures=figures, violations=violations)


async def _storm_after(run: Run, crowd: Crowd, seconds: float) -> float:
    await asyncio.sleep(seconds)
    run.say("storm under load")
    return await _storm(crowd, resume=True)


async def _storm(crowd: Crowd, *, resume: bool) -> float:
    """Lose all lines, come back at once; give the seconds from the loss until the last one had its snapshot."""
    began = time.monotonic()
    for seat in crowd.seats:
        seat.cut()
    while any(seat.is_in for seat in crowd.seats) and time.monotonic() - began < CLOSED_S:  # noqa: ASYNC110 - bounded
        await asyncio.sleep(POLL_S)
    await crowd.enter(crowd.seats, resume=resume, at_once=len(crowd.seats))
    return time.monotonic() - began
