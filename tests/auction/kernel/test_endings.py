"""Tasks end, even if a cancellation is lost on the way."""

from __future__ import annotations

import asyncio

import pytest

from auction.kernel.endings import end_all, raise_fault


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


async def test_what_a_task_raised_is_raised_afterwards() -> None:
    """A loop that failed is told; loops that were cancelled are not."""

    async def fail() -> None:
        raise LookupError("found nothing")

    tasks = [asyncio.create_task(fail()), asyncio.create_task(asyncio.sleep(60))]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await end_all(tasks)

    with pytest.raises(LookupError):
        raise_fault(tasks)
