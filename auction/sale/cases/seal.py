"""The court's electronic seal (院印): what is asked of the seal service, and when its mark holds.

1. A mark is the service's signature over a document of its own that names the paper: its id, kind, title, case, court
   and fingerprint, and the time of sealing. Only a mark that verifies under the service's key and names exactly the paper
   that was asked about is taken; another one changes nothing (`SealMarkWrong`).
2. The time of sealing lies between the asking and now, but for `CLOCKS_APART` between two machines.
3. One attempt has one key, under which the service seals at most once. Only the service's own *refused* ends an attempt;
   a later one has another key.
4. A mark stays verifiable: it is kept with the document that was signed and the key that it verified under. Marks of
   the time before seal services carry neither; they are signed by the installation (`SealKeys.before_service`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict
from auction.kernel.sentences import Said
from auction.kernel.signing import DocumentSignatureWrong, canonical_json, check_document, fingerprint

CLOCKS_APART = timedelta(minutes=5)
"""A seal service's clock may be this far from ours."""
DOCUMENT_MAX_BYTES = 16 * 1024
NOT_AGREED_FORM = Said("格式不符", "it does not have the agreed form")
_SIGNATURE = Said("签名不符", "the signature does not verify")
_OTHER = Said("所印文书不是所请求的文书", "it is on another paper")
_TIME = Said("用印时间不符", "its time of sealing cannot be")


class SealMarkWrong(Conflict):
    """What the seal service gave back is no mark on this document; nothing was stored."""

    code = "seal_mark_wrong"
    article = "house: a mark is verified before it counts"
    zh = "印章服务返回的印记未通过核验（{why}），文书未用印，未作任何更改。"
    en = "The mark that the seal service gave back does not hold ({why}); the document is not sealed and nothing was changed."


class SealRefused(Conflict):
    """The seal service refused; the document stays a draft."""

    code = "seal_refused"
    article = "house: the seal is the service's to put"
    zh = "印章服务未予用印（{reason}），文书仍为草稿。"
    en = "The seal service refused to seal ({reason}); the document stays a draft."


class SealAsked(msgspec.Struct, frozen=True, kw_only=True):
    """One paper to be sealed; asked again under the same ``key`` it is the same sealing."""

    key: str
    document_id: UUID
    case_number: str
    court: str
    kind: str
    title: str
    body_sha256: str
    asked_at: datetime


class SignedMark(msgspec.Struct, frozen=True, kw_only=True):
    """A mark as it comes from the service, not verified yet."""

    document: dict[str, Any]
    sha256: str
    signature: str


class SealMark(msgspec.Struct, frozen=True, kw_only=True):
    """A mark that was verified (rule 1)."""

    seal_ref: str
    signature: str
    sealed_at: datetime
    signed_document: str
    """Canonical JSON of what the service signed."""
    public_key: str
    """Ed25519 public key (hex) under which it verified."""


class SealAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The service's answer as it stands now; ``mark`` is there once it is *sealed*, ``reason`` when it is *refused*."""

    state: Literal["pending", "sealed", "refused"]
    mark: SealMark | None = None
    reason: str = ""


class StoredMark(msgspec.Struct, frozen=True, kw_only=True):
    """A mark as it is kept; document and key are ``None`` for marks of before the seal service (rule 4)."""

    signature: str
    signed_document: str | None
    public_key: str | None


class Seal(Protocol):
    """A seal service. Asking again under the same key gives the same sealing as it stands now.

    Raises ``OutcomeUnknown`` and ``Unavailable`` (ask again), ``ProviderRefused`` (the call was not taken),
    `SealMarkWrong`.
    """

    async def ask(self, asked: SealAsked) -> SealAnswer:
        """Ask for the court's seal on this paper; a mark that is given was verified."""
        ...


@dataclass(frozen=True)
class SealKeys:
    """The public keys under which stored marks are believed."""

    trusted: frozenset[str]
    """Keys of the seal service, present and former (hex)."""
    before_service: bytes | None = None
    """The installation's own key for marks of before the seal service; ``None`` in production, which never had one."""


class _Content(msgspec.Struct):
    """What we read of a mark's document; the rest is kept as it came."""

    seal_ref: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    document_id: UUID
    case_number: str
    court: str
    kind: str
    title: str
    body_sha256: str
    sealed_at: Annotated[datetime, msgspec.Meta(tz=True)]


def check_mark(asked: SealAsked, signed: SignedMark, *, public_key: str) -> SealMark:
    """Verify a mark on the paper that was asked about (rule 1); raises `SealMarkWrong`."""
    try:
        check_document(
            signed.document, sha256=signed.sha256, signature=signed.signature, public_key=bytes.fromhex(public_key)
        )
    except DocumentSignatureWrong:
        raise SealMarkWrong(why=_SIGNATURE) from None
    content, text = _content_of(signed.document), canonical_json(signed.document)
    if len(text) > DOCUMENT_MAX_BYTES:
        raise SealMarkWrong(why=NOT_AGREED_FORM)
    if not _is_about(content, asked):
        raise SealMarkWrong(why=_OTHER)
    return SealMark(
        seal_ref=content.seal_ref,
        signature=signed.signature,
        sealed_at=content.sealed_at,
        signed_document=text.decode(),
        public_key=public_key,
    )


def check_time(asked: SealAsked, mark: SealMark, *, now: datetime) -> None:
    """Refuse a mark of before the asking or of later than now (rule 2; `SealMarkWrong`)."""
    if not asked.asked_at - CLOCKS_APART <= mark.sealed_at <= now + CLOCKS_APART:
        raise SealMarkWrong(why=_TIME)


def mark_holds(asked: SealAsked, mark: StoredMark, keys: SealKeys) -> bool:
    """Whether a stored mark still verifies on its paper as it stands in the file now (rule 4)."""
    if mark.signed_document is None or mark.public_key is None:
        return _old_mark_holds(asked, mark, keys)
    if mark.public_key not in keys.trusted:
        return False
    document = json.loads(mark.signed_document)
    signed = SignedMark(document=document, sha256=fingerprint(document), signature=mark.signature)
    try:
        check_mark(asked, signed, public_key=mark.public_key)
    except SealMarkWrong:
        return False
    return True


def _old_mark_holds(asked: SealAsked, mark: StoredMark, keys: SealKeys) -> bool:
    if keys.before_service is None:
        return False
    content = {
        "document_id": str(asked.document_id),
        "court": asked.court,
        "title": asked.title,
        "sha256": asked.body_sha256,
    }
    try:
        check_document(content, sha256=fingerprint(content), signature=mark.signature, public_key=keys.before_service)
    except DocumentSignatureWrong:
        return False
    return True


def _content_of(document: dict[str, Any]) -> _Content:
    try:
        return msgspec.convert(document, _Content)
    except msgspec.ValidationError:
        raise SealMarkWrong(why=NOT_AGREED_FORM) from None


def _is_about(content: _Content, asked: SealAsked) -> bool:
    named = ("document_id", "case_number", "court", "kind", "title", "body_sha256")
    return all(getattr(content, name) == getattr(asked, name) for name in named)
