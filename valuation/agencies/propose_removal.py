"""Propose that an institution is removed from the register (参考价 15)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.agencies.proposing import KEEPERS, propose
from valuation.agencies.register import Removal, RemovalGround


class ProposeRemoval(Command, frozen=True, kw_only=True):
    """For refusing without reason and for fraud a ban of five years follows."""

    change_id: UUID
    agency_id: UUID
    ground: RemovalGround
    reason: str
    document_sha256: str


async def propose_removal(db: Database, actor: Actor, command: ProposeRemoval) -> UUID:
    """Propose a removal. Raises: `RegisterMalformed`, `AgencyUnknown`. Source: 参考价 15."""
    require_role(actor, *KEEPERS)

    async def work(tx: Transaction) -> UUID:
        return await propose(
            tx,
            actor,
            change_id=command.change_id,
            agency_id=command.agency_id,
            content=Removal(ground=command.ground),
            reason=command.reason,
            document_sha256=command.document_sha256,
        )

    return await db.carry_out(actor, command, work, UUID)
