"""What the owner of a shard publishes on `bidding.live.keys.channel`: what is committed, and nothing else (bid-core 6).

1. A message is sent only after the commit that it tells of, or repeats one that was.
2. ``sequence`` is the number through which the session is committed; ``events`` are its newest events in order, ending
   with that number, or none (a repetition). A reader that lacks earlier ones fetches them from PostgreSQL.
3. A message without lots says: the owner lives and the shard is quiet.
4. Encoded as MessagePack: digests are bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import msgspec

from auction.kernel.merkle import path_of
from bidding.journal.chain import Digest, canonical, next_digest
from bidding.journal.receipts import BatchProof, EventProof, Receipt
from bidding.rules.session import Event

LEAF_BYTES: Final = 32


class LotCommit(msgspec.Struct, frozen=True, kw_only=True):
    """How far one session is committed, and its newest events."""

    lot_id: UUID
    session_id: UUID
    sequence: int
    events: tuple[Event, ...] = ()
    before: bytes = b""
    """Chain digest that the first of ``events`` continues; empty without events."""
    places: tuple[int, ...] = ()
    """Index of each event among the leaves of the batch."""


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the channel. ``batch`` and ``leaves`` are there when ``lots`` tell of a new batch."""

    shard: int
    epoch: int
    """The epoch in which bids are decided now: callers of `bidding.live` send it."""
    lots: tuple[LotCommit, ...] = ()
    batch: BatchProof | None = None
    leaves: bytes = b""
    """All leaves of the batch, 32 bytes each, from which anybody makes paths."""
    stalled: bool = False
    """The clocks of all rooms of the shard stand (bid-core 10)."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Committed)


def encode_committed(message: Committed) -> bytes:
    """Write a message for the channel."""
    return _encoder.encode(message)


def decode_committed(payload: bytes) -> Committed:
    """Read a message of the channel; anything else raises ``msgspec.MsgspecError``."""
    return _decoder.decode(payload)


def receipts_in(message: Committed) -> Iterator[Receipt]:
    """Make the receipt of each event that the message tells of."""
    if message.batch is None:
        return
    count = len(message.leaves) // LEAF_BYTES
    leaves = [message.leaves[at * LEAF_BYTES : (at + 1) * LEAF_BYTES] for at in range(count)]
    for lot in message.lots:
        previous = Digest(lot.before)
        for event, place in zip(lot.events, lot.places, strict=True):
            body = canonical(event)
            proof = EventProof(
                session_id=lot.session_id, sequence=event.seq, body=body.decode(), previous=bytes(previous)
            )
            yield Receipt(entry=proof, index=place, path=path_of(leaves, place), batch=message.batch)
            previous = next_digest(previous, body)
