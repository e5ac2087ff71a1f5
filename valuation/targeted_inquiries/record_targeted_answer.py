"""Record the authority's answer on paper; it counts once another person has confirmed it (参考价 6; practice 8)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from valuation.methods.step_store import step
from valuation.targeted_inquiries import targeted_store as store
from valuation.targeted_inquiries.targeted_inquiry import TargetedOver, check_answer


class RecordTargetedAnswer(Command, frozen=True, kw_only=True):
    """What the authority answered, and the fingerprint of the scan."""

    step_id: UUID
    received_on: date
    amount_fen: int
    valid_until: date | None = None
    document_sha256: str


async def record_targeted_answer(db: Database, actor: Actor, command: RecordTargetedAnswer) -> UUID:
    """Keep the answer until a second person confirms it; raises `TargetedOver`, `AnswerMalformed`, `AnswerLate`."""
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case((await store.inquiry(tx, command.step_id)).case_id)
        inquiry = await store.inquiry(tx, command.step_id)
        if inquiry.state != "asking":
            raise TargetedOver
        answer = store.TargetedAnswer(
            answer_id=new_id(),
            step_id=command.step_id,
            received_on=command.received_on,
            amount_fen=command.amount_fen,
            valid_until=command.valid_until,
            document_sha256=command.document_sha256,
            recorded_by=actor.person_id,
            recorded_at=tx.now,
        )
        asked_on = local_day((await step(tx, command.step_id)).opened_at)
        check_answer(answer.answer, asked_on=asked_on, until=inquiry.until, today=local_day(tx.now))
        await store.add_answer(tx, answer)
        return answer.answer_id

    return await db.carry_out(actor, command, work, UUID)
