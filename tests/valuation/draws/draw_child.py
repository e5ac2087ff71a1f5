"""A process of its own that takes one step of a draw and dies by SIGKILL when it is committed, before it can answer.

``python -m tests.valuation.draws.draw_child URL freeze|execute``
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from tests.valuation.agencies import world


async def die_after(url: str, step: str) -> None:
    """Take the step and die."""
    db = Database(url, Sealer(b"a made-up secret for tests, 32 bytes or more"))
    if step == "freeze":
        await world.freeze(db)
    else:
        await world.execute(db)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(die_after(sys.argv[1], sys.argv[2]))
