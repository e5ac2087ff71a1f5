"""Many lots on many shards of one server against one lot: which rate does each bear?

One house with all shards, so one committer process that owns all of them: the one lot bears the other shards' upkeep
as well. Both searches run in it, one after the other, without sockets; a rate is borne as in `loadtests.find_rate`.
With ``--find-rate`` or ``--rate`` only the many lots are driven, at one rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from loadtests.desk import Desk
from loadtests.figures import bid_figures
from loadtests.find_rate import Found, Trial, find_rate
from loadtests.lot import Lot
from loadtests.lots import open_lots
from loadtests.open_model import Load
from loadtests.options import choice, count
from loadtests.outcome import Outcome, load_figures, ratio
from loadtests.run import Run

ABOUT: Final = "500 lots on 16 shards of one server against one lot: the highest rate that each bears"
WITH_GATEWAY: Final = False
RATE: Final = 1_000.0
LOTS: Final = 500
EACH: Final = 4
"""Bidders of each of many lots."""
SETTLING_S: Final = 5.0
SETTLING_BIDS: Final = 500
ALONE: Final = 1_500
"""Bidders of the one lot, so many that none of them makes more bids in a second than he may."""


async def run(run: Run) -> Outcome:
    """Search for the highest rate of one lot, then of many; or drive the many at the rate that was asked for."""
    options = run.options
    lots_asked = count(options.lots, LOTS)
    run.say(f"opening {lots_asked} lots on {run.house.live.shards} shards")
    lots = await open_lots(run.house, lots=lots_asked, bidders=max(2, options.bidders // lots_asked or EACH))
    if options.find_rate or options.rate:
        return await _drive(run, lots)
    alone = await open_lots(run.house, lots=1, bidders=ALONE)
    desk = Desk(run.house, [*alone, *lots])
    async with desk.open():
        await _settle(run, desk, [*alone, *lots])
        one = await _search(run, desk, "one lot", alone)
        many = await _search(run, desk, "many lots", lots)
        violations, _ = await run.judge(desk.clients)
    return _compared(run, desk, one, many, violations)


async def drive_lots(run: Run, desk: Desk, name: str, lots: Sequence[Lot], *, rate: float) -> Load:
    """Bid on lots drawn at random, at a rate."""

    async def send(_number: int) -> bool:
        lot = run.random.choice(lots)
        return await desk.bid(lot, *lot.next_bid()) is not None

    return await run.drive(name, send, rate=rate)


async def _drive(run: Run, lots: list[Lot]) -> Outcome:
    desk = Desk(run.house, lots)
    async with desk.open():
        load = await drive_lots(run, desk, "many lots", lots, rate=choice(run.options.rate, RATE))
        violations, _ = await run.judge(desk.clients, load)
    return Outcome(figures=bid_figures(load, desk.clients), violations=violations)


async def _settle(run: Run, desk: Desk, lots: Sequence[Lot]) -> None:
    """Bid quietly until the openings and admissions of all lots are worked off: they belong to no rate that is tried."""
    dues = [number * SETTLING_S / SETTLING_BIDS for number in range(SETTLING_BIDS)]

    async def send(_number: int) -> bool:
        lot = run.random.choice(lots)
        return await desk.bid(lot, *lot.next_bid()) is not None

    await run.drive("settling", send, rate=SETTLING_BIDS / SETTLING_S, dues=dues)


async def _search(run: Run, desk: Desk, name: str, lots: list[Lot]) -> Found:
    async def attempt(rate: float) -> Outcome:
        load = await drive_lots(run, desk, f"{name} at {rate:,.0f}/s", lots, rate=rate)
        return Outcome(figures=load_figures(load))

    def tell(trial: Trial) -> None:
        run.say(f"{name} at {trial.rate:,.1f}/s: {trial.why_not or f'borne, p99 {trial.p99_ms:g} ms'}")

    return await find_rate(
        attempt, first=RATE, p99_ms=run.options.find_rate_p99_ms, seconds=run.options.seconds, tell=tell
    )


def _compared(run: Run, desk: Desk, one: Found, many: Found, violations: list[str]) -> Outcome:
    figures: dict[str, float] = {"shards": run.house.live.shards, "trials": len(one.trials) + len(many.trials)}
    for name, found in (("one_lot", one), ("many_lots", many)):
        if found.best is None:
            violations = [*violations, f"{name}: no rate that was tried was borne"]
            continue
        figures |= {f"{name}_max_rate_per_s": round(found.best.rate, 1), f"{name}_p99_ms": found.best.p99_ms}
    compared = ratio(figures.get("many_lots_max_rate_per_s", 0.0), figures.get("one_lot_max_rate_per_s"))
    if compared is not None:
        figures["many_over_one"] = compared
    figures["bidders"] = len(desk.clients)
    return Outcome(figures=figures, violations=violations)
