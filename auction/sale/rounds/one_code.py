"""One person, one code: whom a registration is compared with, and by what (practice 35; 网拍 14(2), 18).

1. The person himself, by whatever account; whoever the court decided to be the same; a joint bidder of another registration.
2. An agent acts for one bidder of a lot and does not bid there himself.
3. Companies under one controller, only where the notice says so, by the company register's own answer or the court's decision.
4. Nothing else refuses. Whoever withdrew stands in nobody's way. What is found after the registration refuses no bid.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.persons import find_person, identity_commitment, identity_of
from auction.law.guards import GUARDS
from auction.law.identity import IdentityKind, parse_identity, same_number
from auction.sale.guards import control_store
from auction.sale.guards import store as guards
from auction.sale.guards.applications import Application, applied
from auction.sale.guards.control import ControlAnswer, OneControllerRegistered
from auction.sale.links.store import same_person_group
from auction.sale.registers.lists import DOOR
from auction.sale.rounds import store
from auction.sale.rounds.bidders import (
    AGENTS,
    CONTROLLER,
    SAME_PERSON,
    AgentOfAnotherBidder,
    AlreadyRegistered,
    RegistrationState,
    SamePersonRegistered,
)

WITHDRAWN = frozenset({RegistrationState.LEFT, RegistrationState.RELEASED, RegistrationState.TOO_LATE})
"""States in which a registration takes no part any more."""


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands at the door of which round, and which guards he passes by decision, each with its objection."""

    actor: Actor
    round_id: UUID
    lifted: dict[str, UUID]


async def require_one_code(tx: Transaction, door: Door) -> None:
    """Refuse a second code of one person. Raises: `AlreadyRegistered`, `SamePersonRegistered`, `AgentOfAnotherBidder`."""
    person_id = door.actor.person_id
    if await store.registration_of(tx, door.round_id, person_id) is not None:
        raise AlreadyRegistered
    own = await _own_commitment(tx, person_id)
    if SAME_PERSON not in door.lifted:
        if await guards.is_joint_member_in(tx, door.round_id, own):
            raise AlreadyRegistered
        if await _any_registered(tx, door.round_id, await same_person_group(tx, person_id) - {person_id}):
            raise SamePersonRegistered
    if AGENTS not in door.lifted and await guards.is_agent_in(tx, door.round_id, own):
        raise AgentOfAnotherBidder


async def require_agent_free(tx: Transaction, door: Door, identity_number: str) -> None:
    """Refuse an agent who acts for another bidder of the round, or bids there himself (`AgentOfAnotherBidder`)."""
    if AGENTS in door.lifted:
        return
    number = parse_identity(IdentityKind.RESIDENT, identity_number).number
    commitment = identity_commitment(tx, number)
    if await guards.is_agent_in(tx, door.round_id, commitment):
        raise AgentOfAnotherBidder
    if await guards.is_joint_member_in(tx, door.round_id, commitment):
        raise AgentOfAnotherBidder
    agent = await find_person(tx, number)
    if agent is None:
        return
    persons = {agent, *await same_person_group(tx, agent)} - {door.actor.person_id}
    if await _any_registered(tx, door.round_id, persons):
        raise AgentOfAnotherBidder


async def _any_registered(tx: Transaction, round_id: UUID, persons: Collection[UUID]) -> bool:
    for person_id in persons:
        row = await store.registration_of(tx, round_id, person_id)
        if row is not None and row.state not in WITHDRAWN:
            return True
    return False


async def _own_commitment(tx: Transaction, person_id: UUID) -> str:
    _, number = await identity_of(tx, person_id)
    return identity_commitment(tx, number)


async def control_of(tx: Transaction, person_id: UUID) -> ControlAnswer | None:
    """Give what the register answered for this door about a company; ``None``: no company, or no answer in time."""
    return await control_store.answer_about(tx, person_id, came_since=tx.now - DOOR)


async def control_keys(tx: Transaction, person_id: UUID, control: ControlAnswer | None) -> frozenset[str]:
    """Give the commitments by which a registrant is compared: his own, and those of who controls him."""
    controllers = () if control is None else control.controllers
    return frozenset(
        {
            await _own_commitment(tx, person_id),
            *(identity_commitment(tx, same_number(number)) for number in controllers),
        }
    )


async def require_own_controller(
    tx: Transaction, door: Door, keys: Collection[str], *, clause: bool, control: ControlAnswer | None
) -> tuple[Application, ...]:
    """Apply the clause of the notice and give what is recorded of it; nothing before the guard is in force.

    Raises: `OneControllerRegistered`, only where the notice carries the clause. Source: 网拍 12, 13, 31(5).
    """
    guard = next((one for one in GUARDS.in_force(local_day(tx.now)) if one.number == CONTROLLER), None)
    if guard is None:
        return ()
    group = await same_person_group(tx, door.actor.person_id, with_controllers=True) - {door.actor.person_id}
    decided = await _any_registered(tx, door.round_id, group)
    shared = decided or await guards.shares_controller(tx, door.round_id, keys)
    if shared and clause and CONTROLLER not in door.lifted:
        raise OneControllerRegistered
    kind, _ = await identity_of(tx, door.actor.person_id)
    unanswered = kind == "organisation" and control is None
    one = applied(
        guard,
        "unknown" if unanswered and not decided else "passed",
        clause=clause,
        shared_controller=shared,
        decided_by_court=decided,
        source="" if control is None else control.source,
        as_of=None if control is None else control.as_of.isoformat(),
    )
    return (one,)
