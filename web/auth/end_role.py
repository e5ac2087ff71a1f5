"""End a role: one administrator's word is enough, at once (taking a power away is the safe direction)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.sentences import Said
from web.auth import accounts, store


class EndRole(Command, frozen=True, kw_only=True):
    """An administrator says that an account shall no longer hold a role, or drops a proposal."""

    account_id: UUID
    role: Role


async def end_role(db: Database, actor: Actor, command: EndRole) -> bool:
    """End the standing grant or proposal; whether there was one.

    Raises `RoleNotGrantable` for one's own role: the last administrator could not be replaced.
    """
    require_role(actor, Role.ADMINISTRATOR)
    if command.account_id == actor.account_id:
        raise accounts.RoleNotGrantable(reason=Said("不能处理本人的岗位", "nobody ends a role of his own"))

    async def work(tx: Transaction) -> bool:
        await tx.lock("web.account")
        standing = await store.standing_grant(tx, command.account_id, command.role)
        if standing is None:
            return False
        standing.ended_by, standing.ended_at = actor.account_id, tx.now
        return True

    return await db.carry_out(actor, command, work, bool)
