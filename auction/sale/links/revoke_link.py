"""Revoke a decided link: it refuses nobody any more from this moment, in a running room from the event on that says so."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import enqueue
from auction.sale.cases.cases import require_text
from auction.sale.columns import add
from auction.sale.links import store
from auction.sale.links.decided import TELL_OF_LINK, LinkNamed, LinkRevoked, Relation
from auction.sale.links.tables import LinkRevocationRow


class RevokeLink(Command, frozen=True, kw_only=True):
    """Revoke this decision, for this reason."""

    link_id: UUID
    reason: str


async def revoke_link(db: Database, actor: Actor, command: RevokeLink) -> UUID:
    """Store the revocation; the rooms that run are told of it, and bids made before stay as they were decided. Raises: `LinkUnknown`, `LinkRevoked`, `FieldMissing`."""
    require_role(actor, Role.CASE_HANDLER, Role.PRESIDING_JUDGE)
    require_text("reason", command.reason)

    async def work(tx: Transaction) -> UUID:
        link = await store.link_row(tx, command.link_id)
        await tx.about_case(link.case_id)
        low, high = sorted(store.words_of(tx, link).persons())
        await tx.lock(f"decided-link:{low}:{high}")
        if await store.is_revoked(tx, command.link_id):
            raise LinkRevoked
        row = LinkRevocationRow(
            link_id=command.link_id,
            reason_sealed=tx.sealer.seal(command.reason.strip()),
            revoked_by=actor.account_id,
            revoked_at=tx.now,
        )
        await add(tx, row)
        if link.relation == Relation.SAME_PERSON:
            await enqueue(tx, TELL_OF_LINK, LinkNamed(link_id=command.link_id))
        return command.link_id

    return await db.carry_out(actor, command, work, UUID)
