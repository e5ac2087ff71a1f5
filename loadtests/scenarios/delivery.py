"""What one delivery costs: one frame with one event into one of a thousand sockets, in multiples of a bare ``send(2)``.

The gateway's processor time is measured over stretches of equal length: with and without watchers, with and without bids. Bids come
evenly, further apart than a tick, so each event is a frame of its own. What bids cost without watchers, and what watchers cost without
bids (heartbeats, pings), is taken off; what is left is delivering:

    delivery = ((watchers and bids) - (bids alone) - (watchers alone) + (neither)) / frames that reached watchers

The bare sender (`loadtests.bare_sender`) writes frames of as many bytes at the same rate into as many sockets of this driver, in turn
with the gateway, `TURNS` times; the ratio is the median of the turns.
"""

from __future__ import annotations

import asyncio
from statistics import median
from typing import Final

from loadtests.bare_send import BareSender, bare_sender
from loadtests.crowd import Crowd
from loadtests.figures import bid_figures, crowd_figures
from loadtests.lot import Lot
from loadtests.lots import open_lots
from loadtests.open_model import Load, plan
from loadtests.options import choice, count
from loadtests.outcome import Outcome, ratio
from loadtests.run import Run

ABOUT: Final = "one frame with one event into one of 1,000 sockets (--watchers), beside a bare send(2) of as many bytes"
WITH_GATEWAY: Final = True
BIDDERS: Final = 20
WATCHERS: Final = 1_000
RATE: Final = 20.0
TURNS: Final = 3
LATE: Final = 1.05
"""More events in a frame than this are worth a note."""
MICRO: Final = 1_000_000


async def run(run: Run) -> Outcome:
    """Measure the stretches, then the gateway and the bare sender in turn."""
    lots = await open_lots(run.house, lots=1, bidders=count(run.options.bidders, BIDDERS))
    crowd = Crowd(run.house, lots, watchers=count(run.options.watchers, WATCHERS))
    await crowd.enter(crowd.bidders)
    run.say("without watchers: nothing, then bids")
    neither_s = await _idle(run)
    bids_s = await _stretch(run, crowd, lots[0], "bids alone")
    run.say(f"letting {len(crowd.watchers)} watchers in")
    await crowd.enter(crowd.watchers)
    watchers_s = await _idle(run)
    around_s = bids_s + watchers_s - neither_s
    async with bare_sender(sockets=max(1, len(crowd.watchers))) as sender:
        turns = [await _turn(run, crowd, lots[0], sender, number, around_s=around_s) for number in range(1, TURNS + 1)]
    await crowd.settle()
    loads = list(run.loads.values())
    violations, _ = await run.judge(crowd.clients, *loads)
    took_s = sum(load.took_s for load in loads)
    figures = bid_figures(loads[-1], crowd.clients) | crowd_figures(crowd, run.house, took_s=took_s)
    figures |= _figures(turns) | {
        "durable_bids_per_s": round(figures["accepted"] / took_s, 1) if took_s else 0.0,
        "idle_cpu_with_watchers": round(watchers_s / run.options.seconds, 4),
    }
    await crowd.leave()
    outcome = Outcome(figures=figures, violations=violations)
    if figures["events_per_frame"] > LATE:
        outcome.notes.append(
            f"a frame held {figures['events_per_frame']:g} events in the mean: the machine was late, and the ratio is not of one event"
        )
    outcome.ratios["bare_send"] = round(median(turn.ratio for turn in turns), 3)
    return outcome


class _Turn:
    """One turn of gateway and bare sender."""

    def __init__(self, *, spent_s: float, frames: int, events: int, payload: int, bare_s: float) -> None:
        assert frames > 0, "something was delivered"
        self.delivery_s = spent_s / frames
        self.events_per_frame = events / frames
        self.bytes = payload / frames
        self.bare_s = bare_s

    @property
    def ratio(self) -> float:
        """The delivery in multiples of the bare send."""
        return ratio(self.delivery_s, self.bare_s) or 0.0


async def _turn(run: Run, crowd: Crowd, lot: Lot, sender: BareSender, number: int, *, around_s: float) -> _Turn:
    frames, payload, events = crowd.deliveries, crowd.delivered_bytes, _events(crowd)
    own = sum(seat.deliveries for seat in crowd.bidders)
    spent_s = await _stretch(run, crowd, lot, f"turn {number}") - around_s
    await crowd.settle()
    frames, payload = crowd.deliveries - frames, crowd.delivered_bytes - payload
    to_watchers = frames - (sum(seat.deliveries for seat in crowd.bidders) - own)
    rounds = max(1, round(to_watchers / len(crowd.watchers)))
    bare_s = await sender.send_s(frame_bytes=on_wire(payload / frames), rounds=rounds, rate=_rate(run))
    per_frame = (_events(crowd) - events) / frames
    size = payload / frames
    return _Turn(
        spent_s=spent_s,
        frames=to_watchers,
        events=round(per_frame * to_watchers),
        payload=round(size * to_watchers),
        bare_s=bare_s,
    )


def _figures(turns: list[_Turn]) -> dict[str, float]:
    return {
        "delivery_us": round(median(turn.delivery_s for turn in turns) * MICRO, 2),
        "bare_send_us": round(median(turn.bare_s for turn in turns) * MICRO, 2),
        "bare_send_least": min(turn.ratio for turn in turns),
        "bare_send_most": max(turn.ratio for turn in turns),
        "events_per_frame": round(median(turn.events_per_frame for turn in turns), 3),
        "frame_bytes": round(median(turn.bytes for turn in turns)),
    }


def on_wire(payload: float) -> int:
    """Give the bytes that a server writes for a text frame with so many bytes of payload (RFC 6455, not masked)."""
    size = round(payload)
    return size + (2 if size < 126 else 4)


def _rate(run: Run) -> float:
    return choice(run.options.rate, RATE)


def _events(crowd: Crowd) -> int:
    return sum(len(record.seen) for record in crowd.clients)


async def _stretch(run: Run, crowd: Crowd, lot: Lot, name: str) -> float:
    """Bid evenly for the run's seconds; give the processor seconds of the gateway meanwhile."""
    gateway = run.house.process("gateway")
    dues = plan(rate=_rate(run), seconds=run.options.seconds, arrivals="even", random=run.random)
    before = gateway.cpu_s()
    load: Load = await run.drive(name, lambda _number: crowd.bid(lot), rate=_rate(run), dues=dues)
    await asyncio.sleep(max(0.0, run.options.seconds - load.took_s))
    return gateway.cpu_s() - before


async def _idle(run: Run) -> float:
    """Wait for the run's seconds; give the processor seconds of the gateway meanwhile."""
    gateway = run.house.process("gateway")
    before = gateway.cpu_s()
    await asyncio.sleep(run.options.seconds)
    return gateway.cpu_s() - before
