"""The company register over signed HTTP, asked who controls a company (`auction.kernel.signed_questions`)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signed_questions import Gap, QuestionLine, Signed
from auction.law.identity import MAX_LENGTH
from auction.sale.guards.control import ControlQuestion, ControlReply

PURPOSE = "核对司法拍卖竞买人控制关系"
PATH = "/v1/controllers"
CONTROLLERS_MOST = 50
"""An answer that names more is none: nobody is controlled by so many."""
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_LENGTH)]


class _Content(msgspec.Struct):
    """What we read of an answer's document; the rest is kept as it came."""

    register: str
    question_id: UUID
    credit_code: str
    answer_no: str
    as_of: datetime
    controllers: Annotated[tuple[Number, ...], msgspec.Meta(max_length=CONTROLLERS_MOST)]


class ControlClient:
    """The register; see `auction.sale.guards.control.CompanyRegister`."""

    def __init__(self, key: str, partner: Partner, client: SignedClient) -> None:
        """Bind the register to its client."""
        self.key = key
        self.title = partner.title or key
        self._line = QuestionLine(partner, client)

    async def ask(self, question: ControlQuestion, *, business_at: datetime) -> ControlReply | Gap:
        """Ask, or ask again under the same id; whatever the line or the register does is an answer or a gap."""
        body = {"credit_code": question.credit_code, "purpose": PURPOSE}
        return await self._line.ask(question.question_id, body, self._read, business_at=business_at, path=PATH)

    def _read(self, signed: Signed) -> ControlReply:
        """Read a verified document. Raises: ``ValidationError`` (another form, or another register's)."""
        content = msgspec.convert(signed.document, _Content)
        if content.register != self.key:
            raise msgspec.ValidationError("another register's answer")
        return ControlReply(
            question_id=content.question_id,
            credit_code=content.credit_code,
            answer_no=content.answer_no,
            as_of=content.as_of,
            controllers=content.controllers,
            content=signed.whole,
            signature=signed.signature,
        )
