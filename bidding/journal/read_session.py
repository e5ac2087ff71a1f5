"""Read a session's committed state: what a gateway begins a room with."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from auction.kernel.db import Database
from auction.kernel.errors import InvariantViolated
from auction.kernel.ids import SessionId
from bidding.journal import store
from bidding.journal.chain import Digest
from bidding.journal.replay import Replayed, beginning, replay
from bidding.rules.session import SessionState, SessionTerms

CHUNK: Final = 1_000


class CommittedSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session as it is committed; ``state`` is ``None`` before its first event."""

    terms: SessionTerms
    state: SessionState | None
    sequence: int
    chain_head: bytes


async def read_session(db: Database, session_id: SessionId) -> CommittedSession:
    """Replay a session from its last stored state to its head, as one state of the database has it.

    Raises:
        SessionUnknown: there is no such session.
        InvariantViolated: its journal does not lead to its head.
    """
    async with db.reading() as tx:
        row = await store.session_of_id(tx.session, session_id)
        terms, head, sequence = row.terms, row.digest, row.sequence
        at = await _start(tx.session, session_id)
        while _number(at) < sequence:
            rows = await store.events_after(tx.session, session_id, _number(at), CHUNK)
            if not rows:
                raise InvariantViolated(f"the journal of session {session_id} has a gap")
            at = replay(at, [event.body for event in rows])
    if at.digest != head:
        raise InvariantViolated(f"the journal of session {session_id} does not lead to its head")
    decoded = msgspec.json.decode(terms, type=SessionTerms)
    return CommittedSession(terms=decoded, state=at.state, sequence=sequence, chain_head=head)


async def _start(session: AsyncSession, session_id: SessionId) -> Replayed:
    found = await store.last_snapshot(session, session_id)
    if found is None:
        return beginning(session_id)
    digest = await store.digest_at(session, session_id, found.sequence)
    return Replayed(msgspec.json.decode(found.state, type=SessionState), Digest(digest))


def _number(at: Replayed) -> int:
    return at.state.seq if at.state else 0
