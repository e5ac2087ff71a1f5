"""Note that the authority did not answer in time: the method failed (参考价 6, 7)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.methods.step_store import end_step
from valuation.targeted_inquiries import targeted_store as store
from valuation.targeted_inquiries.targeted_inquiry import TargetedOver, check_silent


class NoteTargetedSilence(Command, frozen=True, kw_only=True):
    """Nothing was received by the last day."""

    step_id: UUID


async def note_targeted_silence(db: Database, actor: Actor, command: NoteTargetedSilence) -> None:
    """End the method without a price.

    Raises `TargetedOver`; `AnswerStillPossible` before the time is over, or while an answer waits for its second person.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> None:
        await tx.about_case((await store.inquiry(tx, command.step_id)).case_id)
        inquiry = await store.inquiry(tx, command.step_id)
        if inquiry.state != "asking":
            raise TargetedOver
        waiting = [answer for answer in await store.answers(tx, command.step_id) if answer.checked_at is None]
        check_silent(tx.now, deadline_at=inquiry.deadline_at, is_answer_waiting=bool(waiting))
        await store.set_state(tx, command.step_id, "failed")
        await end_step(tx, command.step_id, "failed", "silent")

    await db.carry_out(actor, command, work, type(None))
