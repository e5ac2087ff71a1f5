"""A database under a process that dies, and whose lines break, at any step of any transaction.

1. *killed*: the server ends the worker's own backend before some statement of a transaction, the commit included.
2. *died before*, *died after*: the process is gone before the commit, or after it and before it could tell anybody.
3. *unheard*: the commit worked and its answer was lost.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from auction.kernel.db import Database, Transaction
from auction.kernel.sealing import Sealer

MOST_STATEMENTS = 25
"""A backend is killed within this many statements; shorter transactions then survive."""


class Died(BaseException):
    """The process died here; nobody catches it but whoever starts the next one."""


@dataclass(frozen=True)
class Mortality:
    """Shares of the transactions that end badly."""

    killed: float = 0.006
    died: float = 0.006
    unheard: float = 0.006


IMMORTAL = Mortality(0, 0, 0)


class MortalDatabase(Database):
    """The product's door to PostgreSQL, in a process that may die."""

    def __init__(self, url: str, sealer: Sealer, random: Random, mortality: Mortality) -> None:
        """Open nothing yet."""
        super().__init__(url, sealer, pool_size=1)
        self.random = random
        self.mortality = mortality
        self.deaths = 0
        event.listen(self.engine.sync_engine, "before_cursor_execute", self._before_statement)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open one transaction and let fate take its course."""
        luck = self.random.random()
        killed, died = self.mortality.killed, self.mortality.killed + self.mortality.died
        unheard = died + self.mortality.unheard
        if luck < killed:
            async with self._doomed() as tx:
                yield tx
        elif luck < died:
            before = self.random.random() < 0.5
            async with super().transaction() as tx:
                yield tx
                if before:
                    self._die()
            self._die()
        elif luck < unheard:
            async with super().transaction() as tx:
                yield tx
            self.deaths += 1
            raise OperationalError("COMMIT", None, ConnectionError("the answer was lost"), connection_invalidated=True)
        else:
            async with super().transaction() as tx:
                yield tx

    @asynccontextmanager
    async def _doomed(self) -> AsyncIterator[Transaction]:
        async with super().transaction() as tx:
            line = await tx.session.connection()
            info = (await line.get_raw_connection()).info
            info["statements_left"] = self.random.randrange(MOST_STATEMENTS)
            try:
                yield tx
                if "statements_left" in info:  # not reached: then the line breaks at the commit
                    info["statements_left"] = 0
                    await line.exec_driver_sql("SELECT 1")
            finally:
                info.pop("statements_left", None)

    def _before_statement(self, line: Any, cursor: Any, *_: object) -> None:  # noqa: ANN401 - SQLAlchemy's own
        left = line.info.get("statements_left")
        if left is None:
            return
        line.info["statements_left"] = left - 1
        if left == 0:
            del line.info["statements_left"]
            self.deaths += 1
            with contextlib.suppress(Exception):
                cursor.execute("SET ROLE NONE")  # the application's role may end nobody, not even itself
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def _die(self) -> None:
        self.deaths += 1
        raise Died
