"""One controller, one bidder (一控制人一竞买人): what the company register says, asked before the transaction. Pure but for the port.

1. Only where the notice carries the clause is a second company under one controller refused (网拍 12, 13, 31(5)).
2. The register's answer decides, not our guess; while it does not answer, companies are admitted on their undertaking, which is recorded as
   unknown, and the register is asked again until it answers.
3. Whoever is admitted, by the clause's absence or before the answer came, is refused no bid for it: that two registrations share a
   controller is noted for the judge.
4. At the door only an answer counts that came for it (`DOOR`): control changes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from auction.kernel.errors import Unlawful
from auction.kernel.signed_questions import Gap
from auction.sale.registers.lists import CLOCKS_APART, OLDEST_ANSWER


class OneControllerRegistered(Unlawful):
    """The notice carries the clause, and another company under the same controller is registered."""

    code = "one_controller_one_bidder"
    article = "网拍 12, 13; house: options of the notice"
    zh = "公告载明“一控制人一竞买人”，受同一人控制的另一竞买人已经报名。"
    en = "The notice says one controller, one bidder, and another bidder under the same controller is registered."


class ControlAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who controls a company: identity numbers and company codes, as the register had them at ``as_of``."""

    controllers: tuple[str, ...]
    as_of: datetime
    source: str


class ControlQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """One question about one company; the same id is the same question."""

    question_id: UUID
    credit_code: str


class ControlReply(msgspec.Struct, frozen=True, kw_only=True):
    """The register's answer, verified: signature and fingerprint were checked by the client."""

    question_id: UUID
    credit_code: str
    answer_no: str
    as_of: datetime
    controllers: tuple[str, ...]
    content: bytes
    """The signed document as it came, with fingerprint and signature, as JSON."""
    signature: str


class CompanyRegister(Protocol):
    """The register of companies. A call never raises for what the other side or the line does: that is a `Gap`."""

    key: str
    title: str

    async def ask(self, question: ControlQuestion, *, business_at: datetime) -> ControlReply | Gap:
        """Ask who controls a company; never called inside a transaction. A repeated question id is the same question."""
        ...


def what_is_wrong(reply: ControlReply, question: ControlQuestion, *, asked_at: datetime, now: datetime) -> str:
    """Say (in a code) why an answer is none to this question; empty: it is one."""
    if reply.question_id != question.question_id:
        return "other_question"
    if reply.credit_code.upper() != question.credit_code.upper():
        return "other_company"
    if reply.as_of.tzinfo is None or reply.as_of > now + CLOCKS_APART:
        return "as_of_to_come"
    return "as_of_too_old" if reply.as_of < asked_at - OLDEST_ANSWER else ""
