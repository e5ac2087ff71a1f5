"""The demonstration under SIGKILL: run it as a program, kill one of its processes at a printed step, and see it end at zero.

A run is `fapai demo` in a folder of its own. A *schedule* says at which steps (by number, or by words of their English
line) which process is killed and how long after the step was printed. Where the supervisor itself (which is also the driver) was killed, or gave up, the program
is started again. What must hold at the end stands in `after_run.problems_of`.
"""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec
import redis

from web.running.embedded_valkey import EmbeddedValkey

PARTS = {
    "database": "bin/postgres -D",
    "valkey": "valkey-server",
    "sandbox": "web.sandbox.serve",
    "site": "web.cli web",
    "gateway": "web.cli gateway",
    "committer": "web.cli committer",
    "worker": "web.cli worker",
}
"""Each part of an installation and what its command line contains."""
SUPERVISOR = "supervisor"
MEMORY = "memory"
"""Valkey killed, and its log of commands lost as well: rooms are rebuilt from PostgreSQL (D2)."""
VICTIMS = (*PARTS, MEMORY, SUPERVISOR)

SILENCE_S = 150.0
"""A run that prints no step for so long hangs: more than the longest patience of the driver."""
FIND_S = 20.0
"""How long a part may be away (starting again) before it cannot be killed a second time."""
STARTS_LIMIT = 30
"""Most starts of one case: one more than the kills of the longest schedule."""

Schedule = Mapping[int, "Kill"] | Mapping[str, "Kill"]

_STEP = re.compile(r"^ *\d+  (\d{4}-\d\d-\d\d  .+)$")
_OPENED = re.compile(r"^Enforcement case (?P<number>\S+) is opened")
_BID = re.compile(r"^(?P<code>\S+) (?:bids|matches the leading price)\b")
_AMOUNT = re.compile(r"  ¥(?P<yuan>[\d,]+)\.(?P<fen>\d\d)")


@dataclass(frozen=True)
class Kill:
    """Kill ``victim`` this long after the step was printed."""

    victim: str
    delay_s: float = 0.0


@dataclass(frozen=True)
class Acknowledged:
    """A bid that the driver said was accepted; the words of its step end with *(bid n)*."""

    code: str
    amount_fen: int


@dataclass
class Outcome:
    """What one case came to, over all starts of the program."""

    ending: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    """Text of each step to its number, in the order of first appearance over all starts."""
    cases: set[str] = field(default_factory=set)
    """Numbers of the cases that were opened."""
    acknowledged: dict[Acknowledged, int] = field(default_factory=dict)
    """Each bid to its number."""
    kills: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    """Words of the schedule that were met."""
    starts: int = 0
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Program:
    """One start of ``fapai demo``; its steps come from standard error, its ending from standard output."""

    def __init__(self, folder: Path, *, log: IO[str]) -> None:
        """Start it in ``folder/data``."""
        self._log = log
        self._folder = folder
        self._ending = (folder / "ending.json").open("w+b")
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "web.cli", "demo", "--json", "--data", str(folder / "data")],
            stdin=subprocess.DEVNULL,
            stdout=self._ending,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "400"},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def lines(self) -> Iterator[str]:
        """Give each line of progress until the program ends; `TimeoutError` after `SILENCE_S` without one."""
        while True:  # bounded by SILENCE_S between lines
            try:
                line = self._lines.get(timeout=SILENCE_S)
            except queue.Empty:
                raise TimeoutError(f"no word for {SILENCE_S:.0f} s") from None
            if line is None:
                return
            yield line

    def kill(self, victim: str) -> str:
        """Send SIGKILL to one part, or to the program itself; gives what was done."""
        if victim == SUPERVISOR:
            self.process.kill()
            return f"process {self.process.pid}"
        if victim == MEMORY:
            self._empty_valkey()
            victim = "valkey"
        deadline = time.monotonic() + FIND_S
        while time.monotonic() < deadline and self.process.poll() is None:
            pid = part_of(self.process.pid, victim)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                return f"process {pid}"
            time.sleep(0.05)
        return "not found"

    def _empty_valkey(self) -> None:
        """Have it forget everything, its log included; harmless if it is down."""
        server = EmbeddedValkey(self._folder / "data" / "valkey")
        with suppress(redis.RedisError, OSError), redis.Redis.from_url(server.url) as client:
            client.flushall()
            client.function_flush()

    def end(self) -> int:
        """Wait for the end and give the exit status; a program that hangs is killed."""
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return status

    def ending(self) -> dict[str, Any]:
        """Read the JSON object that was printed last; empty if there is none."""
        self._ending.seek(0)
        lines = self._ending.read().splitlines()
        return msgspec.json.decode(lines[-1], type=dict[str, Any]) if lines else {}

    def close(self) -> None:
        """End the program if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join(FIND_S)  # parts die with the program, and the last of them closes the pipe
        self._ending.close()

    def _read(self) -> None:
        assert self.process.stderr is not None, "it is a pipe"
        with self.process.stderr as progress:
            for raw in progress:
                line = raw.decode("utf-8", "replace").rstrip("\n")
                self._log.write(f"{time.strftime('%H:%M:%S')} {line}\n")
                self._log.flush()
                self._lines.put(line)
        self._lines.put(None)


def part_of(parent: int, name: str) -> int | None:
    """Give the process id of a part: the child of ``parent`` whose command line says so."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            of = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if of == parent and PARTS[name] in command and "launcher.py" not in command:
            return int(entry.name)
    return None


def carry(folder: Path, schedule: Schedule) -> Outcome:
    """Run one case to its end, killing as ``schedule`` says (numbers of steps), starting again where needed."""
    outcome, began = Outcome(), time.monotonic()
    with (folder / "progress.log").open("a", encoding="utf-8") as log:
        while outcome.starts < STARTS_LIMIT:
            outcome.starts += 1
            status = _one_start(folder, log, schedule, outcome)
            if status == 0:
                break
            if status is not None:
                outcome.problems.append(f"start {outcome.starts} ended with status {status}")
            if len(outcome.problems) > 2:
                break
    outcome.seconds = round(time.monotonic() - began, 1)
    return outcome


def _one_start(folder: Path, log: IO[str], schedule: Schedule, outcome: Outcome) -> int | None:
    """Start the program once; gives its status, or ``None`` if it was killed as scheduled."""
    program = Program(folder, log=log)
    try:
        for kill in _new_steps(program, schedule, outcome):
            time.sleep(kill.delay_s)
            number = len(outcome.steps)
            done = program.kill(kill.victim)
            outcome.kills.append(f"{kill.victim}@{number}")
            log.write(f"{time.strftime('%H:%M:%S')} ------ killed {kill.victim} at step {number}: {done}\n")
            if done == "not found":
                outcome.problems.append(f"{kill.victim} was not there at step {number}")
            if kill.victim == SUPERVISOR:
                program.process.wait()
                outcome.ending = program.ending()
                return 0 if outcome.ending else None  # it may have come to its end before the kill
        status = program.end()
        outcome.ending = program.ending()
    except TimeoutError as hang:
        outcome.problems.append(str(hang))
        return -1
    finally:
        program.close()
    return status


def _new_steps(program: Program, schedule: Schedule, outcome: Outcome) -> Iterator[Kill]:
    """Follow the steps; give the kill that is due at a step when it appears for the first time in this case."""
    step = ""
    for line in program.lines():
        if found := _STEP.match(line):
            step = found[1]
        elif step:  # the second line of a step
            english = _note(step, line.strip(), outcome)
            is_new, text = step not in outcome.steps, step
            step = ""
            if is_new:
                number = outcome.steps[text] = len(outcome.steps) + 1
                yield from [kill for key, kill in schedule.items() if _is_due(key, number, english, outcome)]


def _is_due(key: int | str, number: int, english: str, outcome: Outcome) -> bool:
    """Whether a kill is due; words are due once, at the first step that has them."""
    if isinstance(key, int):
        return key == number
    if key in outcome.used or key not in english:
        return False
    outcome.used.add(key)
    return True


def _note(step: str, english: str, outcome: Outcome) -> str:
    """Keep what a step says; gives its English line."""
    if opened := _OPENED.match(english):
        outcome.cases.add(opened["number"])
    if bid := _BID.match(english):
        known = outcome.acknowledged
        number = known.setdefault(Acknowledged(bid["code"], _amount(step)), len(known) + 1)
        return f"{english} (bid {number})"
    return english


def _amount(step: str) -> int:
    found = _AMOUNT.search(step)
    assert found is not None, f"a bid has an amount: {step}"
    return int(found["yuan"].replace(",", "") + found["fen"])
