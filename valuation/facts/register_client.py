"""A register over signed HTTP: one question out, one signed answer back, or a gap with its reason."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import OutcomeUnknown, Refusal, Unavailable
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import PartnerAnswerMalformed, PartnerRefused, SignedClient
from auction.kernel.signing import canonical_json, check_document
from valuation.facts.register import Answer, Finding, Gap, Question, RegisterKey

PURPOSE = "查明拟处置财产现状"


class _SignedAnswer(msgspec.Struct):
    document: dict[str, Any]
    sha256: str
    signature: str


class _QuestionShown(msgspec.Struct):
    state: Literal["pending", "answered", "refused"]
    reason: str = ""
    signed: _SignedAnswer | None = None


class _Shown(msgspec.Struct):
    question: _QuestionShown


class _Content(msgspec.Struct):
    """What we read of an answer's document; the rest is kept as it came."""

    register: RegisterKey
    question_id: UUID
    identifier: str
    answer_no: str
    as_of: date
    findings: tuple[Finding, ...]


class RegisterClient:
    """One register; see `valuation.facts.register.Register`."""

    def __init__(self, key: RegisterKey, partner: Partner, client: SignedClient) -> None:
        """Bind one register to its client."""
        self.key: RegisterKey = key
        self._client = client
        self._public_key = bytes.fromhex(partner.public_key)

    async def ask(self, question: Question, *, business_at: datetime) -> Answer | Gap:
        """Ask, or ask again under the same id; whatever the line or the register does is an answer or a gap."""
        body: dict[str, object] = {
            "question_id": str(question.question_id),
            "asset_class": question.asset_class,
            "identifier": question.identifier,
            "subjects": list(question.subjects),
            "purpose": PURPOSE,
        }
        try:
            shown = await self._client.post("/v1/questions", body, _Shown, business_at=business_at)
        except Unavailable as fault:
            return Gap(reason="down", detail=str(fault))
        except OutcomeUnknown as fault:
            return Gap(reason="unknown", detail=str(fault))
        except PartnerRefused as fault:
            return Gap(reason="refused", detail=fault.code or str(fault.status))
        except PartnerAnswerMalformed as fault:
            return Gap(reason="unusable", detail=str(fault))
        return self._read(shown.question)

    def _read(self, shown: _QuestionShown) -> Answer | Gap:
        if shown.state == "refused":
            return Gap(reason="refused", detail=shown.reason)
        if shown.state == "pending" or shown.signed is None:
            return Gap(reason="pending", detail=shown.reason)
        try:
            return self._verified(shown.signed)
        except Refusal as refusal:
            return Gap(reason="unusable", detail=refusal.code)
        except msgspec.ValidationError as fault:
            return Gap(reason="unusable", detail=str(fault))

    def _verified(self, signed: _SignedAnswer) -> Answer:
        """Check fingerprint and signature, then read; raises `DocumentSignatureWrong` or ``ValidationError``."""
        check_document(signed.document, sha256=signed.sha256, signature=signed.signature, public_key=self._public_key)
        content = msgspec.convert(signed.document, _Content)
        return Answer(
            question_id=content.question_id,
            register=content.register,
            identifier=content.identifier,
            answer_no=content.answer_no,
            as_of=content.as_of,
            findings=content.findings,
            content=canonical_json(signed.document),
            sha256=signed.sha256,
            signature=signed.signature,
        )
