"""A keeper of lists over signed HTTP (`auction.kernel.signed_questions`)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signed_questions import Gap, QuestionLine, Signed
from auction.sale.registers.lists import Entry, Question, Reply

PURPOSE = "核对司法拍卖竞买资格"


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
        self._line = QuestionLine(partner, client)

    async def ask(self, question: Question, *, business_at: datetime) -> Reply | Gap:
        """Ask, or ask again under the same id; whatever the line or the keeper does is an answer or a gap."""
        body: dict[str, object] = {
            "kind": question.kind,
            "identity_number": question.identity_number,
            "lists": list(question.lists),
            "purpose": PURPOSE,
        }
        return await self._line.ask(question.question_id, body, self._read, business_at=business_at)

    def _read(self, signed: Signed) -> Reply:
        """Read a verified document. Raises: ``ValidationError`` (another form, or another keeper's)."""
        content = msgspec.convert(signed.document, _Content)
        if content.keeper != self.key:
            raise msgspec.ValidationError("another keeper's answer")
        return Reply(
            question_id=content.question_id,
            identity_number=content.identity_number,
            answer_no=content.answer_no,
            as_of=content.as_of,
            entries=content.entries,
            content=signed.whole,
            signature=signed.signature,
        )
