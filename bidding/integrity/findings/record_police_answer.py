"""Record the written answer of the police to a referral."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from bidding.integrity.findings import act_store as store
from bidding.integrity.findings.acts import JUDGES, NoReferral, require_reason


class RecordPoliceAnswer(Command, frozen=True, kw_only=True):
    """Record what the police answered to the referral that is this word of the finding."""

    case_id: UUID
    finding_id: UUID
    number: int
    answer: str
    document_id: UUID | None = None


async def record_police_answer(db: Database, actor: Actor, command: RecordPoliceAnswer) -> int:
    """Store the answer, once, as a word of its own.

    Raises: `RoleLacking`, `ReasonNeeded`, `FindingUnknown`, `NoReferral`.
    """
    require_role(actor, *JUDGES)
    answer = require_reason(command.answer)

    async def work(tx: Transaction) -> int:
        await tx.about_case(command.case_id)
        await store.finding_in_case(tx, command.finding_id, command.case_id)
        await tx.lock(f"finding:{command.finding_id}")
        spoken = (await store.spoken_on(tx, [command.finding_id]))[command.finding_id]
        words = store.said_in(spoken, command.case_id)
        if not any(word.number == command.number and word.act == "police" for word in words):
            raise NoReferral
        if any(word.of_number == command.number for word in words):
            raise NoReferral
        return await store.add_word(
            tx,
            actor,
            "police_answered",
            finding_id=command.finding_id,
            case_id=command.case_id,
            reason=answer,
            document_id=command.document_id,
            of_number=command.number,
        )

    return await db.carry_out(actor, command, work, int)
