"""Let a bidder answer what the court asked of his code; late answers are taken, and marked as late."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from bidding.integrity.findings import act_store as store
from bidding.integrity.findings.acts import ExplanationGiven, ExplanationUnknown, require_reason
from bidding.integrity.findings.participants import Participants
from bidding.integrity.findings.tables import ExplanationRow


class AnswerExplanation(Command, frozen=True, kw_only=True):
    """Answer this request."""

    request_id: UUID
    answer: str


async def answer_explanation(
    db: Database, actor: Actor, command: AnswerExplanation, *, participants: Participants
) -> UUID:
    """Store the answer, once; of the instant only the day is kept (before the close nothing leads from a code to a person).

    Raises: `RoleLacking`, `ReasonNeeded`, `ExplanationUnknown` (also for another's), `ExplanationGiven`.
    """
    require_role(actor, Role.BIDDER)
    answer = require_reason(command.answer)

    async def work(tx: Transaction) -> UUID:
        await tx.lock(f"explanation:{command.request_id}")
        request = await store.request_row(tx, command.request_id)
        if request is None or await participants.own_code(tx, request.round_id, actor.person_id) != request.code:
            raise ExplanationUnknown(request_id=command.request_id)
        if await store.is_answered(tx, command.request_id):
            raise ExplanationGiven
        tx.session.add(ExplanationRow(request_id=command.request_id, answer=answer, answered_on=local_day(tx.now)))
        await tx.session.flush()
        return command.request_id

    return await db.carry_out(actor, command, work, UUID)
