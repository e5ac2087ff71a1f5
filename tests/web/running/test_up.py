"""An installation does not go on in silence without one of its parts."""

from __future__ import annotations

import asyncio

import pytest

from web.running.processes import ServerFailed
from web.running.up import _ended_by


async def test_block_ends_when_a_part_keeps_dying() -> None:
    """A failure ends what runs on the installation, with the reason that a person needs."""
    died = asyncio.Event()

    async def failure() -> str:
        await died.wait()
        return "valkey keeps dying"

    async def block() -> None:
        async with _ended_by(failure()):
            died.set()
            await asyncio.Event().wait()

    with pytest.raises(ServerFailed, match="valkey keeps dying"):
        await asyncio.wait_for(block(), 5)


async def test_cancelled_block_stays_cancelled() -> None:
    """Being told to stop is no failure."""
    inside = asyncio.Event()

    async def block() -> None:
        async with _ended_by():
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(block())
    await inside.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_errors_of_the_block_pass_unchanged() -> None:
    """What goes wrong inside is what the caller sees."""
    with pytest.raises(KeyError):
        async with _ended_by():
            raise KeyError
