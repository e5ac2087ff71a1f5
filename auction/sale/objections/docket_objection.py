"""Docket an objection under a number of its own, or refuse it by a ruling that goes to the objector."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.columns import add
from auction.sale.objections import store
from auction.sale.objections.issue_ruling import Ruled, issue_ruling
from auction.sale.objections.objections import (
    ObjectionState,
    RanTheCase,
    docket_number,
    require_reasoned,
    require_state,
)
from auction.sale.objections.tables import ObjectionDocketingRow

DOCKETERS = (Role.CLERK, Role.JUDGE_ASSISTANT)
"""Who dockets for the court; the handler of the case does not."""


class DocketObjection(Command, frozen=True, kw_only=True):
    """Docket under ``number`` (type 执异), or refuse with reason and article; ``document_id`` names the ruling that refuses."""

    objection_id: UUID
    admit: bool
    document_id: UUID
    number: str = ""
    reason: str = ""
    article: str = ""


async def docket_objection(db: Database, actor: Actor, command: DocketObjection) -> UUID:
    """Keep the docketing; from now run the days for the decision. A refusal writes its ruling, a draft until it is sealed.

    Raises `DocketNumberUnfit`, `ObjectionNotReasoned`, `EnforcementObjectionUnknown`, `ObjectionMoveNotAllowed`, `RanTheCase` for the objector
    himself, `IdTaken` for a number in use. Source: 异议复议规定 2.
    """
    require_role(actor, *DOCKETERS)
    number = docket_number(command.number) if command.admit else ""
    if not command.admit:
        require_reasoned(reason=command.reason, article=command.article)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(await store.case_of_objection(tx, command.objection_id))
        held = await store.on_file(tx, command.objection_id)
        require_state(held.state, ObjectionState.RAISED)
        if held.row.person_id == actor.person_id:
            raise RanTheCase
        row = ObjectionDocketingRow(
            objection_id=command.objection_id,
            admitted=command.admit,
            number=number,
            reason=command.reason.strip(),
            article=command.article.strip(),
            document_id=None if command.admit else command.document_id,
            docketed_by=actor.person_id,
            docketed_at=tx.now,
        )
        await add(tx, row)
        if not command.admit:
            ruled = Ruled(reason=row.reason, article=row.article, operative="对该异议不予受理。")
            await issue_ruling(tx, actor, held, ruled, command_id=command.command_id, document_id=command.document_id)
        return command.objection_id

    return await db.carry_out(actor, command, work, UUID)
