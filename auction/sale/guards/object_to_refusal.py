"""Object to a refusal at the door: once, in writing; the court decides (`decide_guard_objection`)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.persons import masked_of
from auction.sale.columns import add
from auction.sale.guards import store
from auction.sale.guards.objections import AlreadyObjected, require_written
from auction.sale.guards.tables import GuardObjectionRow


class ObjectToRefusal(Command, frozen=True, kw_only=True):
    """Object to this refusal; ``papers`` are fingerprints (SHA-256) of what is handed in."""

    application_id: UUID
    grounds: str
    papers: tuple[str, ...] = ()


async def object_to_refusal(db: Database, actor: Actor, command: ObjectToRefusal) -> UUID:
    """Keep the objection and give its id.

    Raises `ObjectionNotWritten`, `RefusalUnknown` (also for another's), `AlreadyObjected`, `PersonUnknown`. Source: CPL 236; 网拍 31(5).
    """
    require_role(actor, Role.BIDDER)
    require_written(command.grounds, command.papers)

    async def work(tx: Transaction) -> UUID:
        refused = await store.refusal_row(tx, command.application_id, actor.person_id)
        await tx.about_case(refused.case_id)
        await masked_of(tx, actor.person_id)
        if await store.objection_to(tx, refused.application_id) is not None:
            raise AlreadyObjected
        row = GuardObjectionRow(
            objection_id=named_id("guard objection", str(refused.application_id)),
            application_id=refused.application_id,
            case_id=refused.case_id,
            lot_id=refused.lot_id,
            person_id=actor.person_id,
            guard=refused.guard,
            grounds_sealed=tx.sealer.seal(command.grounds.strip()),
            papers=list(command.papers),
            raised_at=tx.now,
        )
        await add(tx, row)
        return row.objection_id

    return await db.carry_out(actor, command, work, UUID)
