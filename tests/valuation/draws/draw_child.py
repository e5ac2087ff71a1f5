"""A process of its own that takes one step of a draw and dies by SIGKILL when it is committed, before it can answer.

The words for `tests.executioner` are URL freeze|execute|lapse|lapse-uncommitted; the last dies within its transaction.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from auction.kernel.db import Database, Transaction
from auction.kernel.sealing import Sealer
from tests.valuation.agencies import world
from valuation.draw_v1.draw_chain import Failure
from valuation.draws.fail_draw import handle_draw_due
from valuation.selections import store_of_draws

ADD_FAILURE = store_of_draws.add_failure


async def die_after(url: str, step: str) -> None:
    """Take the step and die."""
    db = Database(url, Sealer(b"a made-up secret for tests, 32 bytes or more"))
    if step == "freeze":
        await world.freeze(db)
    elif step == "execute":
        await world.execute(db)
    elif step == "lapse-uncommitted":
        store_of_draws.add_failure = add_failure_and_die
    if step.startswith("lapse"):
        await handle_draw_due(db, world.lapse_job())
    os.kill(os.getpid(), signal.SIGKILL)


async def add_failure_and_die(tx: Transaction, draw_id: UUID, failure: Failure, at: datetime) -> None:
    """Write all of a failure, and die before it is committed."""
    await ADD_FAILURE(tx, draw_id, failure, at)
    os.kill(os.getpid(), signal.SIGKILL)


def take(words: Sequence[str]) -> None:
    """Take the step and die."""
    url, step = words
    asyncio.run(die_after(url, step))
