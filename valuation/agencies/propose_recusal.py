"""Propose that an institution has an interest in a case and is not chosen in it (资产评估法 20(4)–(5))."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.agencies.proposing import KEEPERS, propose
from valuation.agencies.register import Recusal

PROPOSERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, *KEEPERS)


class ProposeRecusal(Command, frozen=True, kw_only=True):
    """One institution, one case; like every change of the register another person decides on it."""

    change_id: UUID
    case_id: UUID
    agency_id: UUID
    reason: str
    document_sha256: str


async def propose_recusal(db: Database, actor: Actor, command: ProposeRecusal) -> UUID:
    """Propose a recusal. Raises: `RegisterMalformed`, `AgencyUnknown`."""
    require_role(actor, *PROPOSERS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        return await propose(
            tx,
            actor,
            change_id=command.change_id,
            agency_id=command.agency_id,
            content=Recusal(),
            reason=command.reason,
            document_sha256=command.document_sha256,
            case_id=command.case_id,
        )

    return await db.carry_out(actor, command, work, UUID)
