"""A process of workers, to be killed: ``python -m tests.money.child URL SOCKET SEED WORKERS CASES``.

It works until it is told that enough was done, or until SIGKILL. A finding is told to the process that started it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from random import Random

import structlog

from auction.kernel.db import Database
from tests.money.acts.registry import ACTS
from tests.money.line import open_line
from tests.money.mortal import Died, MortalDatabase, Mortality
from tests.money.run import SEALER, Turns, connect, work
from tests.money.town import Cast, gather_cast
from tests.money.worker import Worker

REPORT_EVERY = 10
"""Operations between two reports; a process that is killed takes at most so many with it uncounted."""


async def work_here(url: str, socket: Path, seed: int, workers: int, cases: int) -> None:
    """Work, with these many workers."""
    random, steady = Random(seed), Database(url, SEALER)
    cast = await gather_cast(steady)
    await steady.close()
    try:
        await asyncio.gather(*(_one(url, socket, cast, Random(random.random()), cases) for _ in range(workers)))
    except (Exception, Died) as fault:
        outside = await open_line(socket)
        await outside.tell("", "find", f"a worker met {type(fault).__name__}: {fault}"[:2000])
        raise


async def _one(url: str, socket: Path, cast: Cast, random: Random, cases: int) -> None:
    outside = await open_line(socket)
    db = MortalDatabase(url, SEALER, random, Mortality())
    worker = Worker(db, await connect(url), outside, cast, random, None)
    reporting = asyncio.create_task(_report(worker, socket))
    try:
        await work(worker, Turns(list(ACTS.values()), frozenset()), cases, lambda: not reporting.done())
    finally:
        reporting.cancel()
        await worker.line.close()
        await db.close()


async def _report(worker: Worker, socket: Path) -> None:
    outside = await open_line(socket)
    told, deaths, outcomes = 0, 0, worker.tally.outcomes.copy()
    while True:
        await asyncio.sleep(0.05)
        if worker.tally.operations - told < REPORT_EVERY:
            continue
        fresh = worker.tally.outcomes - outcomes
        enough = await outside.tell("", "count", worker.tally.operations - told, fresh, worker.db.deaths - deaths)
        told, deaths, outcomes = worker.tally.operations, worker.db.deaths, worker.tally.outcomes.copy()
        if enough:
            return


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(work_here(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:6])))
