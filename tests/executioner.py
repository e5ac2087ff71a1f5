"""A process that forks those who die: it has read their modules once, is connected to nothing, and its forks are killed for good.

A fork costs a hundredth of a process that reads the product anew; what dies is a process with connections of its own all the same.
``python -m tests.executioner``: each line of its input is a JSON list, a module and its words; the module's ``take(words)`` runs in a
fork. Each line of its output is how that fork ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST_S = 90.0


class Executioner:
    """Lets others die; starts at the first order."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: subprocess.Popen[str] | None = None

    async def end_of(self, module: str, *words: object, within_s: float = LONGEST_S) -> int:
        """Let a process take what the words say, and give how it ended: minus the signal, or its status."""
        told = json.dumps([module, *(str(word) for word in words)])
        try:
            async with asyncio.timeout(within_s):
                return int(await asyncio.to_thread(self._order, told))
        except TimeoutError:
            self.leave()
            raise

    def leave(self) -> None:
        """End the process and whom it forked, if it was started."""
        if self._process is None:
            return
        with self._process as ending, contextlib.suppress(ProcessLookupError):
            os.killpg(ending.pid, signal.SIGKILL)
        self._process = None

    def _order(self, told: str) -> str:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.executioner"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(told + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


def carry_out(module: str, words: Sequence[str]) -> int:
    """Read the module here, so that the next one need not; fork, and give how the fork ended."""
    taken = importlib.import_module(module).take
    pid = os.fork()
    if pid == 0:
        status = 1
        os.dup2(2, 1)  # what it logs is no answer of ours
        try:
            taken(words)
            status = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the fork ends here and tells it
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    """Carry out each order until nobody gives any."""
    for line in sys.stdin:
        module, *words = json.loads(line)
        sys.stdout.write(f"{carry_out(module, words)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
