"""Sockets that do nothing: how much memory and processor time one of them costs the gateway.

First one watcher enters each room, so that rooms and code are there; then all others. What the gateway holds more afterwards, by the
sockets that came, is what one socket costs: its own memory (proportional set, which counts no shared library twice) after
`SETTLE_S`, heartbeats included, not the kernel's buffers. Half of the sockets are bidders', half spectators'.
"""

from __future__ import annotations

import asyncio
from typing import Final

from loadtests.crowd import Crowd
from loadtests.figures import crowd_figures
from loadtests.house import Process
from loadtests.lots import open_lots
from loadtests.options import count
from loadtests.outcome import Outcome
from loadtests.run import Run

ABOUT: Final = "sockets that do nothing, half bidders', half spectators' (--bidders, --watchers): what one costs"
WITH_GATEWAY: Final = True
BIDDERS: Final = 1_000
WATCHERS: Final = 1_000
LOTS: Final = 50
RATE: Final = 1.0
"""Not used: nobody bids."""
SETTLE_S: Final = 8.0
"""Longer than a heartbeat's interval; a shorter run waits no longer than it lasts."""
KIB: Final = 1_024


async def run(run: Run) -> Outcome:
    """Fill the rooms, wait, compare; then watch for the run's seconds what idling costs."""
    lots_asked = count(run.options.lots, LOTS)
    each = max(2, count(run.options.bidders, BIDDERS) // lots_asked)
    run.say(f"opening {lots_asked} lots with {each} bidders each")
    lots = await open_lots(run.house, lots=lots_asked, bidders=each)
    crowd = Crowd(run.house, lots, watchers=lots_asked + count(run.options.watchers, WATCHERS))
    first, others = crowd.watchers[:lots_asked], [*crowd.bidders, *crowd.watchers[lots_asked:]]
    gateway = run.house.process("gateway")
    await crowd.enter(first)
    settle_s = min(SETTLE_S, run.options.seconds)
    before = await _settled(gateway, settle_s)
    run.say(f"letting {len(others)} sockets in")
    await crowd.enter(others)
    after = await _settled(gateway, settle_s)
    cpu_s = gateway.cpu_s()
    await asyncio.sleep(run.options.seconds)
    cpu_s = gateway.cpu_s() - cpu_s
    await crowd.settle()
    violations, _ = await run.judge(crowd.clients)
    if lost := sum(not seat.is_in for seat in crowd.seats):
        violations.append(f"lost: {lost} idle sockets were closed")
    figures = crowd_figures(crowd, run.house, took_s=run.options.seconds) | {
        "idle_socket_kib": round((after[0] - before[0]) / len(others) / KIB, 2),
        "idle_socket_resident_kib": round((after[1] - before[1]) / len(others) / KIB, 2),
        "idle_cpu_us_per_socket_s": round(cpu_s / run.options.seconds / len(crowd.seats) * 1_000_000, 2),
        "gateway_empty_mib": round(before[0] / KIB / KIB, 1),
    }
    await crowd.leave()
    return Outcome(figures=figures, violations=violations)


async def _settled(gateway: Process, settle_s: float) -> tuple[int, int]:
    """Give proportional and resident bytes after a while."""
    await asyncio.sleep(settle_s)
    return gateway.proportional_bytes(), gateway.resident_bytes()
