"""So many random operations, in runs of their own databases: ``python -m tests.money.campaign --operations 1000000``.

Each run has its own seed, a fresh database, worker processes that are killed by SIGKILL, rest and judgment. The state file keeps what
was done, and the campaign goes on where it was stopped. It ends with status 1 at the first run in which something was found.

The server is the tests' own: without fsync, which a killed process does not need; a killed machine is what `tests/faults` is about.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.dialects import registry

from tests import one_dialect, servers
from tests.money.run import Outcome, Plan, run_with_processes, told


def main() -> None:
    """Run the campaign."""
    asked = _asked()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    registry.register("postgresql.asyncpg", one_dialect.__name__, one_dialect.OneDialect.__name__)
    state_file = Path(asked.state)
    state_file.parent.mkdir(parents=True, exist_ok=True)
    state = _begin(state_file, asked)
    servers.begin_run()
    folder = Path(tempfile.mkdtemp(prefix="fapai-m-", dir="/tmp"))
    try:
        while state["operations"] < asked.operations:
            size = min(asked.run, asked.operations - state["operations"])
            outcome = _one_run(state["next_seed"], size, asked, folder)
            sys.stderr.write(told(outcome) + "\n")
            _add(state, outcome)
            state_file.write_text(json.dumps(state, indent=1), encoding="utf-8")
            if outcome.found:
                break
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        servers.OWNER.leave()
        servers.end_run()
    sys.stdout.write(_sum(state) + "\n")
    sys.exit(1 if state["found"] else 0)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--run", type=int, default=10_000, help="operations of one run, in one database")
    parser.add_argument("--seed", type=int, default=1, help="the first run's; the next ones count upwards")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--workers", type=int, default=4, help="of each process")
    parser.add_argument("--cases", type=int, default=12, help="open at a time")
    parser.add_argument("--state", default=".fapai/money.json")
    return parser.parse_args()


def _begin(state_file: Path, asked: argparse.Namespace) -> dict[str, Any]:
    if state_file.exists():
        kept: dict[str, Any] = json.loads(state_file.read_text("utf-8"))
        if kept["first_seed"] == asked.seed and not kept["found"]:
            return kept
    keys = ("operations", "runs", "deaths", "cases", "closed", "entries", "seconds", "wall_seconds")
    return {"first_seed": asked.seed, "next_seed": asked.seed, "found": [], **dict.fromkeys(keys, 0)}


def _one_run(seed: int, size: int, asked: argparse.Namespace, folder: Path) -> Outcome:
    plan = Plan(seed=seed, operations=size, workers=asked.workers, cases=asked.cases)
    addresses = servers.servers()
    began = time.monotonic()
    for url in servers.fresh_database(addresses, servers.template(addresses)):
        outcome = asyncio.run(run_with_processes(url, plan, processes=asked.processes, folder=folder))
        outcome.wall_seconds = time.monotonic() - began
        return outcome
    raise AssertionError("a fresh database is given once")


def _add(state: dict[str, Any], outcome: Outcome) -> None:
    state["next_seed"], state["runs"] = outcome.seed + 1, state["runs"] + 1
    for name in ("operations", "deaths", "cases", "closed", "entries", "seconds", "wall_seconds"):
        state[name] += getattr(outcome, name)
    state["found"] = [f"seed {outcome.seed}: {one}" for one in outcome.found]


def _sum(state: dict[str, Any]) -> str:
    speed = state["operations"] / state["wall_seconds"] if state["wall_seconds"] else 0
    return json.dumps(
        {
            **{name: state[name] for name in ("operations", "runs", "deaths", "cases", "closed", "entries", "found")},
            "wall_seconds": round(state["wall_seconds"]),
            "operations_per_s": round(speed, 1),
        }
    )


if __name__ == "__main__":
    main()
