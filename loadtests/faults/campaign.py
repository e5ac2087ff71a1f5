"""Many schedules, one after the other: resumable by seed, a house for so many, what broke kept for a person to look at.

1. The state file has the result of each seed. A campaign that was stopped goes on with the seeds that are not in it.
2. A house serves `PER_HOUSE` schedules, or until one found something: what comes next shall not suffer from it.
3. The logs of a house on which something was found, or which took more than half of the time that it is allowed, are kept
   beside the state file.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from loadtests.faults.ground import Ground, open_ground
from loadtests.faults.run_schedule import AGAIN_S, Result, run_schedule
from loadtests.faults.schedule import KINDS, Schedule, draw, only
from loadtests.house import HouseUnfit
from loadtests.outcome import Outcome

PER_HOUSE: Final = 20
HOUSES_LOST: Final = 3
"""A schedule is given up after so many houses that did not come up or back."""
LOST: Final = ("told accepted, not stored", "told refused, but stored", "told another number", "stored another amount")
DUPLICATES: Final = ("stored twice", "told twice", "told both")
GAPS: Final = ("gap", "view", "chain")
LATE: Final = ("late", "end", "time goes back")


class State(msgspec.Struct, kw_only=True):
    """What a campaign has done."""

    results: dict[int, Result] = msgspec.field(default_factory=dict)
    durability: dict[str, str] = msgspec.field(default_factory=dict)


class Campaign:
    """Runs schedules and keeps the state file."""

    def __init__(self, schedules: Sequence[Schedule], state: Path | None, *, fresh: bool = False) -> None:
        """Bind; ``state`` of ``None`` keeps nothing."""
        self._schedules = schedules
        self._file = state
        self.state = _read(state) if state and not fresh else State()
        self._began_s = time.monotonic()

    @property
    def results(self) -> list[Result]:
        """Results of the schedules that were asked for, in their order."""
        return [self.state.results[one.seed] for one in self._schedules if one.seed in self.state.results]

    async def run(self) -> None:
        """Run what is not done yet.

        Raises:
            HouseUnfit: house after house did not come up.
        """
        left = [schedule for schedule in self._schedules if schedule.seed not in self.state.results]
        lost = 0
        while left:
            try:
                done = await self._on_one_house(left)
            except HouseUnfit:
                lost += 1
                if lost >= HOUSES_LOST:
                    raise
                continue
            lost, left = 0, left[done:]

    async def _on_one_house(self, left: Sequence[Schedule]) -> int:
        """Run schedules on a fresh house (rule 2); give how many."""
        done = 0
        async with open_ground() as ground:
            self.state.durability = dict(ground.house.durability)
            for schedule in islice(left, PER_HOUSE):
                try:
                    result = await run_schedule(ground, schedule)
                except HouseUnfit as unfit:
                    if done == 0:
                        raise
                    result = None
                    self._say(schedule, [f"on a fresh house: {unfit}"[:200]])
                if result is None:
                    break
                done += 1
                self._note(schedule, result)
                if result.violations or _is_slow(result):
                    self._keep_logs(ground, schedule)
                if result.violations:
                    break
        return done

    def _note(self, schedule: Schedule, result: Result) -> None:
        self.state.results[schedule.seed] = result
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(".draft")
            draft.write_bytes(msgspec.json.encode(self.state))
            draft.replace(self._file)
        again = [f"again after {one.again_s:g} s" for one in result.faults if one.again_s is not None]
        self._say(schedule, [*again, f"{result.bids} bids", *result.violations[:5]])

    def _say(self, schedule: Schedule, notes: Sequence[str]) -> None:
        took_s = time.monotonic() - self._began_s
        text = f"[{took_s:7.1f} s] seed {schedule.seed}: {schedule}; {'; '.join(notes)}"
        print(text, file=sys.stderr, flush=True)

    def _keep_logs(self, ground: Ground, schedule: Schedule) -> None:
        if self._file is None:
            return
        kept = self._file.with_suffix(".kept") / f"seed-{schedule.seed}"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        logs = [*ground.folder.glob("*.log"), *ground.folder.glob("log/*"), *ground.folder.glob("*/*.log")]
        for log in logs:
            with suppress(OSError):
                shutil.copy(log, kept / log.name)


def _is_slow(result: Result) -> bool:
    return any(one.again_s is not None and one.again_s > AGAIN_S / 2 for one in result.faults)


def planned(*, schedules: int, seed: int, kind: str = "") -> list[Schedule]:
    """Give the schedules of seeds S to S + N − 1; of one kind only, if one is named."""
    seeds = range(seed, seed + schedules)
    return [only(kind, one) if kind else draw(one) for one in seeds]


def _read(path: Path) -> State:
    return msgspec.json.decode(path.read_bytes(), type=State) if path.exists() else State()


# What a campaign found.


class OfKind(msgspec.Struct, frozen=True, kw_only=True):
    """What single faults of one kind did."""

    kind: str
    times: int
    """Schedules with it, pairs included."""
    alone: tuple[float, ...]
    """After how many seconds bids were acknowledged again, of each single fault."""
    broken: int
    """Schedules with it in which something was found."""

    @property
    def worst_s(self) -> float:
        """The longest."""
        return max(self.alone, default=0.0)

    @property
    def median_s(self) -> float:
        """The one in the middle."""
        return median(self.alone) if self.alone else 0.0


def by_kind(results: Sequence[Result]) -> list[OfKind]:
    """Give what each kind of fault did, in the order of the kinds."""
    return list(_by_kind(results))


def _by_kind(results: Sequence[Result]) -> Iterator[OfKind]:
    for kind in KINDS:
        own = [result for result in results if any(fault.kind == kind.name for fault in result.faults)]
        if not own:
            continue
        alone = [fault.again_s for result in own for fault in result.faults if fault.again_s is not None]
        yield OfKind(
            kind=kind.name,
            times=len(own),
            alone=tuple(sorted(alone)),
            broken=sum(bool(result.violations) for result in own),
        )


def outcome_of(results: Sequence[Result]) -> Outcome:
    """Give figures and violations of a campaign in the form of all scenarios."""
    kinds = by_kind(results)
    alone = sorted(again_s for kind in kinds for again_s in kind.alone)
    found = [sentence for result in results for sentence in result.violations]
    figures: dict[str, float] = {
        "schedules": len(results),
        "single_faults": len(alone),
        "pairs": sum(len(result.faults) == 2 for result in results),
        "kinds": len(kinds),
        "bids": sum(result.bids for result in results),
        "accepted": sum(result.accepted for result in results),
        "refused": sum(result.refused for result in results),
        "returns": sum(result.returns for result in results),
        "lost": _count(found, LOST),
        "duplicates": _count(found, DUPLICATES),
        "gaps": _count(found, GAPS),
        "accepted_after_end": _count(found, LATE),
        "broken_schedules": sum(bool(result.violations) for result in results),
        "again_median_s": round(median(alone), 3) if alone else 0.0,
        "again_worst_s": max(alone, default=0.0),
    }
    for kind in kinds:
        if kind.alone:
            figures[f"again_worst_s {kind.kind}"] = kind.worst_s
    sentences = [f"seed {result.seed}: {sentence}" for result in results for sentence in result.violations]
    return Outcome(figures=figures, violations=sentences, notes=table(kinds))


def table(kinds: Sequence[OfKind]) -> list[str]:
    """Write the table of bid-core 26: kind, times, single faults, median and worst seconds."""
    head = f"{'kind of fault':24} {'times':>5} {'alone':>5} {'median s':>9} {'worst s':>8}  (allowed: {AGAIN_S:g} s)"
    rows = [
        f"{one.kind:24} {one.times:5d} {len(one.alone):5d} {one.median_s:9.2f} {one.worst_s:8.2f}"
        + (f"  broken {one.broken}" if one.broken else "")
        for one in kinds
    ]
    return [head, *rows]


def _count(found: Sequence[str], kinds: Sequence[str]) -> int:
    return sum(sentence.startswith(tuple(kinds)) for sentence in found)
