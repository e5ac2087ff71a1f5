"""Published heads of the books: where every chain that moved stood, as one signed root, each root upon the one before. Pure.

1. A leaf holds a chain's name, the number and digest of its last entry, and 32 random bytes: the root tells nobody which case moved.
2. The first leaf of each publication is random alone, so a publication in which nothing moved looks like any other; leaves are
   filled up to 64, 128 … and stand in an order of chance, so that a proof tells neither how many chains moved nor which place
   a chain has among them. Older publications have no filling.
3. What is signed names scheme, key, number, instant, the root before, and the root; never how many leaves there are.
4. Whoever keeps a root can later show that a case's books were rewritten behind it: `BooksProof` leads from a head to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auction.kernel.house_key import HouseKey
from auction.kernel.merkle import climb, path_of, root_of

SCHEME: Final = b"fapai-books-v1\n"
NO_ROOT: Final = "0" * 64
_encoder = msgspec.json.Encoder(order="sorted")

LEAST_LEAVES: Final = 64
"""Publications of fewer leaves look alike."""

Verdict = Literal["good", "unknown_key", "wrong_signature", "wrong_path"]


class BooksHead(msgspec.Struct, frozen=True, kw_only=True):
    """Where one chain stood; ``nonce`` (hex) keeps its leaf from being guessed."""

    chain: str
    number: int
    digest: str
    nonce: str


class BooksRoot(msgspec.Struct, frozen=True, kw_only=True):
    """One publication; hashes, key and signature in hexadecimal, the instant in microseconds."""

    number: int
    at_us: int
    previous: str
    root: str
    key_id: str
    signature: str


class BooksProof(msgspec.Struct, frozen=True, kw_only=True):
    """That a chain stood at ``head`` when ``published`` was signed."""

    head: BooksHead
    index: int
    leaves: int
    path: tuple[str, ...]
    published: BooksRoot


def head_leaf(head: BooksHead) -> bytes:
    """Give the leaf of a head (rule 1)."""
    return hashlib.sha256(b"\x00books" + _encoder.encode(head)).digest()


def cover_leaf(nonce: bytes) -> bytes:
    """Give the first leaf of a publication (rule 2)."""
    return hashlib.sha256(b"\x00cover" + nonce).digest()


def books_root(cover: bytes, heads: Sequence[BooksHead]) -> str:
    """Give the root over the cover's nonce and the heads, in hexadecimal."""
    return root_of(_filled(cover, heads)).hex()


def stands_under(root: str, cover: bytes, heads: Sequence[BooksHead]) -> bool:
    """Whether a published root is over this cover and these heads (rule 2)."""
    return _leaves_under(root, cover, heads) is not None


def sign_books(key: HouseKey, root: str, *, number: int, at_us: int, previous: str) -> BooksRoot:
    """Sign a root upon the one before (rule 3)."""
    unsigned = BooksRoot(number=number, at_us=at_us, previous=previous, root=root, key_id=key.key_id, signature="")
    return msgspec.structs.replace(unsigned, signature=key.sign(_signed(unsigned)).hex())


def prove_books(cover: bytes, heads: Sequence[BooksHead], chain: str, published: BooksRoot) -> BooksProof | None:
    """Lead from a chain's head to the root; ``None``: the chain did not move in it, or it is not over them."""
    found = next((at for at, head in enumerate(heads) if head.chain == chain), None)
    leaves = _leaves_under(published.root, cover, heads)
    if found is None or leaves is None:
        return None
    index = found + 1
    path = tuple(node.hex() for node in path_of(leaves, index))
    return BooksProof(head=heads[found], index=index, leaves=len(leaves), path=path, published=published)


def check_root(published: BooksRoot, public_keys: Mapping[str, bytes]) -> Verdict:
    """Check that a root was signed under a pinned key (key id → 32 bytes)."""
    public = public_keys.get(published.key_id)
    if public is None:
        return "unknown_key"
    try:
        signature = bytes.fromhex(published.signature)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _signed(published))
    except (InvalidSignature, ValueError):
        return "wrong_signature"
    return "good"


def check_proof(proof: BooksProof, public_keys: Mapping[str, bytes]) -> Verdict:
    """Check that the path leads from the head to the root, and that the root was signed under a pinned key."""
    signed = check_root(proof.published, public_keys)
    if signed != "good":
        return signed
    try:
        path = [bytes.fromhex(node) for node in proof.path]
    except ValueError:
        return "wrong_path"
    reached = climb(head_leaf(proof.head), index=proof.index, count=proof.leaves, path=path)
    return "good" if reached is not None and reached.hex() == proof.published.root else "wrong_path"


def _leaves(cover: bytes, heads: Sequence[BooksHead]) -> list[bytes]:
    return [cover_leaf(cover), *(head_leaf(head) for head in heads)]


def _filled(cover: bytes, heads: Sequence[BooksHead]) -> list[bytes]:
    leaves = _leaves(cover, heads)
    width = max(LEAST_LEAVES, 1 << (len(leaves) - 1).bit_length())
    return [*leaves, *(_filling(cover, at) for at in range(len(leaves), width))]


def _filling(cover: bytes, at: int) -> bytes:
    return hashlib.sha256(b"\x00filling" + cover + at.to_bytes(8, "big")).digest()


def _leaves_under(root: str, cover: bytes, heads: Sequence[BooksHead]) -> list[bytes] | None:
    """Give the leaves of a publication, filled or as before the rule; ``None``: the root is over others."""
    for leaves in (_filled(cover, heads), _leaves(cover, heads)):
        if root_of(leaves).hex() == root:
            return leaves
    return None


def _signed(published: BooksRoot) -> bytes:
    return SCHEME + _encoder.encode(msgspec.structs.replace(published, signature=""))
