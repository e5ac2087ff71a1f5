"""Have the lists asked again about everybody who takes part in a round, and the company register about every company among them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import NotFound
from auction.kernel.jobs import enqueue
from auction.sale.guards.ask_control import ASK_CONTROL_OF_ROUND, AskControlOfRound
from auction.sale.registers.ask_lists import ASK_LISTS, AskLists


class AskListsAgain(Command, frozen=True, kw_only=True):
    """Ask the keepers again for this round of the case."""

    case_id: UUID
    round_id: UUID


class RoundNotOfCase(NotFound):
    """The case has no such round."""

    code = "lists_round_unknown"
    article = "house: lists are asked for a round of the case"
    zh = "本案没有该次拍卖。"
    en = "This case has no such round."


async def ask_lists_again(db: Database, actor: Actor, command: AskListsAgain) -> UUID:
    """Plan the asking of lists and of the company register; gives the id of the lists' job. Raises: `RoundNotOfCase`."""
    require_role(actor, Role.CASE_HANDLER, Role.CLERK, Role.PRESIDING_JUDGE)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        found = text("SELECT lot_id FROM sale.round WHERE round_id = :round_id AND case_id = :case_id")
        lot_id = await tx.session.scalar(found, {"round_id": command.round_id, "case_id": command.case_id})
        if lot_id is None:
            raise RoundNotOfCase
        await enqueue(tx, ASK_CONTROL_OF_ROUND, AskControlOfRound(lot_id=lot_id, round_id=command.round_id))
        return await enqueue(tx, ASK_LISTS, AskLists(lot_id=lot_id, round_id=command.round_id, moment="recheck"))

    return await db.carry_out(actor, command, work, UUID)
