"""Form the collegial panel of a case."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases import store as cases
from auction.sale.columns import add
from auction.sale.lots.panel import Member, check_members
from auction.sale.lots.tables import PanelMemberRow, PanelRow


class FormPanel(Command, frozen=True, kw_only=True):
    """Form this panel; a later panel of the same case replaces it for later questions."""

    panel_id: UUID
    case_id: UUID
    members: tuple[Member, ...]


async def form_panel(db: Database, actor: Actor, command: FormPanel) -> UUID:
    """Store the panel and give its id. Raises: `PanelMalformed`, `CaseUnknown`. Source: CPL 40, 42."""
    require_role(actor, Role.BUREAU_HEAD, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await cases.case_row(tx, command.case_id)
        check_members(command.members, on=local_day(tx.now))
        await add(tx, PanelRow(panel_id=command.panel_id, case_id=command.case_id, formed_at=tx.now))
        for member in command.members:
            row = PanelMemberRow(
                panel_id=command.panel_id,
                person_id=member.person_id,
                name=member.name.strip(),
                is_presiding=member.is_presiding,
            )
            await add(tx, row)
        return command.panel_id

    return await db.carry_out(actor, command, work, UUID)
