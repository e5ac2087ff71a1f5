"""Published heads: where every chain stood at one instant, as one signed root (bid-core 16). Pure.

1. The leaf of a chain holds session, number of the last event and digest; leaves stand in the order of session ids.
2. What is signed names scheme, key, number, instant, count of leaves and root.
3. Whoever keeps a root can later show that a chain was rewritten behind it: `HeadProof` leads from one head to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auction.kernel.merkle import climb, path_of, root_of
from bidding.journal.receipts import ReceiptKey, Verdict

SCHEME: Final = b"fapai-heads-v1\n"
_encoder = msgspec.json.Encoder(order="sorted")


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Where one chain stood."""

    session_id: UUID
    sequence: int
    digest: str


class PublishedRoot(msgspec.Struct, frozen=True, kw_only=True):
    """One publication."""

    number: int
    at_us: int
    leaves: int
    root: str
    key_id: str
    signature: str


class HeadProof(msgspec.Struct, frozen=True, kw_only=True):
    """That a chain stood at ``head`` when ``published`` was signed."""

    head: Head
    index: int
    path: tuple[str, ...]
    published: PublishedRoot


def head_leaf(head: Head) -> bytes:
    """Give the leaf of a head."""
    return hashlib.sha256(b"\x00head" + _encoder.encode(head)).digest()


def sign_heads(key: ReceiptKey, heads: Sequence[Head], *, number: int, at_us: int) -> PublishedRoot:
    """Sign the root over at least one head."""
    root = root_of([head_leaf(head) for head in heads]).hex()
    unsigned = PublishedRoot(number=number, at_us=at_us, leaves=len(heads), root=root, key_id=key.key_id, signature="")
    return msgspec.structs.replace(unsigned, signature=key.sign(_signed(unsigned)).hex())


def prove_head(heads: Sequence[Head], session_id: UUID, published: PublishedRoot) -> HeadProof | None:
    """Lead from a session's head to the root; ``None``: the session is not in it."""
    index = next((at for at, head in enumerate(heads) if head.session_id == session_id), None)
    if index is None:
        return None
    path = path_of([head_leaf(head) for head in heads], index)
    return HeadProof(head=heads[index], index=index, path=tuple(node.hex() for node in path), published=published)


def check_head(proof: HeadProof, public_keys: Mapping[str, bytes]) -> Verdict:
    """Check that the path leads to the root and that it was signed under a pinned key."""
    published = proof.published
    public = public_keys.get(published.key_id)
    if public is None:
        return "unknown_key"
    try:
        path = [bytes.fromhex(node) for node in proof.path]
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(published.signature), _signed(published))
    except (InvalidSignature, ValueError):
        return "wrong_signature"
    reached = climb(head_leaf(proof.head), index=proof.index, count=published.leaves, path=path)
    return "good" if reached is not None and reached.hex() == published.root else "wrong_path"


def _signed(published: PublishedRoot) -> bytes:
    return SCHEME + _encoder.encode(msgspec.structs.replace(published, signature=""))
