"""Spectators: the same load on bidders twice, alone and with many sockets that only watch.

The watchers come to the same gateway process as the bidders, which is the harder case; production may keep them apart.
"""

from __future__ import annotations

import time
from typing import Final

from loadtests.crowd import Crowd
from loadtests.figures import bid_figures, crowd_figures
from loadtests.lots import open_lots
from loadtests.options import choice, count
from loadtests.outcome import Outcome, ratio
from loadtests.run import Run

ABOUT: Final = "the same load twice: bidders alone, then with sockets that only watch (--watchers)"
WITH_GATEWAY: Final = True
BIDDERS: Final = 200
LOTS: Final = 10
WATCHERS: Final = 500
RATE: Final = 50.0


async def run(run: Run) -> Outcome:
    """Measure without watchers, let them in, measure again."""
    lots_asked = count(run.options.lots, LOTS)
    each = max(2, count(run.options.bidders, BIDDERS) // lots_asked)
    run.say(f"opening {lots_asked} lots with {each} bidders each")
    lots = await open_lots(run.house, lots=lots_asked, bidders=each)
    crowd = Crowd(run.house, lots, watchers=count(run.options.watchers, WATCHERS))
    await crowd.enter(crowd.bidders)
    rate = choice(run.options.rate, RATE)
    alone = await run.drive("bidders alone", lambda _number: crowd.bid(run.random.choice(lots)), rate=rate)
    run.say(f"letting {len(crowd.watchers)} watchers in")
    await crowd.enter(crowd.watchers)
    before, began = crowd.deliveries, time.monotonic()
    load = await run.drive("with watchers", lambda _number: crowd.bid(run.random.choice(lots)), rate=rate)
    await crowd.settle()
    took_s, delivered = time.monotonic() - began, crowd.deliveries - before
    violations, _ = await run.judge(crowd.clients, alone, load)
    figures = bid_figures(load, crowd.clients) | crowd_figures(crowd, run.house, took_s=took_s)
    p99, p99_alone = figures["ack_p99_ms"], alone.latencies.corrected.summary().p99_ms
    figures |= {
        "durable_bids_per_s": round(figures["accepted"] / (load.took_s + alone.took_s), 1),
        "deliveries_per_s": round(delivered / took_s, 1),
        "unanswered": alone.unanswered + load.unanswered,
        "watchers": len(crowd.watchers),
        "ack_p99_alone_ms": p99_alone,
        "ack_p99_with_over_alone": ratio(p99, p99_alone) or 0.0,
    }
    await crowd.leave()
    return Outcome(figures=figures, violations=violations)
