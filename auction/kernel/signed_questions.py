"""One question over signed HTTP, one signed answer back, or a gap with its reason: for every register and keeper of lists.

1. A question has an id of ours; the other side takes a repeated id as the same question, so that asking again is always safe.
2. Whatever the line or the other side does is an answer or a `Gap`, never an exception: who asks goes on without it and asks again.
3. An answer counts only with its fingerprint, its signature under the key on file, and the form that its reader expects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import msgspec

from auction.kernel.errors import OutcomeUnknown, Refusal, Unavailable
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import PartnerAnswerMalformed, PartnerRefused, SignedClient
from auction.kernel.signing import canonical_json, check_document

Answered = TypeVar("Answered")
GapReason = Literal["pending", "down", "unknown", "refused", "unusable"]
ENDED: tuple[GapReason, ...] = ("refused", "unusable")
"""Gaps after which the same question gives the same; another one is put later, or paper is taken."""
QUESTIONS = "/v1/questions"
OTHER_FORM = "other_form"


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """No answer that counts, and why; whoever stores it dates it."""

    reason: GapReason
    detail: str


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A document as it came, with fingerprint and signature (checked, once a reader sees it)."""

    document: dict[str, Any]
    sha256: str
    signature: str

    @property
    def whole(self) -> bytes:
        """The document with fingerprint and signature, as canonical JSON: what is kept of an answer."""
        return canonical_json({"document": self.document, "sha256": self.sha256, "signature": self.signature})


class _Standing(msgspec.Struct):
    state: Literal["pending", "answered", "refused"]
    reason: str = ""
    signed: Signed | None = None


class _Shown(msgspec.Struct):
    question: _Standing


class QuestionLine:
    """The line to one partner who answers questions, with the key that its answers bear."""

    def __init__(self, partner: Partner, client: SignedClient) -> None:
        """Bind a partner to its client."""
        self._client = client
        self._public_key = bytes.fromhex(partner.public_key)

    async def ask(
        self,
        question_id: UUID,
        body: Mapping[str, object],
        read: Callable[[Signed], Answered],
        *,
        business_at: datetime,
        path: str = QUESTIONS,
    ) -> Answered | Gap:
        """Ask, or ask again under the same id; ``read`` turns what was verified into an answer.

        ``read`` raises ``msgspec.ValidationError`` for a document of another form: that is a gap too.
        """
        try:
            shown = await self._client.post(
                path, {"question_id": str(question_id), **body}, _Shown, business_at=business_at
            )
        except Unavailable as fault:
            return Gap(reason="down", detail=str(fault))
        except OutcomeUnknown as fault:
            return Gap(reason="unknown", detail=str(fault))
        except PartnerRefused as fault:
            return Gap(reason="refused", detail=fault.code or str(fault.status))
        except PartnerAnswerMalformed:
            return Gap(reason="unusable", detail=OTHER_FORM)
        return self._read(shown.question, read)

    def _read(self, shown: _Standing, read: Callable[[Signed], Answered]) -> Answered | Gap:
        if shown.state == "refused":
            return Gap(reason="refused", detail=shown.reason)
        if shown.state == "pending" or shown.signed is None:
            return Gap(reason="pending", detail=shown.reason)
        signed = shown.signed
        try:
            check_document(
                signed.document, sha256=signed.sha256, signature=signed.signature, public_key=self._public_key
            )
            return read(signed)
        except Refusal as refusal:
            return Gap(reason="unusable", detail=refusal.code)
        except msgspec.ValidationError:  # its text may repeat what the document says of a person
            return Gap(reason="unusable", detail=OTHER_FORM)
