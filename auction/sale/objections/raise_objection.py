"""Object to an act of enforcement, or claim a thing as a third party; take it back before it is answered."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.persons import masked_of
from auction.sale.cases import store as cases
from auction.sale.cases.cases import CaseUnknown
from auction.sale.cases.parties import PARTIES_PROPER
from auction.sale.columns import add
from auction.sale.disclosure.public_lots import card_of
from auction.sale.lots import store as lots
from auction.sale.objections import store
from auction.sale.objections.objections import (
    OPEN_STATES,
    Capacity,
    EnforcementObjectionUnknown,
    IdentityUnproven,
    ObjectionAlreadyPending,
    ObjectionKind,
    require_capacity,
    require_state,
    require_written,
)
from auction.sale.objections.tables import EnforcementObjectionRow, ObjectionWithdrawalRow

OBJECTORS = (Role.PARTY, Role.BIDDER)
"""Accounts of people; as what they object is said in the objection and compared with the file."""


class RaiseEnforcementObjection(Command, frozen=True, kw_only=True):
    """Object; ``lot_id`` is needed for a claim to the thing and for whoever is no party; ``papers`` are fingerprints (SHA-256)."""

    objection_id: UUID
    case_id: UUID
    kind: ObjectionKind
    capacity: Capacity
    asks: str
    grounds: str
    papers: tuple[str, ...] = ()
    lot_id: UUID | None = None


class WithdrawEnforcementObjection(Command, frozen=True, kw_only=True):
    """Take one's own objection back."""

    objection_id: UUID


async def raise_enforcement_objection(db: Database, actor: Actor, command: RaiseEnforcementObjection) -> UUID:
    """Keep the objection; from now run the days for docketing.

    Raises `EnforcementObjectionNotWritten`, `IdentityUnproven`, `CaseUnknown` (also for a case in which one has no part and names no public
    lot), `LotUnknown`, `CapacityUnfit`, `ObjectionAlreadyPending`. Source: CPL 236, 238; 异议复议规定 1, 5.
    """
    require_role(actor, *OBJECTORS)
    require_written(command.asks, command.grounds, command.papers)
    if not actor.is_identified:
        raise IdentityUnproven

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await _require_capacity(tx, actor, command)
        await masked_of(tx, actor.person_id)
        if await store.pending_of(tx, actor.person_id, command.kind, command.case_id, command.lot_id):
            raise ObjectionAlreadyPending
        row = EnforcementObjectionRow(
            objection_id=command.objection_id,
            case_id=command.case_id,
            lot_id=command.lot_id,
            kind=command.kind.value,
            capacity=command.capacity.value,
            person_id=actor.person_id,
            asks_sealed=tx.sealer.seal(command.asks.strip()),
            grounds_sealed=tx.sealer.seal(command.grounds.strip()),
            papers=list(command.papers),
            raised_at=tx.now,
        )
        await add(tx, row)
        return row.objection_id

    return await db.carry_out(actor, command, work, UUID)


async def _require_capacity(tx: Transaction, actor: Actor, command: RaiseEnforcementObjection) -> None:
    """Compare with the file; a stranger reaches a case through a public lot of it only."""
    parts = {row.role for row in await cases.parties_by_person(tx, command.case_id, actor.person_id)}
    if command.lot_id is None:
        if not parts:
            raise CaseUnknown(case_id=command.case_id)
    else:
        await _require_lot(tx, command.case_id, command.lot_id, is_party=bool(parts))
    require_capacity(
        command.kind,
        command.capacity,
        has_lot=command.lot_id is not None,
        is_party=bool(parts),
        is_proper_party=not parts.isdisjoint({role.value for role in PARTIES_PROPER}),
        is_registered=await store.is_registered(tx, command.lot_id, actor.person_id),
    )


async def _require_lot(tx: Transaction, case_id: UUID, lot_id: UUID, *, is_party: bool) -> None:
    if await lots.lot_case(tx, lot_id) != case_id:
        raise CaseUnknown(case_id=case_id)
    if not is_party:
        await card_of(tx, lot_id)


async def withdraw_enforcement_objection(db: Database, actor: Actor, command: WithdrawEnforcementObjection) -> UUID:
    """End one's own objection before it is answered.

    Raises `EnforcementObjectionUnknown` (also for another's), `ObjectionMoveNotAllowed`. Source: 异议复议规定 13.
    """
    require_role(actor, *OBJECTORS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(await store.case_of_objection(tx, command.objection_id))
        held = await store.on_file(tx, command.objection_id)
        if held.row.person_id != actor.person_id:
            raise EnforcementObjectionUnknown(objection_id=command.objection_id)
        require_state(held.state, *OPEN_STATES)
        await add(tx, ObjectionWithdrawalRow(objection_id=command.objection_id, withdrawn_at=tx.now))
        return command.objection_id

    return await db.carry_out(actor, command, work, UUID)
