"""A process that forks one process for each kill: it takes a path of money and dies by SIGKILL at one of its steps.

``python -m tests.auction.fund.deposits.kill_child``; each line of its input is ``URL FILE STEP PATH``, each line of its output the
exit of the forked process. FILE holds the partners' memory, which outlives the killed process, and the bidders.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from pathlib import Path

from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from tests.auction.fund.deposits.money_paths import PATHS, StepDatabase, Steps


async def die(url: str, keep: Path, name: str, step: int) -> None:
    """Take the path until the step."""
    world, bidders = pickle.loads(keep.read_bytes())  # noqa: S301 - our own file
    steps = Steps(die_at=step, keep=keep, kept=(world, bidders))
    steps.watch(setattr)
    world.rewire(StepDatabase(Database(url, Sealer(b"a made-up secret for tests, 32 bytes or more")), steps))
    await PATHS[name].act(world, bidders)


def main() -> None:
    """Fork for each line, and tell how the forked process ended."""
    for line in sys.stdin:
        url, keep, step, name = line.rstrip("\n").split(" ", 3)
        pid = os.fork()
        if pid == 0:
            asyncio.run(die(url, Path(keep), name, int(step)))
            os._exit(0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
