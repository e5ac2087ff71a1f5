"""Tasks end, even if a cancellation is lost on the way."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from auction.kernel import endings
from auction.kernel.endings import TRY_S, end_all, raise_fault


async def test_task_that_swallows_a_cancellation_ends_at_the_next() -> None:
    """A cancellation that a driver swallowed is repeated until the task has ended."""
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if swallowed == 2:
                    raise
                swallowed += 1

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await end_all([task])

    assert task.cancelled()
    assert 2 == swallowed


async def test_task_that_clears_up_is_given_its_time() -> None:
    """No second cancellation cuts a clearing up short that takes less than ``each_s``."""
    cleared = asyncio.Event()

    async def tidy() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(2 * TRY_S)
            cleared.set()

    task = asyncio.create_task(tidy())
    await asyncio.sleep(0)
    await end_all([task], each_s=20 * TRY_S)

    assert task.cancelled()
    assert cleared.is_set()


async def test_task_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever ends tasks is not held for ever by one that takes no notice."""
    monkeypatch.setattr(endings, "LEAST_S", 0.05)
    release = asyncio.Event()

    async def deaf() -> None:
        while not release.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await release.wait()

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await end_all([task], each_s=0.01)

    assert not task.done()
    release.set()
    await task


async def test_what_a_task_raised_is_raised_afterwards() -> None:
    """A loop that failed is told; loops that were cancelled are not."""

    async def fail() -> None:
        raise LookupError("found nothing")

    tasks = [asyncio.create_task(fail()), asyncio.create_task(asyncio.sleep(60))]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await end_all(tasks)

    with pytest.raises(LookupError):
        raise_fault(tasks)
