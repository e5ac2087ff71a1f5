"""The product's processes with handles for faults: ``python -m loadtests.faults.part committer|gateway FOLDER``.

Nothing of the product is replaced, unless a bug is planted (`planted`). A committer

1. kills itself between INSERT and COMMIT, or between COMMIT and publishing, at the next batch once the file ``inserted`` or
   ``committed`` lies in FOLDER; it takes the file away first, so that it happens once. Any other batch it commits as production
   does, in one statement without an instant in between;
2. takes the movable clock of the rooms (test build) for the clock of Redis's machine when it compares clocks, so that moving
   it is a step of one node's clock.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
from pathlib import Path
from typing import Any, Final

import asyncpg

from auction.kernel.log import get_log
from bidding.journal import hold_shard
from bidding.journal.batches import BatchPlan
from bidding.journal.commit_bids import Checkpoint, Done, commit_batch, nothing
from bidding.journal.committer_process import run_committer
from bidding.journal.hold_shard import Tenure
from bidding.journal.receipts import ReceiptKey
from bidding.journal.shard_door import Ownership
from bidding.journal.watch_clock import Reading
from bidding.live.keys import clock_key
from loadtests.faults import planted
from web.live_wiring import build_live, plain_dsn, receipt_key, shards_of
from web.process import start, stop_event
from web.room_gateway import serve_until_signalled
from web.running.loop import run

INSTANTS: Final = ("inserted", "committed")
READY: Final = "committer_ready"

log = get_log("loadtests")


def dying(folder: Path) -> Checkpoint:
    """Make the checkpoint at which a committer kills itself when it is told to (rule 1)."""

    async def checkpoint(now: str) -> None:
        order = folder / now
        if order.exists():
            order.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    return checkpoint


def die_only_when_told(folder: Path) -> None:
    """Let batches pass the dangerous instants only while an order to die there lies in the folder (rule 1)."""
    commit = commit_batch

    async def committed(
        door: asyncpg.Connection[Any], own: Ownership, plan: BatchPlan, key: ReceiptKey, *, checkpoint: Checkpoint
    ) -> Done:
        told = any((folder / instant).exists() for instant in INSTANTS)
        return await commit(door, own, plan, key, checkpoint=checkpoint if told else nothing)

    vars(hold_shard)["commit_batch"] = committed


def let_the_clock_step() -> None:
    """Have committers read the movable clock as Redis's own (rule 2)."""
    read = Tenure._read_clocks

    async def stepped(tenure: Tenure) -> Reading:
        true = await read(tenure)
        client = await tenure.live.nodes.client(tenure.own.shard)
        offset = await client.hget(clock_key(tenure.own.shard), "offset_us")
        return dataclasses.replace(true, redis_us=true.redis_us + int(offset or 0))

    Tenure._read_clocks = stepped  # type: ignore[assignment] # in this process only


async def serve_committer(folder: Path) -> None:
    """Own all shards of the house, as ``fapai committer`` does."""
    settings = start("committer")
    stop = stop_event()
    live = build_live(settings)
    log.info(READY)
    try:
        await run_committer(
            dsn=plain_dsn(settings),
            live=live,
            key=receipt_key(settings),
            shards=range(shards_of(settings)),
            stop=stop,
            checkpoint=dying(folder),
        )
    finally:
        await live.nodes.close()


def main(what: str, folder: Path) -> None:
    """Run one part until SIGTERM."""
    if what == "committer":
        die_only_when_told(folder)
        let_the_clock_step()
        planted.plant()
        run(serve_committer(folder))
    else:
        planted.plant()
        run(serve_until_signalled(start("gateway")))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
