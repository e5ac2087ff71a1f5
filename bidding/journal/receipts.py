"""Receipts: one Ed25519 signature per committed batch over a root; a receipt carries its path (bid-core 16).

1. Leaves of a batch are its events and refusals in the order of the stream. The leaf of an event holds its session and
   its chain digest, so it binds all events before it; the leaf of a refusal holds its canonical JSON.
2. leaf = SHA-256(0x00 || content), node = SHA-256(0x01 || left || right); an odd node goes up as it is.
3. What is signed names scheme, key, shard, batch number, owner's epoch, last stream id, count of leaves and root.
4. A receipt verifies with the public key alone: no database, no gateway.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, Literal
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auction.kernel.house_key import HouseKey
from auction.kernel.ids import SessionId
from auction.kernel.merkle import climb, root_of
from bidding.journal.chain import Digest, next_digest
from bidding.rules.session import RefusedBid

SCHEME: Final = b"fapai-batch-v1\n"
_encoder = msgspec.json.Encoder(order="sorted")


class BatchProof(msgspec.Struct, frozen=True, kw_only=True):
    """What one signature covers."""

    shard: int
    number: int
    owner_epoch: int
    through: str
    """Id of the last stream entry of the batch."""
    leaves: int
    root: bytes
    key_id: str
    signature: bytes


class EventProof(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """An event with the digest that it continues."""

    session_id: UUID
    sequence: int
    body: str
    previous: bytes


class RefusalProof(msgspec.Struct, frozen=True, kw_only=True, tag="refusal"):
    """A refused bid: code, time, and the sequence that it rests on."""

    session_id: UUID
    refused: RefusedBid


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Proof that an entry was in a batch that the house signed."""

    entry: EventProof | RefusalProof
    index: int
    path: tuple[bytes, ...]
    batch: BatchProof


class ReceiptKey(HouseKey):
    """The private Ed25519 key of receipts, under the id that receipts name."""

    def __init__(self, seed: bytes) -> None:
        """Take a seed of 32 bytes."""
        super().__init__(seed, "journal")


Verdict = Literal["good", "unknown_key", "wrong_signature", "wrong_path"]


def event_leaf(session_id: SessionId | UUID, digest: Digest) -> bytes:
    """Give the leaf of an event."""
    return hashlib.sha256(b"\x00event" + session_id.bytes + digest).digest()


def refusal_leaf(session_id: SessionId | UUID, refused: RefusedBid) -> bytes:
    """Give the leaf of a refused bid."""
    return hashlib.sha256(b"\x00refusal" + session_id.bytes + _encoder.encode(refused)).digest()


def sign_batch(
    key: ReceiptKey, *, shard: int, number: int, owner_epoch: int, through: str, leaves: Sequence[bytes]
) -> BatchProof:
    """Sign the root over ``leaves``."""
    unsigned = BatchProof(
        shard=shard,
        number=number,
        owner_epoch=owner_epoch,
        through=through,
        leaves=len(leaves),
        root=root_of(leaves),
        key_id=key.key_id,
        signature=b"",
    )
    return msgspec.structs.replace(unsigned, signature=key.sign(_signed(unsigned)))


def check_batch(proof: BatchProof, public_keys: Mapping[str, bytes]) -> Verdict:
    """Check the signature of a batch against pinned keys (key id → 32 bytes)."""
    public = public_keys.get(proof.key_id)
    if public is None:
        return "unknown_key"
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(proof.signature, _signed(proof))
    except InvalidSignature:
        return "wrong_signature"
    return "good"


def leaf_of(entry: EventProof | RefusalProof) -> bytes:
    """Give the leaf of what a receipt is about."""
    if isinstance(entry, RefusalProof):
        return refusal_leaf(entry.session_id, entry.refused)
    return event_leaf(entry.session_id, next_digest(Digest(entry.previous), entry.body.encode()))


def check_receipt(receipt: Receipt, public_keys: Mapping[str, bytes]) -> Verdict:
    """Check a receipt: its path leads to the root, and the root was signed under a pinned key."""
    reached = climb(leaf_of(receipt.entry), index=receipt.index, count=receipt.batch.leaves, path=receipt.path)
    if reached != receipt.batch.root:
        return "wrong_path"
    return check_batch(receipt.batch, public_keys)


def _signed(proof: BatchProof) -> bytes:
    return SCHEME + _encoder.encode(msgspec.structs.replace(proof, signature=b""))
