"""What every scenario shares: the house, the open run with its progress, the checker's verdict, the environment."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from loadtests.checker import check
from loadtests.house import ROOT, House
from loadtests.latency import Histogram
from loadtests.open_model import Load, Send, plan, run_plan
from loadtests.options import Options
from loadtests.outcome import Outcome
from loadtests.stored import Stored, read_stored
from loadtests.told import ClientRecord
from loadtests.undisturbed import undisturbed

LIBRARIES: Final = ("asyncpg", "hdrhistogram", "msgspec", "redis", "uvloop", "websockets")


@dataclass
class Run:
    """One run of one scenario; scenarios add their pictures to `loads`."""

    options: Options
    house: House
    random: Random
    loads: dict[str, Load] = field(default_factory=dict)
    """Open runs by name, for the report."""
    delays: Histogram = field(default_factory=Histogram)
    """From a bid's arrival at the gateway to its decision by the function's clock (bid-core 9), once it was judged."""
    began_s: float = field(default_factory=time.monotonic)

    def say(self, sentence: str) -> None:
        """Tell the tester what is going on, on standard error."""
        print(f"[{time.monotonic() - self.began_s:6.1f} s] {sentence}", file=sys.stderr, flush=True)

    async def drive(self, name: str, send: Send, *, rate: float, dues: Sequence[float] = ()) -> Load:
        """Run a plan of arrivals (drawn from the seed unless ``dues`` are given), telling each second."""
        options = self.options
        planned = list(dues) or plan(rate=rate, seconds=options.seconds, arrivals=options.arrivals, random=self.random)
        self.say(f"{name}: {len(planned)} arrivals in {planned[-1] if planned else 0:.1f} s, open model")
        with undisturbed():
            load = await run_plan(planned, send, lambda so_far: self._progress(name, so_far))
        self.loads[name] = load
        return load

    def _progress(self, name: str, load: Load) -> None:
        self.house.check()
        lately = sorted(load.lately_ms)
        p99 = lately[len(lately) * 99 // 100] if lately else 0.0
        self.say(f"{name}: sent {load.sent}/{load.offered}, answered {load.answered}, p99 of this second {p99:.1f} ms")

    async def judge(self, clients: Sequence[ClientRecord], *loads: Load) -> tuple[list[str], Stored]:
        """Have the checker compare what clients saw with what is stored; a bid without an answer breaks the run."""
        self.say("checking what clients saw against what is stored")
        stored = await read_stored(self.house.dsn, sorted({client.session_id for client in clients}))
        before = await self.house.numbers_before([row.session_id for row in stored.sessions])
        found = check(clients, stored, self.house.receipt_keys, before)
        self.delays = decide_delays(stored, before)
        if unanswered := sum(load.unanswered for load in loads):
            found.append(f"unanswered: {unanswered} bids have no final answer")
        return found, stored


def decide_delays(stored: Stored, before: Mapping[UUID, int]) -> Histogram:
    """Count how long bids waited between gateway and decision; those of before the run, and those without a gateway, count nothing."""
    delays = Histogram()
    for event in stored.events:
        if event.kind == "bid" and event.sequence > before.get(event.session_id, 0):
            received_us = json.loads(event.body).get("received_us", 0)
            if received_us:
                delays.add((event.at_us - received_us) / 1_000_000)
    for refused in stored.refusals:
        if refused.received_us and refused.depends_on >= before.get(refused.session_id, 0):
            delays.add((refused.at_us - refused.received_us) / 1_000_000)
    return delays


def delay_figures(delays: Histogram) -> dict[str, float]:
    """Give what the load report says of the delay of decisions; nothing where no gateway took a bid."""
    found = delays.summary()
    return {"decide_delay_p50_ms": found.p50_ms, "decide_delay_p999_ms": found.p999_ms} if found.count else {}


def environment(options: Options, durability: Mapping[str, str]) -> dict[str, str]:
    """Describe what was measured, with what, on what."""
    return {
        "seed": str(options.seed),
        "commit": _commit(),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {_processor()}",
        "kernel": f"{platform.system()} {platform.release()}",
        "load before": " ".join(f"{one:.2f}" for one in os.getloadavg()),
        **durability,
    }


def summary(outcome: Outcome, verdict: str) -> list[str]:
    """Give the lines that are shown to a person."""
    lines = [f"  {name:28} {value:>14,.2f}" for name, value in outcome.figures.items()]
    ratios = {name: value for name, value in outcome.ratios.items() if value is not None}
    lines += [f"  {'× ' + name:28} {value:>14,.3f}" for name, value in ratios.items()]
    lines += [f"  note: {note}" for note in outcome.notes]
    return [*lines, f"  verdict: {verdict}"]


def _commit() -> str:
    """Give the commit, with a plus sign if files differ from it."""
    try:
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=5
        )
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return head.stdout.strip()[:12] + ("+" if changed.stdout.strip() else "")


def _processor() -> str:
    """Give the processor's name (Linux), else what Python knows of it."""
    about = Path("/proc/cpuinfo")
    if about.exists():
        for line in about.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
