"""Confirm a bidder's agent, before the bidding opens."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.contracts import RegistrationNamed
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import enqueue
from auction.kernel.persons import record_person
from auction.sale.cases.parties import mask_name
from auction.sale.links.traits import KEY_REGISTRATION
from auction.sale.rounds import store
from auction.sale.rounds.bidders import AgentTooLate, AgentUnknown, SealedAgent


class ConfirmAgent(Command, frozen=True, kw_only=True):
    """Confirm the agent whom this registration names."""

    registration_id: UUID


async def confirm_agent(db: Database, actor: Actor, command: ConfirmAgent) -> UUID:
    """Record the agent as a person and store the confirmation; a second one changes nothing.

    Raises: `AgentUnknown`, `AgentTooLate`, `RegistrationUnknown`, `PersonNameDiffers`. Source: 网拍 14(2).
    """
    require_role(actor, Role.CLERK, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> UUID:
        found = await store.registration_row(tx, command.registration_id)
        round_row, _ = await store.open_round(tx, found.round_id)
        row = await store.registration_row(tx, command.registration_id)
        if tx.now >= round_row.opens_at:
            raise AgentTooLate
        if row.agent_confirmed_at is not None:
            return command.registration_id
        if row.agent_sealed is None:
            raise AgentUnknown
        agent = msgspec.json.decode(tx.sealer.open(row.agent_sealed), type=SealedAgent)
        row.agent_person_id = await record_person(
            tx,
            kind="natural",
            name=agent.name,
            identity_number=agent.identity_number,
            masked=mask_name("natural", agent.name),
        )
        row.agent_sealed, row.agent_confirmed_at = None, tx.now
        await tx.session.flush()
        await enqueue(tx, KEY_REGISTRATION, RegistrationNamed(registration_id=row.registration_id))
        return command.registration_id

    return await db.carry_out(actor, command, work, UUID)
