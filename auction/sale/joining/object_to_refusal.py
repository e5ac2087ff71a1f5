"""Object to a refusal to join: once, in writing; another person than the one who refused decides (`decide_join`)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import TEXT_LIMIT
from auction.sale.columns import add
from auction.sale.joining import store
from auction.sale.joining.joining import JoinApplicationUnknown, JoinNotRefused, JoinNotWritten
from auction.sale.joining.tables import JoinObjectionRow
from auction.sale.joining.tell_fund import tell_fund


class ObjectToJoinRefusal(Command, frozen=True, kw_only=True):
    """Object with these grounds."""

    application_id: UUID
    grounds: str


async def object_to_join_refusal(db: Database, actor: Actor, command: ObjectToJoinRefusal) -> UUID:
    """Keep the objection and give the application's id.

    Raises `JoinNotWritten`, `JoinApplicationUnknown` (also for another's), `JoinNotRefused`. Source: CPL 236.
    """
    require_role(actor, Role.PARTY)
    if not 0 < len(command.grounds.strip()) <= TEXT_LIMIT:
        raise JoinNotWritten(field="grounds")

    async def work(tx: Transaction) -> UUID:
        row = await store.application_row(tx, command.application_id)
        if row.person_id != actor.person_id:
            raise JoinApplicationUnknown(application_id=command.application_id)
        await tx.about_case(row.case_id)
        if await store.state_of(tx, row.application_id) != "refused":
            raise JoinNotRefused
        await add(
            tx,
            JoinObjectionRow(
                application_id=row.application_id,
                grounds_sealed=tx.sealer.seal(command.grounds.strip()),
                raised_at=tx.now,
            ),
        )
        await tell_fund(tx, row)
        return row.application_id

    return await db.carry_out(actor, command, work, UUID)
