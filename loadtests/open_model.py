"""The open model: arrivals come when they are due, whether or not earlier ones were answered.

1. The plan of arrivals is fixed before the run by seed, rate and seconds; nothing that happens changes it.
2. An arrival is *unsent* if `PENDING_LIMIT` others are under way when it is due, or if the driver reaches it more than
   `GRACE_S` after the end of the plan. Unsent arrivals are counted and reported, never dropped in silence.
3. The driver's own send lag (sent less due) is measured for every arrival: a driver that lags measures itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal

import msgspec

from loadtests.latency import Histogram, Latencies

PENDING_LIMIT: Final = 20_000
GRACE_S: Final = 5.0
ANSWER_S: Final = 30.0
"""Longest wait for answers after the last arrival."""
ARRIVALS_LIMIT: Final = 5_000_000
LEAST_SLEEP_S: Final = 0.001
"""The event loop's clock ticks in milliseconds: arrivals that are due within one are sent together, none early."""
TURN: Final = 64
"""Arrivals that a late driver sends before others get a turn."""

Arrivals = Literal["poisson", "even"]
Send = Callable[[int], Awaitable[bool]]
"""Sends arrival number i and waits for its final answer; false: there was none."""
Tell = Callable[["Load"], None]


class Second(msgspec.Struct, kw_only=True):
    """What happened within one second of a run."""

    sent: int = 0
    answered: int = 0
    slowest_ms: float = 0.0


def plan(*, rate: float, seconds: float, arrivals: Arrivals, random: Random) -> list[float]:
    """Give the seconds after the start at which arrivals are due, ascending."""
    assert min(rate, seconds) > 0, "a plan has arrivals and an end"
    assert rate * seconds <= ARRIVALS_LIMIT, "a plan is bounded"
    return list(_poisson(rate, seconds, random) if arrivals == "poisson" else _even(rate, seconds))


def _even(rate: float, seconds: float) -> Iterator[float]:
    return (number / rate for number in range(round(rate * seconds)))


def _poisson(rate: float, seconds: float, random: Random) -> Iterator[float]:
    at = random.expovariate(rate)
    while at < seconds:
        yield at
        at += random.expovariate(rate)


@dataclass
class Load:
    """One run of a plan: what was sent, answered and measured."""

    offered: int
    lasts_s: float
    sent: int = 0
    unsent: int = 0
    answered: int = 0
    unanswered: int = 0
    took_s: float = 0.0
    """From the first due instant to the last answer."""
    began_at_s: float = field(default_factory=time.time)
    """When it began, in seconds since 1970."""
    latencies: Latencies = field(default_factory=Latencies)
    lag: Histogram = field(default_factory=Histogram)
    seconds: list[Second] = field(default_factory=list)
    lately_ms: list[float] = field(default_factory=list)
    """Latencies since the progress was last told."""

    def second(self, at_s: float) -> Second:
        """Give the record of the second that lies ``at_s`` after the start."""
        index = max(0, int(at_s))
        while len(self.seconds) <= index:
            self.seconds.append(Second())
        return self.seconds[index]


async def run_plan(dues: Sequence[float], send: Send, tell: Tell, *, grace_s: float = GRACE_S) -> Load:
    """Send each arrival when it is due, wait for the last answers, give what was measured."""
    load = Load(offered=len(dues), lasts_s=dues[-1] if dues else 0.0)
    began, under_way = time.monotonic(), set[asyncio.Task[None]]()
    telling = asyncio.create_task(_tell_each_second(load, tell))
    try:
        for number, due in enumerate(dues):
            ahead_s = began + due - time.monotonic()
            if ahead_s > 0 or number % TURN == 0:
                await asyncio.sleep(max(LEAST_SLEEP_S, ahead_s) if ahead_s > 0 else 0.0)
            if len(under_way) >= PENDING_LIMIT or time.monotonic() - began > load.lasts_s + grace_s:
                load.unsent += 1
                continue
            task = asyncio.create_task(_arrive(load, send, number, began=began, due_s=began + due))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        if under_way:
            await asyncio.wait(under_way, timeout=ANSWER_S)
    finally:
        telling.cancel()
        late = list(under_way)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    load.unanswered = load.sent - load.answered
    return load


async def _arrive(load: Load, send: Send, number: int, *, began: float, due_s: float) -> None:
    sent_s = time.monotonic()
    load.sent += 1
    load.lag.add(sent_s - due_s)
    load.second(sent_s - began).sent += 1
    if not await send(number):
        return
    answered_s = time.monotonic()
    load.answered += 1
    load.took_s = answered_s - began
    load.latencies.add(due_s=due_s, sent_s=sent_s, answered_s=answered_s)
    second = load.second(answered_s - began)
    second.answered += 1
    took_ms = (answered_s - due_s) * 1_000
    second.slowest_ms = max(second.slowest_ms, took_ms)
    load.lately_ms.append(took_ms)


async def _tell_each_second(load: Load, tell: Tell) -> None:
    while True:
        await asyncio.sleep(1.0)
        tell(load)
        load.lately_ms.clear()
