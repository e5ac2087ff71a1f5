"""A lot that does not end: every bid comes within the last five minutes and moves the end, thousands of times."""

from __future__ import annotations

from typing import Final

from loadtests.desk import Desk
from loadtests.figures import bid_figures
from loadtests.lots import SECOND_US, open_lots
from loadtests.options import choice, count
from loadtests.outcome import Outcome
from loadtests.run import Run

ABOUT: Final = "one lot in its last minutes: every bid moves the end, thousands of extensions, without sockets"
WITH_GATEWAY: Final = False
BIDDERS: Final = 400
RATE: Final = 500.0
LASTS_US: Final = 240 * SECOND_US
"""Within the five minutes in which a bid moves the end."""


async def run(run: Run) -> Outcome:
    """Bid in the last minutes; the checker follows each extension by its own sums."""
    lots = await open_lots(run.house, lots=1, bidders=count(run.options.bidders, BIDDERS), lasts_us=LASTS_US)
    desk = Desk(run.house, lots)
    async with desk.open():

        async def send(_number: int) -> bool:
            return await desk.bid(lots[0], *lots[0].next_bid()) is not None

        load = await run.drive("runaway", send, rate=choice(run.options.rate, RATE))
        violations, stored = await run.judge(desk.clients, load)
    extensions = sum(seen.extended for client in desk.clients for seen in client.seen)
    figures = bid_figures(load, desk.clients) | {"extensions": extensions, "events": len(stored.events)}
    return Outcome(figures=figures, violations=violations)
