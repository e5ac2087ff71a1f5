"""Replay: what a journal's events make of a session, and whether the rule book agrees. Pure.

1. `replay` trusts events that were confirmed when they were committed; `confirm_all` decides each again.
2. Both follow the chain; a journal whose chain does not hold raises `InvariantViolated`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from auction.kernel.errors import InvariantViolated
from auction.kernel.ids import SessionId
from bidding.journal.chain import Digest, canonical, decode_event, genesis, next_digest
from bidding.rules.engine import apply, confirm
from bidding.rules.session import Event, SessionState


@dataclass(frozen=True, slots=True)
class Replayed:
    """A session after some of its events."""

    state: SessionState | None
    digest: Digest


def beginning(session_id: SessionId) -> Replayed:
    """Give the session before its first event."""
    return Replayed(None, genesis(session_id))


def replay(start: Replayed, bodies: Iterable[str]) -> Replayed:
    """Apply stored events, without deciding them again."""
    state, digest = start.state, start.digest
    for body in bodies:
        state = apply(state, decode(body))
        digest = next_digest(digest, body.encode())
    return Replayed(state, digest)


def confirm_all(start: Replayed, bodies: Iterable[str]) -> Replayed:
    """Decide each stored event again by the rule book.

    Raises:
        InvariantViolated: an event is not what the rule book decides, or is not in its canonical form.
    """
    state, digest = start.state, start.digest
    for body in bodies:
        event = decode(body)
        if canonical(event) != body.encode():
            raise InvariantViolated(f"event {event.seq} is not in its canonical form")
        state = confirm(state, event)
        digest = next_digest(digest, body.encode())
    return Replayed(state, digest)


def decode(body: str) -> Event:
    """Read a stored event; `InvariantViolated` if it is none."""
    try:
        return decode_event(body)
    except msgspec.MsgspecError as error:
        raise InvariantViolated(f"a stored event cannot be read: {error}") from error
