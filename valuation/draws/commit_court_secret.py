"""The drawing office commits to its secret before the pool is frozen; the server never sees the secret until the draw."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from valuation.agencies.rules_of_court import require_office
from valuation.draws.committing import commit_secret
from valuation.selections import store_of_draws
from valuation.selections.cases import CaseDesk


class CommitCourtSecret(Command, frozen=True, kw_only=True):
    """The commitment of the drawing office, made where its secret was made."""

    draw_id: UUID
    commitment: str


async def commit_court_secret(db: Database, actor: Actor, command: CommitCourtSecret, *, case_desk: CaseDesk) -> UUID:
    """Keep the drawing office's commitment. Raises `OfficeLacking` and what `commit_secret` raises."""

    async def work(tx: Transaction) -> UUID:
        await tx.about_case((await store_of_draws.draw(tx, command.draw_id)).case_id)
        made = await store_of_draws.draw(tx, command.draw_id)
        require_office(actor, made.drawing_office)
        return await commit_secret(tx, actor, made, "court", command.commitment, case_desk)

    return await db.carry_out(actor, command, work, UUID)
