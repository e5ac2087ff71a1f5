"""A committer in a process of its own, to be killed: ``python -m tests.faults.committer_child DSN REDIS [INSTANT]``.

With an instant (``inserted``: before COMMIT, ``committed``: before publishing) it kills itself there, at the first batch
that holds a bid: when the file named by FAULT_ARMED exists.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from auction.kernel.stamp import Stamp
from bidding.journal.committer_process import run_committer
from bidding.live.library import Live, movable
from bidding.live.nodes import Nodes
from bidding.live.roles import as_user
from tests.bidding.journal.world import KEY


async def main(dsn: str, redis_url: str, instant: str, armed: Path) -> None:
    """Run the committer until killed."""

    async def checkpoint(now: str) -> None:
        if now == instant and armed.exists():
            os.kill(os.getpid(), signal.SIGKILL)

    live = Live(Nodes(as_user(redis_url, "committer")), movable(), shards=1, stamp=Stamp.TEST)
    await run_committer(
        dsn=dsn, live=live, key=KEY, shards=[0], stop=asyncio.Event(), durable=False, checkpoint=checkpoint
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])))
