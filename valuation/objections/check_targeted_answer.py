"""Check the authority's answer as a second person: found right, it becomes the reference price (参考价 6; practice 8)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.contracts import ReferencePrice
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.signing import fingerprint
from valuation.methods.step_store import step
from valuation.objections.fix_price import fix_price
from valuation.papers.typed_papers import SecondPersonNeeded
from valuation.targeted_inquiries import targeted_store as store
from valuation.targeted_inquiries.targeted_inquiry import TargetedOver, TargetedUnknown, validity_of


class CheckTargetedAnswer(Command, frozen=True, kw_only=True):
    """What a comparison with the scan of this fingerprint found."""

    step_id: UUID
    answer_id: UUID
    document_sha256: str
    is_right: bool


class TargetedAnswerChecked(msgspec.Struct, frozen=True, kw_only=True):
    """The price; ``None`` where the answer was not recorded as it stands in the scan, and is recorded anew."""

    price: ReferencePrice | None


async def check_targeted_answer(db: Database, actor: Actor, command: CheckTargetedAnswer) -> TargetedAnswerChecked:
    """Fix the price by an answer that was recorded right.

    Raises `TargetedOver`, `TargetedUnknown` for another scan or an answer checked before, `SecondPersonNeeded` for the one who recorded it.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> TargetedAnswerChecked:
        await tx.about_case((await store.inquiry(tx, command.step_id)).case_id)
        inquiry = await store.inquiry(tx, command.step_id)
        if inquiry.state != "asking":
            raise TargetedOver
        answer = _waiting(await store.answers(tx, command.step_id), command)
        if answer.recorded_by == actor.person_id:
            raise SecondPersonNeeded
        await store.check_answer(tx, answer.answer_id, actor.person_id, is_right=command.is_right)
        if not command.is_right:
            return TargetedAnswerChecked(price=None)
        await store.set_state(tx, command.step_id, "priced")
        return TargetedAnswerChecked(price=await _fix(tx, inquiry, answer))

    return await db.carry_out(actor, command, work, TargetedAnswerChecked)


def _waiting(answers: list[store.TargetedAnswer], command: CheckTargetedAnswer) -> store.TargetedAnswer:
    wanted = (command.answer_id, command.document_sha256, None)
    found = [answer for answer in answers if (answer.answer_id, answer.document_sha256, answer.checked_at) == wanted]
    if not found:
        raise TargetedUnknown
    return found[0]


async def _fix(tx: Transaction, inquiry: store.TargetedInquiry, answer: store.TargetedAnswer) -> ReferencePrice:
    evidence = [inquiry.letter_sha256, answer.document_sha256, str(answer.amount_fen), answer.received_on.isoformat()]
    return await fix_price(
        tx,
        await step(tx, inquiry.step_id),
        amount_fen=answer.amount_fen,
        valid_until=validity_of(answer.answer),
        evidence_sha256=fingerprint(evidence),
    )
