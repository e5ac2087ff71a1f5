"""Revoke a decided link: it refuses nobody any more from this moment."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import require_text
from auction.sale.columns import add
from auction.sale.links import store
from auction.sale.links.decided import LinkRevoked
from auction.sale.links.tables import LinkRevocationRow


class RevokeLink(Command, frozen=True, kw_only=True):
    """Revoke this decision, for this reason."""

    link_id: UUID
    reason: str


async def revoke_link(db: Database, actor: Actor, command: RevokeLink) -> UUID:
    """Store the revocation. Raises: `LinkUnknown`, `LinkRevoked`, `FieldMissing`."""
    require_role(actor, Role.CASE_HANDLER, Role.PRESIDING_JUDGE)
    require_text("reason", command.reason)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(await store.case_of_link(tx, command.link_id))
        if await store.is_revoked(tx, command.link_id):
            raise LinkRevoked
        row = LinkRevocationRow(
            link_id=command.link_id, reason=command.reason.strip(), revoked_by=actor.account_id, revoked_at=tx.now
        )
        await add(tx, row)
        return command.link_id

    return await db.carry_out(actor, command, work, UUID)
