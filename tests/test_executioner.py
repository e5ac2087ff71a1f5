"""Those who are ordered to die do so in processes of their own, and the next order finds nothing of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

import pytest

from tests.executioner import Executioner

HERE = "tests.test_executioner"
SEEN: list[str] = []
"""What a fork remembers; the next one must not."""


def take(words: Sequence[str]) -> None:
    """Do what the first word says."""
    SEEN.append(words[0])
    print("what it says is not its end", flush=True)  # noqa: T201 - to its standard output, as logs go
    if words[0] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if words[0] == "wait":
        signal.pause()
    if words[0] == "fail" or len(SEEN) > 1:
        raise SystemExit(3)


async def test_fork_ends_as_it_ended(executioner: Executioner) -> None:
    """A killed process is told by its signal, one that outlived its order by zero, one that failed by one."""
    ends = [await executioner.end_of(HERE, word) for word in ("die", "live", "fail", "live")]

    assert ends == [-signal.SIGKILL, 0, 1, 0]


async def test_order_that_takes_too_long_is_given_up() -> None:
    """Who does not die in time is killed with the one who forked him, and the next order starts anew."""
    own = Executioner()
    try:
        with pytest.raises(TimeoutError):
            await own.end_of(HERE, "wait", within_s=0.5)

        assert await own.end_of(HERE, "die") == -signal.SIGKILL
    finally:
        own.leave()
