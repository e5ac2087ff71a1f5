"""Make a picture anew in a process of its own, which knows none of our secrets and is ended when it takes too long."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

import msgspec

from auction.sale.pictures.encode import Made

PATIENCE_S: Final = 45.0
AT_ONCE: Final = 2
ROOT: Final = Path(__file__).parents[3]
_slots = asyncio.Semaphore(AT_ONCE)


async def make_apart(content: bytes, *, patience_s: float = PATIENCE_S) -> Made:
    """Give what became of a picture; one whose process broke down or took longer than ``patience_s`` is *unreadable*."""
    async with _slots:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "auction.sale.pictures.encode",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": str(ROOT)},
        )
        try:
            answer, _ = await asyncio.wait_for(child.communicate(content), patience_s)
        except TimeoutError:
            return Made(outcome="unreadable")
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    try:
        return msgspec.msgpack.decode(answer, type=Made)
    except msgspec.MsgspecError:
        return Made(outcome="unreadable")
