"""``python -m loadtests faults``: run fault schedules, show how soon bids were acknowledged again, and what was found."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from loadtests.faults.campaign import Campaign, outcome_of, planned
from loadtests.faults.schedule import KIND_OF, KINDS
from loadtests.house import HouseUnfit
from loadtests.options import Options
from loadtests.outcome import Outcome, Thresholds, last_line
from loadtests.report import report
from loadtests.run import environment, summary
from web.running.loop import run as run_loop
from web.running.processes import ServerFailed

ABOUT: Final = "every part killed, stopped, cut off, misled under load, alone and in pairs; see faults --help"
SCHEDULES: Final = 5
SCHEDULES_LIMIT: Final = 100_000
OK: Final = 0
BROKEN: Final = 1
UNFIT: Final = 3


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    schedules: int
    seed: int
    kind: str
    state: Path | None
    fresh: bool
    as_json: bool
    report: Path | None


def main(arguments: Sequence[str]) -> int:
    """Run what the command line asks for; give the exit status."""
    asked = _read(arguments)
    campaign = Campaign(
        planned(schedules=asked.schedules, seed=asked.seed, kind=asked.kind), asked.state, fresh=asked.fresh
    )
    try:
        run_loop(campaign.run())
    except (HouseUnfit, ServerFailed, OSError) as unfit:
        print(f"no house to test: {unfit!r}", file=sys.stderr)
        return UNFIT
    described = environment(Options(scenario="faults", seed=asked.seed), campaign.state.durability)
    outcome = outcome_of(campaign.results)
    return _show(asked, outcome, described, command=shlex.join(["python", "-m", "loadtests", "faults", *arguments]))


def _show(asked: Asked, outcome: Outcome, described: Mapping[str, str], *, command: str) -> int:
    line = last_line("faults", asked.seed, outcome, Thresholds())
    verdict = str(line["verdict"])
    if asked.report is not None:
        asked.report.write_text(report(line, described, {}, command=command, notes=outcome.notes), encoding="utf-8")
    if asked.as_json:
        print(json.dumps({"environment": described, "notes": outcome.notes}))
        print(msgspec.json.encode(line).decode())
    else:
        print("\n".join([f"faults, seed {asked.seed}", *outcome.notes, *summary(outcome, verdict)]))
    return OK if verdict == "ok" else BROKEN


def _read(arguments: Sequence[str]) -> Asked:
    parser = _parser()
    asked = Asked(**vars(parser.parse_args(arguments)))
    if not 1 <= asked.schedules <= SCHEDULES_LIMIT:
        parser.error(f"--schedules is between 1 and {SCHEDULES_LIMIT}")
    if asked.kind and asked.kind not in KIND_OF:
        parser.error(f"there is no kind {asked.kind}")
    if asked.report is not None and not asked.report.absolute().parent.is_dir():
        parser.error(f"there is no folder for {asked.report}")
    return asked


def _parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {kind.name:24} {kind.about}" for kind in KINDS)
    parser = argparse.ArgumentParser(
        prog="python -m loadtests faults",
        description="Fault schedules under load, each with a verdict on correctness. On servers of its own only.",
        epilog=f"kinds of faults:\n{listed}\n\nexit status: 0 ok, 1 something broke, 2 wrong options, 3 no house to test",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--schedules", type=int, default=SCHEDULES, metavar="N", help="how many (default 5)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="seeds S to S + N - 1 (default 1)")
    parser.add_argument("--kind", default="", help="single faults of this kind only")
    parser.add_argument("--state", type=Path, default=None, metavar="FILE", help="keep results here; go on from here")
    parser.add_argument("--fresh", action="store_true", help="forget what the state file has")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--report", type=Path, default=None, metavar="FILE.html", help="write a report")
    return parser
