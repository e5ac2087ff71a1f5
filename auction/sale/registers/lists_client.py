"""A keeper of lists over signed HTTP: one question out, one signed answer back, or a gap with its reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import OutcomeUnknown, Refusal, Unavailable
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import PartnerAnswerMalformed, PartnerRefused, SignedClient
from auction.kernel.signing import canonical_json, check_document
from auction.sale.registers.lists import Entry, Gap, Question, Reply

PURPOSE = "核对司法拍卖竞买资格"


class _Signed(msgspec.Struct):
    document: dict[str, Any]
    sha256: str
    signature: str


class _Standing(msgspec.Struct):
    state: Literal["pending", "answered", "refused"]
    reason: str = ""
    signed: _Signed | None = None


class _Shown(msgspec.Struct):
    question: _Standing


class _Content(msgspec.Struct):
    """What we read of an answer's document; the rest is kept as it came."""

    keeper: str
    question_id: UUID
    identity_number: str
    answer_no: str
    as_of: datetime
    entries: tuple[Entry, ...]


class ListsClient:
    """One keeper; see `auction.sale.registers.lists.Keeper`."""

    def __init__(self, key: str, partner: Partner, client: SignedClient) -> None:
        """Bind one keeper to its client."""
        self.key = key
        self.title = partner.title or key
        self._client = client
        self._public_key = bytes.fromhex(partner.public_key)

    async def ask(self, question: Question, *, business_at: datetime) -> Reply | Gap:
        """Ask, or ask again under the same id; whatever the line or the keeper does is an answer or a gap."""
        body: dict[str, object] = {
            "question_id": str(question.question_id),
            "kind": question.kind,
            "identity_number": question.identity_number,
            "lists": list(question.lists),
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
        except PartnerAnswerMalformed:
            return Gap(reason="unusable", detail="other_form")
        return self._read(shown.question)

    def _read(self, shown: _Standing) -> Reply | Gap:
        if shown.state == "refused":
            return Gap(reason="refused", detail=shown.reason)
        if shown.state == "pending" or shown.signed is None:
            return Gap(reason="pending", detail=shown.reason)
        try:
            return self._verified(shown.signed)
        except Refusal as refusal:
            return Gap(reason="unusable", detail=refusal.code)
        except msgspec.ValidationError:
            return Gap(reason="unusable", detail="other_form")

    def _verified(self, signed: _Signed) -> Reply:
        """Check fingerprint, signature and keeper, then read; raises `DocumentSignatureWrong` or ``ValidationError``."""
        check_document(signed.document, sha256=signed.sha256, signature=signed.signature, public_key=self._public_key)
        content = msgspec.convert(signed.document, _Content)
        if content.keeper != self.key:
            raise msgspec.ValidationError("another keeper's answer")
        return Reply(
            question_id=content.question_id,
            identity_number=content.identity_number,
            answer_no=content.answer_no,
            as_of=content.as_of,
            entries=content.entries,
            content=canonical_json(msgspec.to_builtins(signed)),
            signature=signed.signature,
        )
