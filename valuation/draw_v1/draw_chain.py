"""The chain of all draws: what was published, in which order, and the head of it that anybody may keep. Pure.

1. An entry numbers one published record (pool, entropy, draw, failure, restart, withdrawal), names its fingerprint and time, and the
   head before it. Its own head is the SHA-256 of its canonical JSON. The first entry continues `GENESIS`.
2. Numbers rise by one, times never fall. An entry is never changed or taken out: everything after it would change.
3. A published head is signed, with the time of its publication. Who keeps one holds all that was published before it.
4. A signature is Ed25519 over the scheme's line and the canonical JSON of all fields but the signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta

from auction.kernel.errors import Malformed, NotPermitted
from auction.kernel.house_key import HouseKey
from auction.kernel.sentences import Said
from valuation.draw_v1.canonical import fingerprint_of, written
from valuation.draw_v1.draw_pool import Hex32, Hex64, Id, Instant, Record, Text

GENESIS: Final = "0" * 64
HEAD_SCHEME: Final = b"fapai-draw-head-v1\n"
HEAD: Final = Said(zh="公布的链首", en="published head")
EntryKind = Literal["pool", "entropy", "draw", "failure", "restart", "withdrawal"]
Missing = Literal[
    "court_commitment", "second_commitment", "pool", "parties_told", "court_secret", "second_secret", "beacon"
]
WithdrawnFor = Literal["appraisal_withdrawn", "appraisal_failed", "appraisal_over"]
Number = Annotated[int, Meta(ge=1, le=2**53 - 1)]


class DrawKeyUnknown(NotPermitted):
    """A signature names a key that is not among the pinned ones."""

    code = "draw_key_unknown"
    article = "house: Draw v1, 7"
    zh = "签名所用的公钥不在保存的公钥之中：{key_id}。"
    en = "The signature names a key that is not among the pinned ones: {key_id}."


class DrawSignatureWrong(NotPermitted):
    """A signature does not belong to what it stands under."""

    code = "draw_signature_wrong"
    article = "house: Draw v1, 7"
    zh = "{what}的签名不成立。"
    en = "The signature of the {what} does not verify."


class DrawKeysUnreadable(Malformed):
    """The file of pinned keys is not what ``/api/draw-keys`` gives out."""

    code = "draw_keys_unreadable"
    article = "house: Draw v1, 7"
    zh = "公钥文件无法读取：应为 /api/draw-keys 的 JSON。"
    en = "The file of keys cannot be read; it is the JSON of /api/draw-keys."


class PublishedKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key as ``/api/draw-keys`` gives it out, in a list; what stands there besides is not looked at."""

    key_id: Id
    public_key: Hex32


class Entry(Record, frozen=True, kw_only=True):
    """One link of the chain."""

    n: Number
    previous: Hex32
    kind: EntryKind
    draw_id: Id
    sha256: Hex32
    """Fingerprint of the record."""
    at: Instant


class EntropyCommitted(Record, frozen=True, kw_only=True):
    """The record behind an ``entropy`` entry: a party committed."""

    kind: Literal["fapai-draw-entropy-commitment"] = "fapai-draw-entropy-commitment"
    version: Literal[1] = 1
    draw_id: Id
    party: Id
    commitment: Hex32
    at: Instant


class EntropyOpened(Record, frozen=True, kw_only=True):
    """The record behind an ``entropy`` entry: a party opened."""

    kind: Literal["fapai-draw-entropy-opening"] = "fapai-draw-entropy-opening"
    version: Literal[1] = 1
    draw_id: Id
    party: Id
    value: Hex32
    at: Instant


class Failure(Record, frozen=True, kw_only=True):
    """The record behind a ``failure`` entry: somebody did not commit, freeze or open in time, so there is no draw."""

    kind: Literal["fapai-draw-failure"] = "fapai-draw-failure"
    version: Literal[1] = 1
    draw_id: Id
    pool_sha256: Hex32 | None
    """Null where no pool was frozen in time."""
    missing: Missing
    office: Text
    due: Instant
    at: Instant


class Withdrawal(Record, frozen=True, kw_only=True):
    """The record behind a ``withdrawal`` entry: the appraisal that the draw was for has ended; nobody failed."""

    kind: Literal["fapai-draw-withdrawal"] = "fapai-draw-withdrawal"
    version: Literal[1] = 1
    draw_id: Id
    pool_sha256: Hex32 | None
    """Null where no pool was frozen yet."""
    reason: WithdrawnFor
    before_outcome: bool
    """Whether the openings had not ended: nobody can have withdrawn what he did not like."""
    at: Instant


class Restart(Record, frozen=True, kw_only=True):
    """The record behind a ``restart`` entry: the higher court orders a new draw for the mandate."""

    kind: Literal["fapai-draw-restart"] = "fapai-draw-restart"
    version: Literal[1] = 1
    draw_id: Id
    """The draw that failed, or was withdrawn late; below, the fingerprint of that record."""
    failure_sha256: Hex32
    court: Text
    order_no: Text
    at: Instant


class PublishedHead(Record, frozen=True, kw_only=True):
    """What ``/api/draw-head`` gives out."""

    n: Number
    head: Hex32
    at: Instant
    """When it was published; not before its entry."""
    key_id: Id
    signature: Hex64


class DrawKey(HouseKey):
    """The private Ed25519 key of draws, from a seed of 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        """Make it from its seed of 32 bytes."""
        super().__init__(seed, "draw")


def head_of(entry: Entry) -> str:
    """Give the head that an entry makes (rule 1)."""
    return fingerprint_of(entry)


def next_entry(last: Entry | None, *, kind: EntryKind, draw_id: str, sha256: str, at: str) -> Entry:
    """Give the entry after ``last``; ``None`` for the first of a chain."""
    n, previous = (1, GENESIS) if last is None else (last.n + 1, head_of(last))
    assert last is None or last.at <= at, "times of a chain never fall"
    return Entry(n=n, previous=previous, kind=kind, draw_id=draw_id, sha256=sha256, at=at)


def follows(entry: Entry, last: Entry) -> bool:
    """Whether ``entry`` continues ``last`` (rules 1 and 2)."""
    return entry.n == last.n + 1 and entry.previous == head_of(last) and last.at <= entry.at


def sign_head(entry: Entry, key: DrawKey, *, at: str) -> PublishedHead:
    """Sign the head of the newest entry, published at ``at``."""
    assert entry.at <= at, "a head is not published before its entry"
    head = head_of(entry)
    signature = key.sign(_signed_of_head(n=entry.n, head=head, at=at, key_id=key.key_id)).hex()
    return PublishedHead(n=entry.n, head=head, at=at, key_id=key.key_id, signature=signature)


def check_head(head: PublishedHead, public_keys: Mapping[str, bytes]) -> None:
    """Check the signature of a published head; raises `DrawKeyUnknown`, `DrawSignatureWrong`."""
    message = _signed_of_head(n=head.n, head=head.head, at=head.at, key_id=head.key_id)
    check_signature(message, head.key_id, head.signature, public_keys, what=HEAD)


def read_keys(given: bytes) -> dict[str, bytes]:
    """Read pinned public keys; raises `DrawKeysUnreadable`."""
    try:
        keys = msgspec.json.decode(given, type=list[PublishedKey])
    except (msgspec.MsgspecError, UnicodeError):
        raise DrawKeysUnreadable from None
    return {key.key_id: bytes.fromhex(key.public_key) for key in keys}


def check_signature(
    message: bytes, key_id: str, signature: str, public_keys: Mapping[str, bytes], *, what: Said
) -> None:
    """Check a signature (hexadecimal) by pinned keys; raises `DrawKeyUnknown`, `DrawSignatureWrong`."""
    public_key = public_keys.get(key_id)
    if public_key is None:
        raise DrawKeyUnknown(key_id=key_id)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        raise DrawSignatureWrong(what=what) from None


def _signed_of_head(*, n: int, head: str, at: str, key_id: str) -> bytes:
    return HEAD_SCHEME + written({"n": n, "head": head, "at": at, "key_id": key_id})
