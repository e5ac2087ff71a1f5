"""End lines to PostgreSQL on which nothing comes back: a line that was silently lost is noticed by nothing else.

Cancelling a query on such a line does not help: the driver then waits on the same line for the cancellation to be
confirmed. So the line itself is ended, and whoever waits on it is told at once that it is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias
from weakref import WeakSet

import asyncpg
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

Line: TypeAlias = "asyncpg.Connection[Any]"


class LineWatch:
    """Watches the lines of one engine; a ``patience_s`` of ``None`` watches nothing."""

    def __init__(self, engine: AsyncEngine, patience_s: float | None) -> None:
        """Learn of each line that the engine opens."""
        self._patience_s = patience_s
        self._lines: WeakSet[Line] = WeakSet()
        self._used: set[Line] = set()
        event.listen(engine.sync_engine, "connect", self._note)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """While a line is taken from the pool: after ``patience_s`` all idle ones are ended, for the pool is asking one of them."""
        with self._after_patience(self._end_idle):
            yield

    @contextmanager
    def using(self, line: Line | None) -> Iterator[None]:
        """While a line is used: after ``patience_s`` it is ended."""
        if line is None:
            yield
            return
        self._used.add(line)
        try:
            with self._after_patience(line.terminate):
                yield
        finally:
            self._used.discard(line)

    def _note(self, connection: Any, _record: object) -> None:  # noqa: ANN401 - the adapter has no public type
        self._lines.add(connection.driver_connection)

    def _end_idle(self) -> None:
        for line in list(self._lines):
            if line not in self._used:
                line.terminate()

    @contextmanager
    def _after_patience(self, act: Callable[[], None]) -> Iterator[None]:
        if self._patience_s is None:
            yield
            return
        timer = asyncio.get_running_loop().call_later(self._patience_s, act)
        try:
            yield
        finally:
            timer.cancel()
