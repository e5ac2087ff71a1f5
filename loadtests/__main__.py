"""``python -m loadtests SCENARIO``: run one scenario, show its figures, and say whether everything was right."""

from __future__ import annotations

import json
import logging
import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Final, NamedTuple

import msgspec
import structlog

from auction.kernel.errors import FaultOfOthers, SettingInvalid
from loadtests.house import HouseUnfit, open_house, require_near
from loadtests.options import Options, read_options
from loadtests.outcome import Outcome, last_line
from loadtests.report import report
from loadtests.room_socket import SocketRefused
from loadtests.run import Run, environment, summary
from loadtests.scenarios import core, many_rooms, reconnect_storm, runaway, rush, slow_readers, sockets, spectators
from web.running.loop import run as run_loop
from web.running.processes import ServerFailed

OK: Final = 0
BROKEN: Final = 1
UNFIT: Final = 3


class Scenario(NamedTuple):
    """One scenario as its module offers it."""

    about: str
    with_gateway: bool
    run: Callable[[Run], Awaitable[Outcome]]


SCENARIOS: Final = {
    "core": Scenario(core.ABOUT, core.WITH_GATEWAY, core.run),
    "sockets": Scenario(sockets.ABOUT, sockets.WITH_GATEWAY, sockets.run),
    "rush": Scenario(rush.ABOUT, rush.WITH_GATEWAY, rush.run),
    "many-rooms": Scenario(many_rooms.ABOUT, many_rooms.WITH_GATEWAY, many_rooms.run),
    "spectators": Scenario(spectators.ABOUT, spectators.WITH_GATEWAY, spectators.run),
    "reconnect-storm": Scenario(reconnect_storm.ABOUT, reconnect_storm.WITH_GATEWAY, reconnect_storm.run),
    "slow-readers": Scenario(slow_readers.ABOUT, slow_readers.WITH_GATEWAY, slow_readers.run),
    "runaway": Scenario(runaway.ABOUT, runaway.WITH_GATEWAY, runaway.run),
}


def main(arguments: Sequence[str]) -> int:
    """Run what the command line asks for; give the exit status."""
    options = read_options(arguments, {name: one.about for name, one in SCENARIOS.items()})
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        if not options.allow_remote:
            require_near(options.database_url)
            require_near(options.redis_url)
        outcome, run, described = run_loop(_measure(options))
    except (HouseUnfit, ServerFailed, SettingInvalid, SocketRefused, FaultOfOthers, OSError) as unfit:
        print(f"no house to test: {unfit!r}", file=sys.stderr)
        return UNFIT
    return _show(options, run, outcome, described, command=shlex.join(["python", "-m", "loadtests", *arguments]))


async def _measure(options: Options) -> tuple[Outcome, Run, dict[str, str]]:
    scenario = SCENARIOS[options.scenario]
    async with open_house(
        database_url=options.database_url, redis_url=options.redis_url, with_gateway=scenario.with_gateway
    ) as house:
        run = Run(options, house, Random(options.seed))
        described = environment(options, house.durability)
        return await scenario.run(run), run, described


def _show(options: Options, run: Run, outcome: Outcome, described: dict[str, str], *, command: str) -> int:
    line = last_line(options.scenario, options.seed, outcome, options.thresholds)
    verdict = str(line["verdict"])
    if options.hdr_log is not None:
        options.hdr_log.write_text(_histograms(run), encoding="utf-8")
    if options.report is not None:
        options.report.write_text(report(line, described, run.loads, command=command), encoding="utf-8")
    if options.as_json:
        print(json.dumps({"environment": described}))
        print(msgspec.json.encode(line).decode())
    else:
        print("\n".join([f"{options.scenario}, seed {options.seed}", *summary(outcome, verdict)]))
    return OK if verdict == "ok" else BROKEN


def _histograms(run: Run) -> str:
    """Give each run's corrected and uncorrected histogram, one a line: name, kind, standard encoded form."""
    kinds = ("corrected", "uncorrected")
    lines = [
        f"{name} {kind} {getattr(load.latencies, kind).encoded()}" for name, load in run.loads.items() for kind in kinds
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
