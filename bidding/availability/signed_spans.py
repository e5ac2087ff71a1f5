"""Spans signed by the probe, numbered and chained per subject and run of the probe: what is left out is missed. Pure.

1. digest = SHA-256(digest of the span before || body); the first continues 32 zero bytes.
2. What is signed names scheme, run, subject, number and digest. The key signs nothing else (a scheme of its own).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Final, Literal
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from auction.kernel.house_key import HouseKey
from bidding.availability.spans import Span, Subject

SCHEME: Final = b"fapai-availability-v1\n"
ZERO: Final = "0" * 64

Verdict = Literal["good", "unknown_key", "wrong_signature", "wrong_digest", "malformed"]

_encoder = msgspec.json.Encoder(order="sorted")
_decoder: msgspec.json.Decoder[Span] = msgspec.json.Decoder(Span)


class SignedSpan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One span as it is stored and given out; hashes in hex."""

    run_id: UUID
    subject: str
    number: int
    body: str
    previous: str
    digest: str
    key_id: str
    signature: str

    @cached_property
    def span(self) -> Span:
        """The span; raises ``msgspec.MsgspecError`` for a body that is none."""
        return _decoder.decode(self.body)


class ProbeKey(HouseKey):
    """The probe's private key under the id that its spans name."""

    def __init__(self, seed: bytes) -> None:
        """Make it from its seed of 32 bytes."""
        super().__init__(seed, "probe")

    @property
    def for_tickets(self) -> Ed25519PrivateKey:
        """The same key, as tickets of the probe are signed with it."""
        return self._private


class SpanSigner:
    """Numbers, chains and signs the spans of one run of the probe."""

    def __init__(self, key: ProbeKey, run_id: UUID) -> None:
        """Begin a run."""
        self._key = key
        self._run_id = run_id
        self._heads: dict[str, tuple[int, str]] = {}

    def sign(self, span: Span) -> SignedSpan:
        """Sign the next span of its subject."""
        subject = span.subject.name
        number, previous = self._heads.get(subject, (0, ZERO))
        body = _encoder.encode(span).decode()
        unsigned = SignedSpan(
            run_id=self._run_id,
            subject=subject,
            number=number + 1,
            body=body,
            previous=previous,
            digest=_digest(previous, body),
            key_id=self._key.key_id,
            signature="",
        )
        self._heads[subject] = (unsigned.number, unsigned.digest)
        return msgspec.structs.replace(unsigned, signature=self._key.sign(_signed(unsigned)).hex())

    def forget(self, subject: Subject) -> None:
        """Forget a room that is over; its name never comes back in this run."""
        self._heads.pop(subject.name, None)


def check_span(signed: SignedSpan, public_keys: Mapping[str, bytes]) -> Verdict:
    """Check one span by itself against pinned keys (key id → 32 bytes)."""
    public = public_keys.get(signed.key_id)
    if public is None:
        return "unknown_key"
    try:
        if signed.digest != _digest(signed.previous, signed.body):
            return "wrong_digest"
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(signed.signature), _signed(signed))
        is_canonical = (
            _encoder.encode(signed.span).decode() == signed.body and signed.span.subject.name == signed.subject
        )
    except InvalidSignature:
        return "wrong_signature"
    except (ValueError, msgspec.MsgspecError):
        return "malformed"
    return "good" if is_canonical else "malformed"


def _digest(previous: str, body: str) -> str:
    return hashlib.sha256(bytes.fromhex(previous) + body.encode()).hexdigest()


def _signed(span: SignedSpan) -> bytes:
    return SCHEME + _encoder.encode([str(span.run_id), span.subject, span.number, span.digest])
