"""A register over signed HTTP (`auction.kernel.signed_questions`)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signed_questions import Gap, QuestionLine, Signed
from auction.kernel.signing import canonical_json
from valuation.facts.register import Answer, Finding, Question, RegisterKey

PURPOSE = "查明拟处置财产现状"


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
        self._line = QuestionLine(partner, client)

    async def ask(self, question: Question, *, business_at: datetime) -> Answer | Gap:
        """Ask, or ask again under the same id; whatever the line or the register does is an answer or a gap."""
        body: dict[str, object] = {
            "asset_class": question.asset_class,
            "identifier": question.identifier,
            "subjects": list(question.subjects),
            "purpose": PURPOSE,
        }
        return await self._line.ask(question.question_id, body, _read, business_at=business_at)


def _read(signed: Signed) -> Answer:
    """Read a verified document. Raises: ``ValidationError`` (another form)."""
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
