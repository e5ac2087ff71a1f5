"""Let processes write no file any more: to them it is a full disk (`RLIMIT_FSIZE`), and no disk need be filled for it.

The kernel lets only an owner change the limits of his processes, and the servers run under an account of their own when we
are root. So a helper of that account does it: it reads ``pid soft-limit`` lines until its input ends.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Final

from web.running.processes import unprivileged_account

AGAIN_S: Final = 0.03
NOTHING: Final = 0
UNLIMITED: Final = -1
HELPER: Final = """
import os, resource, sys
if sys.argv[1] != "-":
    uid, gid = map(int, sys.argv[1].split(":"))
    os.setgroups([]); os.setgid(gid); os.setuid(uid)
done = 0
for line in sys.stdin:
    pid, soft = map(int, line.split())
    try:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))
        done += 1
    except (ProcessLookupError, PermissionError):  # gone, or just starting and not yet of our account
        pass
sys.exit(0 if done else 1)
"""


class FullDisk:
    """A full disk for the processes that ``pids`` names, those that are started meanwhile among them."""

    def __init__(self, pids: Callable[[], Sequence[int]]) -> None:
        """Bind; `fill` begins."""
        self._pids = pids
        self._helper: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def fill(self) -> None:
        """Fill it, until `empty`."""
        account = unprivileged_account()
        become = "-" if account is None else f"{account.uid}:{account.gid}"
        self._helper = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", "-c", HELPER, become), stdin=asyncio.subprocess.PIPE
        )
        self._keeping = asyncio.create_task(self._keep())

    async def empty(self) -> None:
        """Make room again; harmless twice. Raises `RuntimeError` if the helper could not do its work."""
        helper, self._helper = self._helper, None
        if helper is None or self._keeping is None:
            return
        self._keeping.cancel()
        await asyncio.gather(self._keeping, return_exceptions=True)
        self._set(helper, UNLIMITED)
        assert helper.stdin is not None, "it was started with one"
        helper.stdin.close()
        if await helper.wait() != 0:
            raise RuntimeError("the limits of the servers could not be changed")

    async def _keep(self) -> None:
        while True:
            if self._helper is not None:
                self._set(self._helper, NOTHING)
            await asyncio.sleep(AGAIN_S)

    def _set(self, helper: asyncio.subprocess.Process, soft: int) -> None:
        assert helper.stdin is not None, "it was started with one"
        for pid in self._pids():
            helper.stdin.write(f"{pid} {soft}\n".encode())
