"""End tasks for certain: a cancellation can be swallowed on its way down, so it is repeated.

Until Python 3.12 `asyncio.wait_for` forgets a cancellation that arrives together with the result it waited for, and the
drivers of Redis and PostgreSQL wait that way. A loop that lost its cancellation would go on for ever.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection
from typing import Any, Final

TRY_S: Final = 0.25
LEAST_S: Final = 5.0
LEAST_TRIES: Final = 3


async def end_all(tasks: Collection[asyncio.Task[Any]], *, each_s: float = TRY_S) -> None:
    """Cancel tasks until they have ended, ``each_s`` seconds apart; what they raised stays with them.

    A task that needs time to end in good order is given it by ``each_s``: a second cancellation cuts its clearing up
    short. Gives up after `LEAST_S` seconds, but not before `LEAST_TRIES` cancellations.
    """
    for _ in range(max(LEAST_TRIES, math.ceil(LEAST_S / each_s))):
        running = [task for task in tasks if not task.done()]
        if not running:
            return
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=each_s)


def raise_fault(tasks: Collection[asyncio.Task[None]]) -> None:
    """Raise what the first failed task raised, if one failed."""
    for task in tasks:
        if task.done() and not task.cancelled() and task.exception() is not None:
            task.result()
