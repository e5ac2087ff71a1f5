"""Bidders with sockets: 1,000 over 50 lots of 20, everyone receives the whole feed of his room; or all in one room."""

from __future__ import annotations

import time
from typing import Final

from loadtests.bare_send import bare_send_s
from loadtests.crowd import Crowd
from loadtests.figures import bid_figures, crowd_figures
from loadtests.lots import open_lots
from loadtests.options import choice, count
from loadtests.outcome import Outcome, ratio
from loadtests.run import Run
from loadtests.scenarios.delivery import on_wire

ABOUT: Final = "bidders with sockets, 1,000 over 50 lots of 20 (--one-room: all in one room), each sees his room's feed"
WITH_GATEWAY: Final = True
BIDDERS: Final = 1_000
LOTS: Final = 50
RATE: Final = 300.0
BARE_SOCKETS: Final = 1_000


async def run(run: Run) -> Outcome:
    """Let everybody in, bid at a fixed rate, compare what everybody saw with the journal."""
    lots_asked = 1 if run.options.one_room else count(run.options.lots, LOTS)
    each = max(2, count(run.options.bidders, BIDDERS) // lots_asked)
    run.say(f"opening {lots_asked} lots, admitting {each} bidders to each")
    lots = await open_lots(run.house, lots=lots_asked, bidders=each)
    crowd = Crowd(run.house, lots)
    run.say(f"letting {len(crowd.seats)} sockets in")
    entered_s = await crowd.enter(crowd.seats)
    gateway = run.house.processes.get("gateway")
    cpu_s, began = gateway.cpu_s() if gateway else 0.0, time.monotonic()
    rate = choice(run.options.rate, RATE)
    load = await run.drive("sockets", lambda _number: crowd.bid(run.random.choice(lots)), rate=rate)
    await crowd.settle()
    took_s, cpu_s = time.monotonic() - began, gateway.cpu_s() - cpu_s if gateway else 0.0
    violations, _ = await run.judge(crowd.clients, load)
    figures = bid_figures(load, crowd.clients) | crowd_figures(crowd, run.house, took_s=took_s)
    figures["all_entered_s"] = round(entered_s, 2)
    if gateway:
        figures["gateway_cpu_s"] = round(cpu_s, 2)
    outcome = Outcome(figures=figures, violations=violations)
    if run.options.baselines and crowd.deliveries and gateway:
        await _compare_with_bare_send(run, crowd, outcome, cpu_s)
    await crowd.leave()
    return outcome


async def _compare_with_bare_send(run: Run, crowd: Crowd, outcome: Outcome, cpu_s: float) -> None:
    """Hold all the gateway's processor time, per delivered frame, against a bare ``send(2)`` of as many bytes.

    Decisions, admissions and answers are in it; what a delivery alone costs is measured by the scenario `delivery`.
    """
    size = max(1, round(crowd.delivered_bytes / crowd.deliveries))
    run.say(f"baseline: bare send of {size} bytes into {BARE_SOCKETS} sockets")
    bare = await bare_send_s(sockets=BARE_SOCKETS, frame_bytes=on_wire(size))
    mine = cpu_s / crowd.deliveries
    outcome.figures |= {
        "frame_bytes": size,
        "gateway_us_per_delivery": round(mine * 1_000_000, 2),
        "bare_send_us": round(bare * 1_000_000, 2),
        "gateway_over_bare_send": ratio(mine, bare) or 0.0,
    }
