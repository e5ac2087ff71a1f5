"""An office without a say in the pool commits to a second secret, where the court's setting names no beacon."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from valuation.agencies.rules_of_court import SECOND_OFFICE, require_office
from valuation.draws.committing import commit_secret
from valuation.selections import store_of_draws
from valuation.selections.cases import CaseDesk
from valuation.selections.store_of_draws import Draw


class CommitSecondSecret(Command, frozen=True, kw_only=True):
    """The commitment of the second office."""

    draw_id: UUID
    commitment: str


class NoSecondSecret(Conflict):
    """The second source of this draw is the public beacon."""

    code = "draw_no_second_secret"
    article = "house: Draw v1, 3"
    zh = "本次摇号的第二随机来源是公共随机信标，不需要第二份秘密。"
    en = "The second source of this draw is the public beacon; there is no second secret."


async def commit_second_secret(db: Database, actor: Actor, command: CommitSecondSecret, *, case_desk: CaseDesk) -> UUID:
    """Keep the second office's commitment. Raises `OfficeLacking`, `NoSecondSecret`, and what `commit_secret` raises."""
    require_office(actor, SECOND_OFFICE)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case((await store_of_draws.draw(tx, command.draw_id)).case_id)
        made = await store_of_draws.draw(tx, command.draw_id)
        require_second_secret(made)
        return await commit_secret(tx, actor, made, "second", command.commitment, case_desk)

    return await db.carry_out(actor, command, work, UUID)


def require_second_secret(made: Draw) -> None:
    """Refuse where the second source is the beacon (`NoSecondSecret`)."""
    if made.second != "secret":
        raise NoSecondSecret
