"""The rush before the announced end: 40 % of all bids in the last minute, 7 % in the last second, with sockets.

Runs shorter than two minutes keep the shape: the minute is at most half of the run, the second a sixtieth of that minute
but at least a fifth of a second. Each of these bids moves the end of its lot, so nothing closes within the run.
"""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import Final

from loadtests.crowd import Crowd
from loadtests.figures import bid_figures, crowd_figures
from loadtests.lots import SECOND_US, open_lots, rooms_clock_us
from loadtests.options import choice, count
from loadtests.outcome import Outcome
from loadtests.run import Run

ABOUT: Final = "sockets; 40 % of the bids in the last minute before the announced end, 7 % in the last second"
WITH_GATEWAY: Final = True
BIDDERS: Final = 400
LOTS: Final = 20
RATE: Final = 100.0
"""Mean of the whole run."""
SET_UP_S: Final = 20.0
IN_LAST_MINUTE: Final = 0.40
IN_LAST_SECOND: Final = 0.07


def rush(*, bids: int, seconds: float, random: Random) -> list[float]:
    """Give when bids are due, ascending: spread evenly within each of the three stretches."""
    minute = min(60.0, seconds / 2)
    second = max(minute / 60, min(0.2, minute))
    last, late = round(bids * IN_LAST_SECOND), round(bids * IN_LAST_MINUTE)
    dues = [random.uniform(0.0, seconds - minute) for _ in range(bids - late)]
    dues += [random.uniform(seconds - minute, seconds - second) for _ in range(late - last)]
    dues += [random.uniform(seconds - second, seconds) for _ in range(last)]
    return sorted(dues)


async def run(run: Run) -> Outcome:
    """Let everybody in, wait for the stretch before the announced end, and let the rush over it."""
    options = run.options
    lots_asked = count(options.lots, LOTS)
    each = max(2, count(options.bidders, BIDDERS) // lots_asked)
    run.say(f"opening {lots_asked} lots with {each} bidders each")
    lasts_us = round((SET_UP_S + options.seconds) * SECOND_US)
    lots = await open_lots(run.house, lots=lots_asked, bidders=each, lasts_us=lasts_us)
    crowd = Crowd(run.house, lots)
    await crowd.enter(crowd.seats)
    end_us = min(lot.terms.closes_at_us for lot in lots)
    left_s = (end_us - await rooms_clock_us(run.house)) / SECOND_US
    await asyncio.sleep(max(0.0, left_s - options.seconds))
    rate, began = choice(options.rate, RATE), time.monotonic()
    dues = rush(bids=max(1, round(rate * options.seconds)), seconds=options.seconds, random=run.random)
    load = await run.drive("rush", lambda _number: crowd.bid(run.random.choice(lots)), rate=rate, dues=dues)
    await crowd.settle()
    took_s = time.monotonic() - began
    violations, _ = await run.judge(crowd.clients, load)
    figures = bid_figures(load, crowd.clients) | crowd_figures(crowd, run.house, took_s=took_s)
    await crowd.leave()
    return Outcome(figures=figures, violations=violations)
