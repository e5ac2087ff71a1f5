"""A process that carries out one money path and dies by SIGKILL at one of its transactions.

The words for `tests.executioner` are URL SOCKET FILE AT WHEN: FILE holds the pickled step, AT counts transactions from 1, WHEN is
``before`` (nothing of it is committed) or ``after`` (it is committed and nobody was told). Status 0: it outlived them all.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from auction.kernel.db import Database, Transaction
from tests.money.line import open_line
from tests.money.run import SEALER
from tests.money.steps import Step, carry_out


class KilledDatabase(Database):
    """The product's door to PostgreSQL, in a process that is killed at its n-th transaction."""

    def __init__(self, url: str, *, at: int, when: str) -> None:
        """Count from the first one."""
        super().__init__(url, SEALER)
        self.at, self.when, self.count = at, when, 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction, and perhaps die in it or right after it."""
        self.count += 1
        is_last = self.count == self.at
        async with super().transaction() as tx:
            yield tx
            if is_last and self.when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, socket: Path, step: Step, at: int, when: str) -> None:
    """Carry the step out as far as it goes."""
    await carry_out(KilledDatabase(url, at=at, when=when), await open_line(socket), step)


def take(words: Sequence[str]) -> None:
    """Read the step and carry it out until death."""
    url, socket, file, at, when = words
    written = pickle.loads(Path(file).read_bytes())  # noqa: S301 - written by the test that orders this
    asyncio.run(main(url, Path(socket), written, int(at), when))
