"""Signatures of calls between this house and a partner (bank, inquiry platform, lender, tax office), and of documents.

1. A call is signed over its scheme, key id, method, path with query, time, nonce, business time and the SHA-256 of
   its body: none of them can be changed, and a call to one path is worth nothing at another.
2. A signature older or newer than `TOLERANCE_S` of *real* time is refused; the movable business clock plays no part.
3. A nonce is good once per key. Whoever verifies remembers it until `SignedCall.forget_after`; after that the time
   alone refuses it.
4. The signature is compared in constant time and before the time is looked at.
5. A document (report, letter, assessment) is signed with Ed25519 over its canonical JSON, so that nobody who can
   check it could have made it; the canonical form takes no float.

Nothing here reads a clock, draws randomness or keeps state.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from auction.kernel.errors import Malformed, NotPermitted

SCHEME = "fapai-call-v1"
DOCUMENT_SCHEME = b"fapai-document-v1\n"
TOLERANCE_S = 300
"""A call may be this many seconds away from the verifier's real time, either way."""

KEY_HEADER = "fapai-key"
TIME_HEADER = "fapai-time"
NONCE_HEADER = "fapai-nonce"
BUSINESS_TIME_HEADER = "fapai-business-time"
SIGNATURE_HEADER = "fapai-signature"

_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_TIME = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v1=(?P<hex>[0-9a-f]{64})")
_SECRET_MIN_BYTES = 16


class SignatureMissing(Malformed):
    """A header of the signature is absent or has another shape; nothing was checked."""

    code = "signature_missing"
    article = "house: partner calls are signed (security 6)"
    zh = "请求缺少有效的签名信息：{header}。"
    en = "The call lacks a well-formed signature header: {header}."


class SignatureWrong(NotPermitted):
    """The key is unknown, or the signature does not belong to this call."""

    code = "signature_wrong"
    article = "house: partner calls are signed (security 6)"
    zh = "签名校验失败。"
    en = "The signature does not verify."


class SignatureOutOfTime(NotPermitted):
    """The signature is right, but its time is too far from the real time here."""

    code = "signature_out_of_time"
    article = "house: partner calls carry time (security 6)"
    zh = "签名时间与当前时间相差过大（{seconds} 秒）。"
    en = "The time of the signature is {seconds} s away from the time here."


class SignatureReplayed(NotPermitted):
    """The signature is right and fresh, but its nonce was used before."""

    code = "signature_replayed"
    article = "house: partner calls carry a nonce (security 6)"
    zh = "该请求已处理过（随机数重复）。"
    en = "This nonce was used before; the call is a replay."


class DocumentSignatureWrong(NotPermitted):
    """A signed document's content, fingerprint and signature do not belong together."""

    code = "document_signature_wrong"
    article = "house: outside documents are signed (security 6)"
    zh = "文件签名或指纹不符。"
    en = "The signature or the fingerprint of the document does not verify."


@dataclass(frozen=True, slots=True)
class CallKey:
    """A secret shared with one partner, under the name that the sender signs with."""

    key_id: str
    secret: bytes

    def __post_init__(self) -> None:
        """Assert a usable name and a secret of at least sixteen bytes."""
        assert _KEY_ID.fullmatch(self.key_id), f"key id {self.key_id!r} is not a plain name"
        assert len(self.secret) >= _SECRET_MIN_BYTES, "a call secret has at least sixteen bytes"

    def __repr__(self) -> str:
        """Name the key; never the secret."""
        return f"CallKey({self.key_id!r})"


@dataclass(frozen=True, slots=True)
class SignedCall:
    """What a verified signature says about its call."""

    key_id: str
    nonce: str
    signed_at: datetime
    business_at: datetime | None
    """The sender's business time, where he tells it (movable in test and demo installations)."""

    @property
    def forget_after(self) -> datetime:
        """The instant after which the time alone refuses this nonce."""
        return self.signed_at + timedelta(seconds=2 * TOLERANCE_S)


def sign_call(
    key: CallKey,
    *,
    method: str,
    path: str,
    body: bytes,
    now: datetime,
    nonce: str,
    business_at: datetime | None = None,
) -> dict[str, str]:
    """Give the headers that sign this call; ``path`` is the raw path with its query, ``now`` is real time.

    ``nonce``: 16–64 characters of ``A-Za-z0-9_-``, fresh per attempt (a retry is a new call with a new nonce).
    """
    assert _NONCE.fullmatch(nonce), "a nonce has 16 to 64 plain characters"
    business = "" if business_at is None else _business_text(business_at)
    time = str(int(now.timestamp()))
    signature = _mac(key, method=method, path=path, body=body, time=time, nonce=nonce, business=business)
    headers = {KEY_HEADER: key.key_id, TIME_HEADER: time, NONCE_HEADER: nonce, SIGNATURE_HEADER: f"v1={signature}"}
    if business:
        headers[BUSINESS_TIME_HEADER] = business
    return headers


def check_call(
    key_of: Callable[[str], CallKey | None],
    *,
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    now: datetime,
) -> SignedCall:
    """Check all but the nonce's newness, and say who signed; ``headers`` by lower-case name.

    The caller must still remember ``(key_id, nonce)`` until `SignedCall.forget_after` and raise
    `SignatureReplayed` when it was known: `verify_call` does both for a memory that answers at once.

    Raises `SignatureMissing`, `SignatureWrong`, `SignatureOutOfTime`.
    """
    key_id = _header(headers, KEY_HEADER, _KEY_ID)
    time = _header(headers, TIME_HEADER, _TIME)
    nonce = _header(headers, NONCE_HEADER, _NONCE)
    given = _header(headers, SIGNATURE_HEADER, _SIGNATURE)[3:]
    business = headers.get(BUSINESS_TIME_HEADER, "")
    key = key_of(key_id)
    if key is None or key.key_id != key_id:
        raise SignatureWrong
    expected = _mac(key, method=method, path=path, body=body, time=time, nonce=nonce, business=business)
    if not hmac.compare_digest(expected, given):
        raise SignatureWrong
    away_s = abs(int(now.timestamp()) - int(time))
    if away_s > TOLERANCE_S:
        raise SignatureOutOfTime(seconds=away_s)
    return SignedCall(key_id, nonce, datetime.fromtimestamp(int(time), UTC), _business_time(business))


def verify_call(
    key_of: Callable[[str], CallKey | None],
    remember: Callable[[SignedCall], bool],
    *,
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    now: datetime,
) -> SignedCall:
    """Check a call whole; ``remember`` stores its nonce and says whether it was new.

    Raises what `check_call` raises, and `SignatureReplayed`.
    """
    call = check_call(key_of, method=method, path=path, body=body, headers=headers, now=now)
    if not remember(call):
        raise SignatureReplayed
    return call


def canonical_json(value: object) -> bytes:
    """Write ``value`` in the one form that is signed: sorted keys, no blanks, UTF-8; asserts that no float is in it."""
    assert not _holds_float(value), "a signed document holds no float"
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def fingerprint(value: object) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """A private Ed25519 key made from a seed of 32 bytes; the partner's own, never shared."""

    seed: bytes

    def __repr__(self) -> str:
        """Show the public half only."""
        return f"DocumentKey(public={self.public.hex()})"

    @property
    def public(self) -> bytes:
        """The 32 bytes with which everybody can check."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    def sign(self, content: object) -> str:
        """Sign a document's content; base64."""
        message = DOCUMENT_SCHEME + canonical_json(content)
        return base64.b64encode(Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)).decode()


def check_document(content: object, *, sha256: str, signature: str, public_key: bytes) -> None:
    """Check that fingerprint and signature belong to ``content``; raises `DocumentSignatureWrong`."""
    if _holds_float(content) or not hmac.compare_digest(fingerprint(content), sha256):
        raise DocumentSignatureWrong
    try:
        raw = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(raw, DOCUMENT_SCHEME + canonical_json(content))
    except (InvalidSignature, binascii.Error, ValueError):
        raise DocumentSignatureWrong from None


def _mac(key: CallKey, *, method: str, path: str, body: bytes, time: str, nonce: str, business: str) -> str:
    body_hash = hashlib.sha256(body).hexdigest()
    lines = (SCHEME, key.key_id, method.upper(), path, time, nonce, business, body_hash)
    return hmac.new(key.secret, "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def _header(headers: Mapping[str, str], name: str, shape: re.Pattern[str]) -> str:
    value = headers.get(name, "")
    if shape.fullmatch(value) is None:
        raise SignatureMissing(header=name)
    return value


def _business_text(at: datetime) -> str:
    assert at.tzinfo is not None, "a business time is aware"
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _business_time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise SignatureMissing(header=BUSINESS_TIME_HEADER) from None
    if at.tzinfo is None:
        raise SignatureMissing(header=BUSINESS_TIME_HEADER)
    return at.astimezone(UTC)


def _holds_float(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_float(part) for part in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_float(part) for part in value)
    return isinstance(value, float)
