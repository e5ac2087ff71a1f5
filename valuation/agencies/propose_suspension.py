"""Propose that an institution gets no mandates for a time."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.agencies.proposing import KEEPERS, propose
from valuation.agencies.register import Suspension


class ProposeSuspension(Command, frozen=True, kw_only=True):
    """From the first to the last day, both included; a running one is never shortened."""

    change_id: UUID
    agency_id: UUID
    from_on: date
    until_on: date
    reason: str
    document_sha256: str


async def propose_suspension(db: Database, actor: Actor, command: ProposeSuspension) -> UUID:
    """Propose a suspension. Raises: `RegisterMalformed`, `AgencyUnknown`."""
    require_role(actor, *KEEPERS)

    async def work(tx: Transaction) -> UUID:
        return await propose(
            tx,
            actor,
            change_id=command.change_id,
            agency_id=command.agency_id,
            content=Suspension(from_on=command.from_on, until_on=command.until_on),
            reason=command.reason,
            document_sha256=command.document_sha256,
        )

    return await db.carry_out(actor, command, work, UUID)
