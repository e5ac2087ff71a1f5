"""What a tester may ask for: ``python -m loadtests SCENARIO [options]``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from bidding.live.keys import SHARDS_LIMIT
from loadtests.open_model import ARRIVALS_LIMIT, Arrivals
from loadtests.outcome import NAMED, Bound, Thresholds

RATE_LIMIT: Final = 50_000.0
SECONDS_LIMIT: Final = 3_600.0
RUNS_LIMIT: Final = 25
P99_MS: Final = 100.0
"""Bound of ``--find-rate`` unless another is asked for."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """One run as it was asked for; zero stands for the scenario's own choice."""

    scenario: str
    seed: int = 1
    seconds: float = 10.0
    rate: float = 0.0
    bidders: int = 0
    lots: int = 0
    shards: int = 0
    watchers: int = 0
    pollers: int = -1
    """Polls a minute; below zero: the scenario's own choice."""
    cached: bool = True
    """Whether polls come through a cache."""
    arrivals: Arrivals = "poisson"
    one_room: bool = False
    baselines: bool = True
    runs: int = 1
    """So many runs, each on a house of its own; the medians count."""
    find_rate: bool = False
    """Search for the highest rate instead of running at one."""
    find_rate_p99_ms: float = P99_MS
    database_url: str = ""
    redis_url: str = ""
    testbed: Path | None = None
    gateway_pid: int = 0
    allow_remote: bool = False
    as_json: bool = False
    report: Path | None = None
    hdr_log: Path | None = None
    thresholds: Thresholds = Thresholds()


def read_options(arguments: Sequence[str], scenarios: dict[str, str]) -> Options:
    """Read the command line; anything wrong ends the process with status 2 and a sentence (argparse)."""
    parser = _parser(scenarios)
    chosen = vars(parser.parse_args(arguments))
    named = {name: chosen.pop(name) for name in NAMED}
    others = tuple(chosen.pop("min") + chosen.pop("max"))
    options = Options(thresholds=Thresholds(**named, bounds=others), **chosen)
    if (problem := _problem(options)) is not None:
        parser.error(problem)
    return options


def _problem(options: Options) -> str | None:
    """Give what is wrong with these options; ``None``: nothing."""
    if not 0 < options.seconds <= SECONDS_LIMIT:
        return f"--seconds is above zero and at most {SECONDS_LIMIT:g}"
    if not 0 <= options.rate <= RATE_LIMIT:
        return f"--rate is at most {RATE_LIMIT:g}"
    if options.rate * options.seconds > ARRIVALS_LIMIT:
        return f"a run has at most {ARRIVALS_LIMIT} arrivals"
    if not 1 <= options.runs <= RUNS_LIMIT:
        return f"--runs is between 1 and {RUNS_LIMIT}"
    if options.find_rate_p99_ms <= 0:
        return "--find-rate-p99-ms is above zero"
    if min(options.bidders, options.lots, options.watchers) < 0:
        return "--bidders, --lots and --watchers are not negative"
    if not 0 <= options.shards <= SHARDS_LIMIT:
        return f"--shards is at most {SHARDS_LIMIT}"
    for path in (options.report, options.hdr_log):
        if path is not None and not path.absolute().parent.is_dir():
            return f"there is no folder for {path}"
    return _problem_of_place(options)


def _problem_of_place(options: Options) -> str | None:
    """Give what is wrong with where it is to run; ``None``: nothing."""
    if options.testbed is None and bool(options.database_url) != bool(options.redis_url):
        return "--database-url and --redis-url come together"
    if options.testbed is not None and options.redis_url:
        return "--testbed meets an installation from outside: without --redis-url"
    if options.gateway_pid and options.testbed is None:
        return "--gateway-pid belongs to --testbed"
    return None


def _parser(scenarios: dict[str, str]) -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:16} {about}" for name, about in scenarios.items())
    parser = argparse.ArgumentParser(
        prog="python -m loadtests",
        description="Load tests of the bid core, each with a verdict on correctness.",
        epilog=f"scenarios:\n{listed}\n\nexit status: 0 ok, 1 something broke, 2 wrong options, 3 no house to test",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scenario", choices=list(scenarios), metavar="SCENARIO", help="one of those below")
    load = parser.add_argument_group("load")
    load.add_argument("--seed", type=int, default=1, help="seed of arrivals and choices (default 1)")
    load.add_argument("--seconds", type=float, default=10.0, help="how long the open run lasts (default 10)")
    load.add_argument("--rate", type=float, default=0.0, help="bids due in a second (default: the scenario's)")
    load.add_argument("--bidders", type=int, default=0, help="bidders in all (default: the scenario's)")
    load.add_argument("--lots", type=int, default=0, help="lots (default: the scenario's)")
    load.add_argument("--shards", type=int, default=0, help="shards of the house (default: the scenario's, mostly 1)")
    load.add_argument("--watchers", type=int, default=0, help="spectators or slow readers (default: the scenario's)")
    load.add_argument("--pollers", type=int, default=-1, help="spectators: polls a minute (default 20000; 0: none)")
    load.add_argument("--no-cache", dest="cached", action="store_false", help="spectators: send each poll to the site")
    load.add_argument("--arrivals", choices=["poisson", "even"], default="poisson", help="spacing (default poisson)")
    load.add_argument("--one-room", action="store_true", help="sockets: all bidders in one room")
    load.add_argument("--no-baselines", dest="baselines", action="store_false", help="measure no baselines; no ratios")
    _repetition(parser.add_argument_group("repetition"))
    _place(parser.add_argument_group("place (default: embedded servers in a temporary folder)"))
    _output(parser.add_argument_group("output"))
    _bounds(parser.add_argument_group("thresholds (exit status 1 if one is missed)"))
    return parser


def _repetition(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--runs", type=int, default=1, help="run so often, seeds upwards from --seed; medians count")
    group.add_argument("--find-rate", action="store_true", help="search for the highest rate that is borne")
    group.add_argument(
        "--find-rate-p99-ms", type=float, default=P99_MS, metavar="MS", help=f"what is borne (default {P99_MS:g})"
    )


def _bounds(group: argparse._ArgumentGroup) -> None:
    for name in NAMED:
        group.add_argument(f"--{name.replace('_', '-')}", type=float, default=None, metavar="X")
    group.add_argument("--min", type=_least, action="append", default=[], metavar="FIGURE=X", help="of any figure")
    group.add_argument("--max", type=_most, action="append", default=[], metavar="FIGURE=X", help="of any figure")


def _least(text: str) -> Bound:
    figure, bound = _figure_and_bound(text)
    return Bound(side="min", figure=figure, bound=bound)


def _most(text: str) -> Bound:
    figure, bound = _figure_and_bound(text)
    return Bound(side="max", figure=figure, bound=bound)


def _figure_and_bound(text: str) -> tuple[str, float]:
    figure, _, bound = text.partition("=")
    if not figure:
        raise ValueError(text)
    return figure, float(bound)


def _place(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--testbed", type=Path, metavar="FILE", help="what `fapai testbed` wrote: meet that installation"
    )
    group.add_argument(
        "--gateway-pid", type=int, default=0, metavar="PID", help="its gateway, if it runs here: measured"
    )
    group.add_argument("--database-url", default="", help="PostgreSQL of an installation stamped test")
    group.add_argument("--redis-url", default="", help="its Redis")
    group.add_argument("--allow-remote", action="store_true", help="let those addresses be on other machines")


def _output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--json", dest="as_json", action="store_true", help="print one JSON object as the last line")
    group.add_argument("--report", type=Path, default=None, metavar="FILE.html", help="write a report with pictures")
    group.add_argument("--hdr-log", type=Path, default=None, metavar="FILE", help="write the HdrHistograms")


def choice(asked: float, otherwise: float) -> float:
    """Give what was asked for, or the scenario's own choice."""
    return asked or otherwise


def count(asked: int, otherwise: int) -> int:
    """Give the number that was asked for, or the scenario's own."""
    return asked or otherwise
