"""What a gateway needs of the journal, as a port: the process that starts a gateway gives it (``web.room_gateway``).

The rooms see no database (the import rules hold that), so taking a bid can never touch one (D1, D5).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from auction.kernel.ids import LotId, SessionId
from bidding.journal.committed import Committed
from bidding.live.keys import Shard
from bidding.rules.session import Event, SessionState, SessionTerms


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session stands by what is committed."""

    terms: SessionTerms
    state: SessionState | None
    """``None``: recorded, but its room is not set up yet."""
    recent: tuple[Event, ...]
    """The last events, in order, ending with the state's."""


class News(Protocol):
    """Newly committed events of one session, following those that were given before."""

    @property
    def session_id(self) -> UUID:
        """The session."""

    @property
    def epoch(self) -> int:
        """Epoch of the last message that was heard."""

    @property
    def events(self) -> tuple[Event, ...]:
        """The events in order."""


Deliver = Callable[[News], Awaitable[None]]
Hear = Callable[[Committed], Awaitable[None]]


class Follower(Protocol):
    """Gives the committed events of followed sessions of one shard: once, in order, without a gap."""

    @property
    def is_stale(self) -> bool:
        """Whether the shard's owner has been silent for too long."""

    def follow(self, session_id: SessionId, lot_id: LotId, *, after: int) -> None:
        """Give events of this session from number ``after`` + 1."""

    def forget(self, session_id: SessionId) -> None:
        """Give no more events of this session."""

    async def run(self) -> None:
        """Follow until cancelled, through every fault."""


class Journal(Protocol):
    """The committed record, read for rooms."""

    async def standing(self, session_id: SessionId, *, recent: int) -> Standing:
        """Give where a session stands with its last ``recent`` events.

        Raises:
            NotFound: there is no such session.
            FaultOfOthers: it cannot be read now.
        """

    async def events_after(self, session_id: SessionId, sequence: int, *, limit: int) -> Sequence[Event]:
        """Give at most ``limit`` committed events after ``sequence``, in order. Raises ``FaultOfOthers``."""

    def follower(self, shard: Shard, *, deliver: Deliver, hear: Hear) -> Follower:
        """Make the follower of one shard."""
