"""Confirm a bidder's agent, before the bidding opens."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.rounds import store
from auction.sale.rounds.bidders import AgentTooLate, AgentUnknown


class ConfirmAgent(Command, frozen=True, kw_only=True):
    """Confirm the agent whom this registration names."""

    registration_id: UUID


async def confirm_agent(db: Database, actor: Actor, command: ConfirmAgent) -> UUID:
    """Store the confirmation. Raises: `AgentUnknown`, `AgentTooLate`, `RegistrationUnknown`. Source: 网拍 14(2)."""
    require_role(actor, Role.CLERK, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> UUID:
        found = await store.registration_row(tx, command.registration_id)
        round_row, _ = await store.open_round(tx, found.round_id)
        row = await store.registration_row(tx, command.registration_id)
        if row.agent_person_id is None:
            raise AgentUnknown
        if tx.now >= round_row.opens_at:
            raise AgentTooLate
        row.agent_confirmed_at = tx.now
        await tx.session.flush()
        return command.registration_id

    return await db.carry_out(actor, command, work, UUID)
