"""Confirm a bidder's agent, before the bidding opens."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.contracts import RegistrationNamed
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import enqueue
from auction.kernel.persons import find_person, identity_commitment, record_person
from auction.sale.cases.parties import mask_name
from auction.sale.guards import store as guards
from auction.sale.links.traits import KEY_REGISTRATION
from auction.sale.rounds import store
from auction.sale.rounds.bidders import AGENTS, AgentOfAnotherBidder, AgentTooLate, AgentUnknown, SealedAgent
from auction.sale.rounds.one_code import WITHDRAWN
from auction.sale.rounds.tables import RegistrationRow


class ConfirmAgent(Command, frozen=True, kw_only=True):
    """Confirm the agent whom this registration names."""

    registration_id: UUID


async def confirm_agent(db: Database, actor: Actor, command: ConfirmAgent) -> UUID:
    """Record the agent as a person and store the confirmation; a second one changes nothing.

    Raises: `AgentUnknown`, `AgentTooLate`, `AgentOfAnotherBidder`, `RegistrationUnknown`, `PersonNameDiffers`. Source: 网拍 14(2).
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
        await _require_free(tx, row, agent)
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


async def _require_free(tx: Transaction, row: RegistrationRow, agent: SealedAgent) -> None:
    """Refuse an agent who meanwhile acts for another bidder of the round, or registered himself (`AgentOfAnotherBidder`)."""
    commitment = identity_commitment(tx, agent.identity_number)
    lifted = await guards.lifted_for(tx, lot_id=row.lot_id, person_id=row.person_id)
    if AGENTS in lifted:
        return
    if await guards.is_agent_of_other(tx, row.round_id, commitment, registration_id=row.registration_id):
        raise AgentOfAnotherBidder
    person_id = await find_person(tx, agent.identity_number)
    other = None if person_id is None else await store.registration_of(tx, row.round_id, person_id)
    if other is not None and other.registration_id != row.registration_id and other.state not in WITHDRAWN:
        raise AgentOfAnotherBidder
