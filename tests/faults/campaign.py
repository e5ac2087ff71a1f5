"""Kill every process of the demonstration at every step: ``python -m tests.faults.campaign`` (``make faults``).

The pairs (step, victim) are spread over runs of one case each, ``--every`` steps apart, so that one run has many kills.
What was done stands in the state file: a campaign that was stopped goes on where it was. ``--only 26:database,31:site``
runs one case with just these kills. The exit status is 0 only if every case ended as it must.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tests.faults.after_run import problems_of
from tests.faults.demonstration import VICTIMS, Kill, Outcome, carry

STEPS = 60
DELAYS_S = (0.0, 0.0, 0.05, 0.15, 0.4)
"""How long after a step's line a kill comes: the next step is then under way."""

Pair = tuple[int, str]


class State(msgspec.Struct):
    """What a campaign has done."""

    done: set[Pair] = msgspec.field(default_factory=set)
    failed: dict[str, list[str]] = msgspec.field(default_factory=dict)
    """Schedule to what did not hold."""
    runs: int = 0


def next_schedule(done: set[Pair], *, every: int, seed: int, first: int = 1) -> dict[int, Kill]:
    """Choose kills for one run: from each ``every`` steps one pair that was not done yet, if there is one."""
    chance = random.Random(seed)
    schedule: dict[int, Kill] = {}
    last = first - every + chance.randrange(every)
    for step in range(first, STEPS + 1):
        left = [victim for victim in VICTIMS if (step, victim) not in done]
        if left and step - last >= every:
            schedule[step] = Kill(chance.choice(left), chance.choice(DELAYS_S))
            last = step
    return schedule


def parse(text: str) -> dict[int, Kill]:
    """Read ``26:database,31:site+0.15``."""
    schedule = {}
    for part in text.split(","):
        step, _, rest = part.partition(":")
        victim, _, delay = rest.partition("+")
        if victim not in VICTIMS:
            raise SystemExit(f"unknown victim {victim!r}; one of {', '.join(VICTIMS)}")
        schedule[int(step)] = Kill(victim, float(delay or 0))
    return schedule


def spell(schedule: Mapping[int, Kill]) -> str:
    """Write a schedule as `parse` reads it."""
    return ",".join(f"{step}:{kill.victim}+{kill.delay_s:g}" for step, kill in sorted(schedule.items()))


def run_once(schedule: Mapping[int, Kill], *, keep: Path | None) -> tuple[Outcome, list[str]]:
    """Run one case; the folder of a failed one is kept under ``keep``."""
    folder = Path(tempfile.mkdtemp(prefix="fapai-f-", dir="/tmp"))
    folder.chmod(0o711)
    outcome = carry(folder, schedule)
    problems = asyncio.run(problems_of(folder, outcome))
    if problems and keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, keep / folder.name)
        problems.append(f"kept in {keep / folder.name}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return outcome, problems


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _table(state: State) -> None:
    """Print steps across, victims down: + done and held, . not done."""
    _say(f"{'':11}" + "".join(str(step // 10) if step % 10 == 0 else " " for step in range(1, STEPS + 1)))
    for victim in VICTIMS:
        _say(f"{victim:11}" + "".join("+" if (step, victim) in state.done else "." for step in range(1, STEPS + 1)))
    _say(
        f"{len(state.done)} of {STEPS * len(VICTIMS)} pairs held in {state.runs} cases; {len(state.failed)} cases failed"
    )


def _read(path: Path) -> State:
    return msgspec.json.decode(path.read_bytes(), type=State) if path.exists() else State()


def campaign(path: Path, *, every: int, minutes: float, keep: Path) -> int:
    """Run cases until every pair is done or time is up; gives how many cases failed in this call."""
    state, until, failed = _read(path), time.monotonic() + minutes * 60, 0
    while time.monotonic() < until:
        schedule = next_schedule(state.done, every=every, seed=state.runs)
        if not schedule:
            break
        outcome, problems = run_once(schedule, keep=keep)
        state.runs += 1
        if problems:
            failed += 1
            state.failed[spell(schedule)] = problems
        else:
            state.done |= {(int(at), victim) for victim, _, at in (kill.partition("@") for kill in outcome.kills)}
        path.write_bytes(msgspec.json.encode(state))
        _say(
            f"{outcome.seconds:6.1f} s  {outcome.starts} starts  {'FAILED' if problems else 'held  '}  {spell(schedule)}"
        )
        for problem in problems:
            _say(f"          {problem}")
    _table(state)
    return failed


def main(arguments: Sequence[str]) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, default=Path(".fapai/faults.json"))
    parser.add_argument("--every", type=int, default=4, help="steps between two kills of one run")
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--only", help="one case with these kills: 26:database,31:site+0.15")
    parser.add_argument("--fresh", action="store_true", help="forget what was done")
    asked = parser.parse_args(arguments)
    asked.state.parent.mkdir(parents=True, exist_ok=True)
    keep = asked.state.with_suffix(".kept")
    if asked.only:
        outcome, problems = run_once(parse(asked.only), keep=keep)
        _say(f"{outcome.seconds} s, {outcome.starts} starts, {len(outcome.steps)} steps: {', '.join(outcome.kills)}")
        _say("\n".join(problems) or "held")
        return 1 if problems else 0
    if asked.fresh:
        asked.state.unlink(missing_ok=True)
    return 1 if campaign(asked.state, every=asked.every, minutes=asked.minutes, keep=keep) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
