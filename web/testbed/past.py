"""A database whose transactions lie in the past: how a testbed's court comes by weeks of history in a moment.

Only a testbed uses it, and a testbed is made on an installation stamped *test* only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from auction.kernel.db import Database, Transaction
from auction.kernel.sealing import Sealer


class PastDatabase(Database):
    """Does as `Database`, at a time that its owner sets."""

    def __init__(self, url: str, sealer: Sealer, *, now: datetime) -> None:
        """Begin at ``now``; set the attribute to go on to another time."""
        super().__init__(url, sealer, pool_size=2)
        self.now = now

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open one transaction at the time that was set."""
        async with super().transaction() as tx:
            tx.now = self.now
            yield tx

    @asynccontextmanager
    async def reading(self, *, asks_once: bool = False) -> AsyncIterator[Transaction]:
        """Open one read-only transaction at the time that was set."""
        async with super().reading(asks_once=asks_once) as tx:
            tx.now = self.now
            yield tx
