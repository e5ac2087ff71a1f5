"""Spectators: the same load on bidders twice, alone, and with many sockets that only watch beside many pages that poll.

The watchers come to the same gateway process as the bidders, which is the harder case; production may keep them apart. Polls go to the
site: ``GET …/room?after=n``, which a cache may keep for a second. By default they come through one (`loadtests.pollers`), as they would
through a CDN; ``--no-cache`` sends each of them to the site.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from loadtests.bed import BedHouse
from loadtests.crowd import Crowd
from loadtests.figures import bid_figures, crowd_figures
from loadtests.house import HouseUnfit
from loadtests.lots import open_lots
from loadtests.open_model import Load
from loadtests.options import choice, count
from loadtests.outcome import Outcome, ratio
from loadtests.pollers import Pollers
from loadtests.run import Run

ABOUT: Final = (
    "the same load twice: bidders alone, then with sockets that only watch (--watchers) and pages that poll (--pollers)"
)
WITH_GATEWAY: Final = True
BIDDERS: Final = 200
LOTS: Final = 10
WATCHERS: Final = 2_000
RATE: Final = 50.0
POLLS_A_MINUTE: Final = 20_000
EACH_S: Final = 3
"""A page without a socket polls every so many seconds."""


async def run(run: Run) -> Outcome:
    """Measure without watchers and pollers, let them come, measure again."""
    if not isinstance(run.house, BedHouse):
        raise HouseUnfit("spectators poll a site")
    lots_asked = count(run.options.lots, LOTS)
    each = max(2, count(run.options.bidders, BIDDERS) // lots_asked)
    lots = await open_lots(run.house, lots=lots_asked, bidders=each)
    crowd = Crowd(run.house, lots, watchers=count(run.options.watchers, WATCHERS))
    a_minute = POLLS_A_MINUTE if run.options.pollers < 0 else run.options.pollers
    pollers = Pollers(run.house.site, lots, number=max(1, a_minute * EACH_S // 60), cached=run.options.cached)
    await crowd.enter(crowd.bidders)
    rate = choice(run.options.rate, RATE)
    alone = await run.drive("bidders alone", lambda _number: crowd.bid(run.random.choice(lots)), rate=rate)
    run.say(f"letting {len(crowd.watchers)} watchers in")
    await crowd.enter(crowd.watchers)
    before, began = crowd.deliveries, time.monotonic()
    polling = asyncio.create_task(run.drive("polls", pollers.poll, rate=a_minute / 60)) if a_minute else None
    load = await run.drive("with watchers", lambda _number: crowd.bid(run.random.choice(lots)), rate=rate)
    polls = await polling if polling is not None else Load(offered=0, lasts_s=0.0)
    await crowd.settle()
    took_s, delivered = time.monotonic() - began, crowd.deliveries - before
    violations, _ = await run.judge([*crowd.clients, *pollers.clients], alone, load)
    if polls.unanswered:
        violations.append(f"polls: {polls.unanswered} were not answered as they should be")
    figures = bid_figures(load, crowd.clients) | crowd_figures(crowd, run.house, took_s=took_s)
    figures |= _latencies(alone, load) | _poll_figures(pollers, polls)
    figures |= {
        "durable_bids_per_s": round(figures["accepted"] / (load.took_s + alone.took_s), 1),
        "deliveries_per_s": round(delivered / took_s, 1),
        "unanswered": alone.unanswered + load.unanswered,
        "watchers": len(crowd.watchers),
    }
    await crowd.leave()
    return Outcome(figures=figures, violations=violations)


def _latencies(alone: Load, load: Load) -> dict[str, float]:
    """Hold the bidders' latency with spectators against that without."""
    before, after = alone.latencies.corrected.summary(), load.latencies.corrected.summary()
    return {
        "ack_p50_alone_ms": before.p50_ms,
        "ack_p99_alone_ms": before.p99_ms,
        "ack_p50_with_over_alone": ratio(after.p50_ms, before.p50_ms) or 0.0,
        "ack_p99_with_over_alone": ratio(after.p99_ms, before.p99_ms) or 0.0,
    }


def _poll_figures(pollers: Pollers, polls: Load) -> dict[str, float]:
    found = polls.latencies.corrected.summary()
    return {
        "polls_per_min": round(polls.answered / polls.took_s * 60) if polls.took_s else 0,
        "polls_at_site": pollers.through.asked,
        "polls_unsent": polls.unsent,
        "poll_p50_ms": found.p50_ms,
        "poll_p99_ms": found.p99_ms,
    }
