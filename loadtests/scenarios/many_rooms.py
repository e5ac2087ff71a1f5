"""Many rooms that end at the same instant under load, without sockets: how soon is each outcome durable?

By our law a late bid moves the end, so rooms under load would not end together. This scenario therefore uses a rule set with a
hard end, which only installations stamped *test* accept; all other rules are the law's. Bids go on past the end and must be
refused there, whatever any timer has done.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

import msgspec

from bidding.rules.session import SPC_2016, recorded
from loadtests.desk import Desk
from loadtests.figures import bid_figures
from loadtests.latency import Histogram
from loadtests.lot import Lot
from loadtests.lots import SECOND_US, open_lots, rooms_clock_us
from loadtests.options import choice, count
from loadtests.outcome import Outcome
from loadtests.run import Run

ABOUT: Final = "200 lots that end at the same instant while bids go on; time from the end to the durable outcome"
WITH_GATEWAY: Final = False
LOTS: Final = 200
BIDDERS: Final = 1_000
RATE: Final = 500.0
SET_UP_S: Final = 25.0
AFTER_END: Final = 0.2
"""Part of the run that lies after the end."""
CLOSED_S: Final = 20.0
POLL_S: Final = 0.02
HARD_END: Final = recorded("hard-end", msgspec.structs.replace(SPC_2016, extension_window_us=0, extension_us=0))


async def run(run: Run) -> Outcome:
    """Bid up to the common end and past it; measure each close."""
    options = run.options
    lots_asked = count(options.lots, LOTS)
    each = max(2, count(options.bidders, BIDDERS) // lots_asked)
    run.say(f"opening {lots_asked} lots with {each} bidders each")
    end_us = await rooms_clock_us(run.house) + round((SET_UP_S + options.seconds) * SECOND_US)
    lots = await open_lots(run.house, lots=lots_asked, bidders=each, rules=HARD_END, ends_us=end_us)
    desk = Desk(run.house, lots)
    async with desk.open():
        left_s = (end_us - await rooms_clock_us(run.house)) / SECOND_US
        await asyncio.sleep(max(0.0, left_s - options.seconds * (1 - AFTER_END)))

        async def send(_number: int) -> bool:
            lot = run.random.choice(lots)
            return await desk.bid(lot, *lot.next_bid()) is not None

        load = await run.drive("many rooms", send, rate=choice(options.rate, RATE))
        await _all_closed(desk, lots)
        violations, _ = await run.judge(desk.clients, load)
    closes = Histogram()
    for lot in lots:
        if (heard_us := desk.closed_us.get(lot.terms.session_id)) is None:
            violations.append(f"not closed: lot {lot.terms.lot_id}")
        else:
            closes.add((heard_us - end_us) / SECOND_US)
    measured = closes.summary()
    figures = bid_figures(load, desk.clients) | {
        "rooms_closed": measured.count,
        "close_durable_p50_ms": measured.p50_ms,
        "close_durable_p99_ms": measured.p99_ms,
        "close_durable_worst_ms": measured.worst_ms,
    }
    return Outcome(figures=figures, violations=violations)


async def _all_closed(desk: Desk, lots: list[Lot]) -> None:
    until = time.monotonic() + CLOSED_S
    while len(desk.closed_us) < len(lots) and time.monotonic() < until:  # noqa: ASYNC110 - bounded
        await asyncio.sleep(POLL_S)
