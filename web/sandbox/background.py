"""The background loop of one sandbox: what is due happens, and callbacks leave."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx

from auction.kernel.endings import end_all
from web.sandbox.book import Book, Transaction
from web.sandbox.callbacks import TIMEOUT_S, Address, deliver_callbacks
from web.sandbox.refused import Refused

TICK_S = 0.1
"""The loop looks at least this often; a commit wakes it at once."""
DUE_BATCH = 200

Happen = Callable[[Transaction, str, str], None]
"""Makes a scheduled thing happen: (transaction, what, subject)."""
Errand = Callable[[httpx.AsyncClient], Awaitable[None]]
"""Work that calls another server (the lender asks the bank)."""

_log = logging.getLogger("fapai.sandbox")


def happen_due(book: Book, happen: Happen) -> int:
    """Make everything happen that is due by the virtual clock, in one transaction; gives how many."""
    with book.transact() as tx:
        due = tx.take_due(DUE_BATCH)
        for what, subject, _ in due:
            with suppress(Refused):  # what no longer fits the state is dropped; refusals come before changes
                happen(tx, what, subject)
    return len(due)


@asynccontextmanager
async def background(
    book: Book, *, happen: Happen, address: Address, errand: Errand | None = None
) -> AsyncIterator[None]:
    """Keep the loop running while the server runs."""
    woken = asyncio.Event()
    book.on_commit(woken.set)
    async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as client:

        async def turn() -> None:
            happen_due(book, happen)
            if errand is not None:
                await errand(client)
            await deliver_callbacks(book, address, client)

        task = asyncio.create_task(_keep_turning(turn, woken))
        try:
            yield
        finally:
            await end_all([task])


async def _keep_turning(turn: Callable[[], Awaitable[None]], woken: asyncio.Event) -> None:
    while True:
        woken.clear()
        try:
            await turn()
        except Exception:  # noqa: BLE001  # the outermost loop: one bad turn must not stop the sandbox
            _log.exception("a turn of the sandbox failed")
        woken.clear()  # the turn's own commits are no news
        with suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), TICK_S)
