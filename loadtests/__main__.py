"""``python -m loadtests SCENARIO``: run one scenario, show its figures, and say whether everything was right."""

from __future__ import annotations

import json
import logging
import shlex
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Final, NamedTuple

import msgspec
import structlog

from auction.kernel.errors import FaultOfOthers, SettingInvalid
from loadtests.bed import open_bed, own_bed
from loadtests.faults import command as faults
from loadtests.find_rate import Trial, find_rate
from loadtests.histogram_log import histogram_log
from loadtests.house import House, HouseUnfit, open_house, require_near
from loadtests.open_model import Load
from loadtests.options import Options, count, read_options
from loadtests.outcome import Outcome, last_line
from loadtests.repeat import median_of
from loadtests.report import report
from loadtests.room_socket import SocketRefused
from loadtests.run import Run, delay_figures, environment, summary
from loadtests.scenarios import (
    cluster,
    core,
    delivery,
    idle,
    many_rooms,
    page,
    reconnect_storm,
    runaway,
    rush,
    shards,
    slow_readers,
    sockets,
    spectators,
)
from web.running.loop import run as run_loop
from web.running.processes import ServerFailed

FAULTS: Final = "faults"
OK: Final = 0
BROKEN: Final = 1
UNFIT: Final = 3


class Scenario(NamedTuple):
    """One scenario as its module offers it."""

    about: str
    with_gateway: bool
    rate: float
    """Bids a second unless another rate is asked for; where a search begins."""
    run: Callable[[Run], Awaitable[Outcome]]


class Place(NamedTuple):
    """What a scenario's house stands on, unless it is given addresses."""

    shards: int = 1
    on_cluster: bool = False


PLACES: Final = {"cluster": Place(16, on_cluster=True), "shards": Place(16)}
"""Scenarios that stand on something else than one server with one shard."""


SITES: Final = {"spectators": (spectators.LOTS, spectators.BIDDERS), "page": (page.LOTS, page.BIDDERS)}
"""Scenarios that need a site beside the rooms, with the lots and the bidders that they have unless others are asked for."""


class Measured(NamedTuple):
    """One run as it was measured."""

    outcome: Outcome
    loads: Mapping[str, Load]
    described: Mapping[str, str]


SCENARIOS: Final = {
    name: Scenario(module.ABOUT, module.WITH_GATEWAY, module.RATE, module.run)
    for name, module in {
        "core": core,
        "sockets": sockets,
        "delivery": delivery,
        "idle": idle,
        "rush": rush,
        "many-rooms": many_rooms,
        "spectators": spectators,
        "page": page,
        "reconnect-storm": reconnect_storm,
        "slow-readers": slow_readers,
        "runaway": runaway,
        "shards": shards,
        "cluster": cluster,
    }.items()
}


def main(arguments: Sequence[str]) -> int:
    """Run what the command line asks for; give the exit status."""
    if arguments[:1] == [FAULTS]:  # attacks a house of its own, with options of its own
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        return faults.main(arguments[1:])
    about = {name: one.about for name, one in SCENARIOS.items()} | {FAULTS: faults.ABOUT}
    options = read_options(arguments, about)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        if not options.allow_remote:
            require_near(options.database_url)
            require_near(options.redis_url)
        runs = [_once(options, number) for number in range(options.runs)]
    except (HouseUnfit, ServerFailed, SettingInvalid, SocketRefused, FaultOfOthers, OSError) as unfit:
        print(f"no house to test: {unfit!r}", file=sys.stderr)
        return UNFIT
    return _show(options, runs, command=shlex.join(["python", "-m", "loadtests", *arguments]))


def _once(options: Options, number: int) -> Measured:
    """Make one run; each has a house and a seed of its own."""
    if options.runs > 1:
        print(f"run {number + 1} of {options.runs}", file=sys.stderr, flush=True)
    seeded = msgspec.structs.replace(options, seed=options.seed + number)
    return run_loop(_search(seeded) if options.find_rate else _measure(seeded))


async def _measure(options: Options) -> Measured:
    async with _house(options) as house:
        run = Run(options, house, Random(options.seed))
        described = environment(options, house.durability)
        outcome = await SCENARIOS[options.scenario].run(run)
        outcome.figures |= delay_figures(run.delays)
        return Measured(outcome, run.loads, described)


def _house(options: Options) -> AbstractAsyncContextManager[House]:
    """Give the house that a scenario runs on: a testbed's installation, one of its own with a site, or one without."""
    if options.testbed is not None:
        return open_bed(
            options.testbed,
            database_url=options.database_url,
            gateway_pid=options.gateway_pid,
            allow_remote=options.allow_remote,
        )
    if options.scenario in SITES:
        lots, bidders = SITES[options.scenario]
        return own_bed(
            database_url=options.database_url,
            redis_url=options.redis_url,
            lots=count(options.lots, lots),
            bidders=count(options.bidders, bidders),
            say=lambda sentence: print(sentence, file=sys.stderr, flush=True),
        )
    place = PLACES.get(options.scenario, Place())
    return open_house(
        database_url=options.database_url,
        redis_url=options.redis_url,
        with_gateway=SCENARIOS[options.scenario].with_gateway,
        shards=options.shards or place.shards,
        on_cluster=place.on_cluster,
    )


async def _search(options: Options) -> Measured:
    """Search for the highest rate; the figures are those of the run at it (`find_rate`)."""
    by_rate: dict[float, Measured] = {}

    async def attempt(rate: float) -> Outcome:
        by_rate[rate] = await _measure(msgspec.structs.replace(options, rate=rate, baselines=False))
        return by_rate[rate].outcome

    found = await find_rate(
        attempt,
        first=options.rate or SCENARIOS[options.scenario].rate,
        p99_ms=options.find_rate_p99_ms,
        seconds=options.seconds,
        tell=_tell,
    )
    best = found.best
    measured = by_rate[best.rate if best else found.trials[-1].rate]
    figures = {"max_rate_per_s": round(best.rate, 1) if best else 0.0, "trials": len(found.trials)}
    outcome = msgspec.structs.replace(
        measured.outcome,
        figures={**figures, **measured.outcome.figures},
        violations=found.broken if best else [*found.broken, "no rate that was tried was borne"],
    )
    return measured._replace(outcome=outcome)


def _tell(trial: Trial) -> None:
    verdict = f"not borne, {trial.why_not}" if trial.why_not else f"borne, p99 {trial.p99_ms:g} ms"
    print(f"{trial.rate:,.1f}/s: {verdict}", file=sys.stderr, flush=True)


def _show(options: Options, runs: Sequence[Measured], *, command: str) -> int:
    outcome, described = median_of([run.outcome for run in runs]), runs[0].described
    line = last_line(options.scenario, options.seed, outcome, options.thresholds)
    verdict = str(line["verdict"])
    loads = {name: load for number, run in enumerate(runs, 1) for name, load in _named(run.loads, number, len(runs))}
    if options.hdr_log is not None:
        options.hdr_log.write_text(histogram_log(loads, command=command), encoding="utf-8")
    if options.report is not None:
        page = report(line, described, loads, command=command, notes=outcome.notes, runs=[r.outcome for r in runs])
        options.report.write_text(page, encoding="utf-8")
    if options.as_json:
        print(json.dumps({"environment": described, "notes": outcome.notes}))
        if len(runs) > 1:
            each = [{"figures": run.outcome.figures, "ratios": run.outcome.ratios} for run in runs]
            print(json.dumps({"runs": each}))
        print(msgspec.json.encode(line).decode())
    else:
        print("\n".join([f"{options.scenario}, seed {options.seed}", *summary(outcome, verdict)]))
    return OK if verdict == "ok" else BROKEN


def _named(loads: Mapping[str, Load], number: int, of: int) -> Iterator[tuple[str, Load]]:
    """Name the loads of several runs apart."""
    return ((f"{name}, run {number}" if of > 1 else name, load) for name, load in loads.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
