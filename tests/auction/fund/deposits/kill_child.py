"""A process that takes a path of money and dies by SIGKILL at one of its steps.

The words for `tests.executioner` are URL FILE STEP PATH. FILE holds the partners' memory, which outlives the killed process, and the
bidders.
"""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Sequence
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


def take(words: Sequence[str]) -> None:
    """Take the path until death."""
    url, keep, step, name = words
    asyncio.run(die(url, Path(keep), name, int(step)))
