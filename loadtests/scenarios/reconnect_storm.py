"""2,000 sockets are lost at once and come back at once: twice while nothing else happens, once under load.

1. A client has resumed when it has its snapshot. The clock runs from the loss of all lines until the last one is back, and the credentials
   are obtained within it: fresh tickets first while idle and again under load; resume tokens, which a page shows first, in between.
2. Under load others stay and bid, a sixth of all, so that what the storm does to an acknowledgement can be seen; nobody who is
   away waits for one.
3. Whoever finds a gap that the house does not fill breaks the run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from loadtests.crowd import Crowd, Seat
from loadtests.figures import bid_figures, crowd_figures
from loadtests.lots import open_lots
from loadtests.options import choice, count
from loadtests.outcome import Outcome
from loadtests.run import Run
from loadtests.undisturbed import undisturbed

ABOUT: Final = "2,000 sockets are lost and come back at once: idle with tickets and with resume tokens, then under load"
WITH_GATEWAY: Final = True
BIDDERS: Final = 2_400
LOTS: Final = 50
STAY: Final = 6
"""One bidder in so many stays and bids."""
RATE: Final = 100.0
POLL_S: Final = 0.01
CLOSED_S: Final = 10.0


async def run(run: Run) -> Outcome:
    """Storm three times; give how long it took until the last one was back, and what became of the others' bids meanwhile."""
    lots_asked = count(run.options.lots, LOTS)
    each = max(4, count(run.options.bidders, BIDDERS) // lots_asked)
    stay = max(2, each // STAY)
    run.say(f"opening {lots_asked} lots with {each} bidders each, of whom {stay} stay and bid")
    lots = await open_lots(run.house, lots=lots_asked, bidders=each)
    crowd = Crowd(run.house, lots)
    storming = [seat for lot in lots for seat in _seats_of(crowd, lot.codes[stay:], lot.terms.lot_id)]
    for lot in lots:
        lot.codes = lot.codes[:stay]  # they bid (rule 2)
    await crowd.enter(crowd.seats)
    run.say(f"storm of {len(storming)} while idle, with tickets")
    gateway, own_s = run.house.processes.get("gateway"), time.process_time()
    gateway_s = gateway.cpu_s() if gateway else 0.0
    with undisturbed():
        idle_s = await _storm(crowd, storming, resume=False)
    own_s, gateway_s = time.process_time() - own_s, gateway.cpu_s() - gateway_s if gateway else 0.0
    run.say("storm while idle, with resume tokens")
    with undisturbed():
        resumed_s = await _storm(crowd, storming, resume=True)
    began = time.monotonic()
    later = asyncio.create_task(_storm_after(run, crowd, storming, run.options.seconds / 3))
    rate = choice(run.options.rate, RATE)
    load = await run.drive("storm", lambda _number: crowd.bid(run.random.choice(lots)), rate=rate)
    loaded_s = await later
    await crowd.settle()
    took_s = time.monotonic() - began
    violations, _ = await run.judge(crowd.clients, load)
    gaps = sum(len(seat.records) - 1 for seat in crowd.seats)
    if gaps:
        violations.append(f"gap on return: {gaps} clients were not given what they had missed")
    figures = bid_figures(load, crowd.clients) | crowd_figures(crowd, run.house, took_s=took_s)
    figures |= {
        "stormed": len(storming),
        "all_back_idle_s": round(idle_s, 3),
        "all_back_idle_resumed_s": round(resumed_s, 3),
        "all_back_under_load_s": round(loaded_s, 3),
        "storm_driver_cpu_s": round(own_s, 3),
        "gaps": gaps,
    }
    if gateway:
        figures["storm_gateway_cpu_s"] = round(gateway_s, 3)
    await crowd.leave()
    return Outcome(figures=figures, violations=violations)


def _seats_of(crowd: Crowd, codes: Sequence[str], lot_id: object) -> list[Seat]:
    wanted = set(codes)
    return [seat for seat in crowd.bidders if seat.lot.terms.lot_id == lot_id and seat.code in wanted]


async def _storm_after(run: Run, crowd: Crowd, storming: Sequence[Seat], seconds: float) -> float:
    await asyncio.sleep(seconds)
    run.say("storm under load, with tickets")
    return await _storm(crowd, storming, resume=False)


async def _storm(crowd: Crowd, storming: Sequence[Seat], *, resume: bool) -> float:
    """Lose all lines, come back at once; give the seconds from the loss until the last one had its snapshot (rule 1)."""
    began = time.monotonic()
    for seat in storming:
        seat.cut()
    while any(seat.is_in for seat in storming) and time.monotonic() - began < CLOSED_S:  # noqa: ASYNC110 - bounded
        await asyncio.sleep(POLL_S)
    await crowd.enter(storming, resume=resume, at_once=len(storming))
    return time.monotonic() - began
