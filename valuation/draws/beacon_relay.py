"""The port to a relay of the public beacon: one round, or why it was not given. Pure.

1. A relay is believed in nothing: a round counts when its signature verifies by the pinned key, whoever handed it over.
2. A call never raises for what the other side or the line does: that is a `NoRound` with its reason.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Protocol

import msgspec

from valuation.draw_v1.beacon import Chain

GapReason = Literal["silent", "not_yet", "refused", "malformed", "wrong_round", "wrong_signature"]
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)
DETAIL_MOST = 200


class RoundGiven(msgspec.Struct, frozen=True, kw_only=True):
    """The named round, with a signature that the pinned key made."""

    number: int
    signature: str


class NoRound(msgspec.Struct, frozen=True, kw_only=True):
    """No round that counts, and why; whoever stores it dates it."""

    reason: GapReason
    detail: str = ""


class BeaconRelay(Protocol):
    """A relay of one pinned chain."""

    @property
    def chain(self) -> Chain:
        """The chain whose rounds it is asked for."""
        ...

    async def round(self, number: int) -> RoundGiven | NoRound:
        """Ask for a round."""
        ...


def pause_after(tries: int) -> timedelta:
    """Give how long to wait before asking again: longer and longer, never over ten minutes."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)
