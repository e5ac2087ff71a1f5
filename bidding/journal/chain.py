"""The chain of a session's journal: each event is tied to all before it (bid-core 15).

1. The canonical bytes of an event are its JSON with sorted keys, no blanks, UTF-8; integers and text only.
2. digest(n) = SHA-256(digest(n-1) || canonical bytes of event n); digest(0) is the session's genesis.
3. The genesis is SHA-256 of a scheme name and the session's id, so no two sessions share a beginning.
4. Chains are per session: there is no global chain that would serialise everything.
"""

from __future__ import annotations

import hashlib
from typing import Final, NewType

import msgspec

from auction.kernel.ids import SessionId
from bidding.rules.session import Event

Digest = NewType("Digest", bytes)
"""Thirty-two bytes of SHA-256."""

SCHEME: Final = b"fapai-journal-v1\n"

_encoder = msgspec.json.Encoder(order="sorted")
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def genesis(session_id: SessionId) -> Digest:
    """Give the digest before the first event of a session."""
    return Digest(hashlib.sha256(SCHEME + session_id.bytes).digest())


def canonical(event: Event) -> bytes:
    """Write an event in the one form that is chained and stored."""
    return _encoder.encode(event)


def decode_event(body: bytes | str) -> Event:
    """Read what `canonical` wrote; anything else raises ``msgspec.MsgspecError``."""
    return _decoder.decode(body)


def next_digest(before: Digest, body: bytes) -> Digest:
    """Tie one more event to the chain."""
    return Digest(hashlib.sha256(before + body).digest())
