"""Form the panel that reviews an objection: three or more, one presiding, none of whom ran the case."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.sale.columns import add
from auction.sale.lots.panel import Member, check_members
from auction.sale.objections import store
from auction.sale.objections.objections import (
    ObjectionMoveNotAllowed,
    ObjectionState,
    require_did_not_run,
    require_state,
)
from auction.sale.objections.tables import ReviewMemberRow

FORMERS = (Role.BUREAU_HEAD, Role.VICE_PRESIDENT, Role.PRESIDENT)
"""Who forms it: nobody who handles the case."""


class FormReviewPanel(Command, frozen=True, kw_only=True):
    """Let these persons review the objection; a later panel replaces one of which nobody has voted."""

    objection_id: UUID
    members: tuple[Member, ...]


async def form_review_panel(db: Database, actor: Actor, command: FormReviewPanel) -> UUID:
    """Keep the panel.

    Raises `PanelMalformed`, `EnforcementObjectionUnknown`, `ObjectionMoveNotAllowed`, `RanTheCase`. Source: CPL 40, 42; 异议复议规定 11.
    """
    require_role(actor, *FORMERS)

    async def work(tx: Transaction) -> UUID:
        case_id = await store.case_of_objection(tx, command.objection_id)
        await tx.about_case(case_id)
        held = await store.on_file(tx, command.objection_id)
        require_state(held.state, ObjectionState.DOCKETED, ObjectionState.BEFORE_PANEL)
        if await store.ballots_of(tx, [command.objection_id]):
            raise ObjectionMoveNotAllowed(state="voted")
        check_members(command.members, on=local_day(tx.now))
        ran = {*await store.ran_the_case(tx, case_id), held.row.person_id, actor.person_id}
        require_did_not_run([member.person_id for member in command.members], ran)
        before = await store.panel_of(tx, command.objection_id)
        number = before[0].panel_number + 1 if before else 1
        await add(tx, *(_row(tx, actor, command.objection_id, number, member) for member in command.members))
        return command.objection_id

    return await db.carry_out(actor, command, work, UUID)


def _row(tx: Transaction, actor: Actor, objection_id: UUID, number: int, member: Member) -> ReviewMemberRow:
    return ReviewMemberRow(
        objection_id=objection_id,
        panel_number=number,
        person_id=member.person_id,
        name=member.name.strip(),
        is_presiding=member.is_presiding,
        formed_by=actor.person_id,
        formed_at=tx.now,
    )
