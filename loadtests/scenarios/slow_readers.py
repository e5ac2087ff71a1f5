"""Slow readers: spectators who stop reading while bidders bid; nobody else may feel it, and all see everything in the end.

A reader who leaves too much unread is cut off by the house with a code and comes back; one who reads again in time
catches up. The systems' buffers take some hundred kilobytes first, so short runs cut nobody.
"""

from __future__ import annotations

import time
from typing import Final

from loadtests.crowd import Crowd
from loadtests.figures import bid_figures, crowd_figures
from loadtests.lots import open_lots
from loadtests.options import choice, count
from loadtests.outcome import Outcome
from loadtests.run import Run

ABOUT: Final = "spectators (--watchers) stop reading while bidders bid; then they read again, or come back"
WITH_GATEWAY: Final = True
BIDDERS: Final = 100
LOTS: Final = 2
WATCHERS: Final = 100
RATE: Final = 100.0


async def run(run: Run) -> Outcome:
    """Pause the watchers, bid, let them read again or come back, compare everybody's view with the journal."""
    lots_asked = count(run.options.lots, LOTS)
    each = max(2, count(run.options.bidders, BIDDERS) // lots_asked)
    run.say(f"opening {lots_asked} lots with {each} bidders each")
    lots = await open_lots(run.house, lots=lots_asked, bidders=each)
    crowd = Crowd(run.house, lots, watchers=count(run.options.watchers, WATCHERS))
    await crowd.enter(crowd.seats)
    for seat in crowd.watchers:
        seat.pause()
    rate, began = choice(run.options.rate, RATE), time.monotonic()
    load = await run.drive("slow readers", lambda _number: crowd.bid(run.random.choice(lots)), rate=rate)
    figures = crowd_figures(crowd, run.house, took_s=time.monotonic() - began)
    run.say("letting the slow ones read again")
    for seat in crowd.watchers:
        seat.unpause()
    await crowd.settle()
    cut = [seat for seat in crowd.watchers if not seat.is_in]
    await crowd.enter(cut)
    await crowd.settle()
    violations, _ = await run.judge(crowd.clients, load)
    figures = bid_figures(load, crowd.clients) | figures
    figures |= {"slow_readers": len(crowd.watchers), "slow_readers_cut": len(cut)}
    await crowd.leave()
    return Outcome(figures=figures, violations=violations)
