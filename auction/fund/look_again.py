"""Look again later: while an outcome is open, the next look is a job due after a growing pause."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from auction.kernel.db import Transaction
from auction.kernel.jobs import enqueue

FIRST_PAUSE = timedelta(milliseconds=250)
"""Most partners have done in a second what they accepted; who has not is asked at growing pauses."""
LONGEST_PAUSE = timedelta(hours=1)
MAX_LOOKS = 2_000
"""Beyond this many looks (about eighty days) the comparison of the books with the provider is what calls a person."""


def pause_after(look: int) -> timedelta:
    """Give the pause after the given number of looks: doubled each time, at most an hour."""
    doubled: int = 1 << min(look, 20)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


async def look_again(tx: Transaction, kind: str, payload: msgspec.Struct, *, look: int) -> None:
    """Enqueue the next look."""
    if look < MAX_LOOKS:
        await enqueue(tx, kind, payload, due_at=tx.now + pause_after(look))
