"""Let the president of the court approve a proposed fine or detention, or not."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from bidding.integrity.findings import act_store as store
from bidding.integrity.findings.acts import SANCTIONS, NothingToDecide, OwnProposal, require_reason


class DecideSanction(Command, frozen=True, kw_only=True):
    """Decide the proposal that is this word of the finding."""

    case_id: UUID
    finding_id: UUID
    number: int
    approves: bool
    reason: str


async def decide_sanction(db: Database, actor: Actor, command: DecideSanction) -> int:
    """Store the president's decision, once, as a word of its own.

    Raises: `RoleLacking`, `ReasonNeeded`, `FindingUnknown`, `NothingToDecide`, `OwnProposal`. Source: CPL 119.
    """
    require_role(actor, Role.PRESIDENT)
    reason = require_reason(command.reason)

    async def work(tx: Transaction) -> int:
        await tx.about_case(command.case_id)
        await store.finding_in_case(tx, command.finding_id, command.case_id)
        await tx.lock(f"finding:{command.finding_id}")
        spoken = (await store.spoken_on(tx, [command.finding_id]))[command.finding_id]
        words = store.said_in(spoken, command.case_id)
        proposed = next((word for word in words if word.number == command.number and word.act in SANCTIONS), None)
        if proposed is None or any(word.of_number == command.number for word in words):
            raise NothingToDecide
        if proposed.account_id == actor.account_id:
            raise OwnProposal
        return await store.add_word(
            tx,
            actor,
            "approved" if command.approves else "not_approved",
            finding_id=command.finding_id,
            case_id=command.case_id,
            reason=reason,
            of_number=command.number,
        )

    return await db.carry_out(actor, command, work, int)
