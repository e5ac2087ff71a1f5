"""Set which day the court takes as the end of enforcement of an asset: its leadership, with the rule on which it rests."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.cases import require_text
from auction.sale.columns import add
from auction.sale.joining import store
from auction.sale.joining.joining import CutOff
from auction.sale.joining.tables import JoinCutOffRow
from auction.sale.joining.tell_fund import tell_fund


class SetJoinCutOff(Command, frozen=True, kw_only=True):
    """Set it for the court of this case; ``basis`` names the high court's rule. Decisions made before stay as they are."""

    setting_id: UUID
    case_id: UUID
    cut_off: CutOff
    basis: str


async def set_join_cut_off(db: Database, actor: Actor, command: SetJoinCutOff) -> UUID:
    """Set the court's reading and give the setting's id. Raises `CaseUnknown`, `FieldMissing`. Source: Interp. 507."""
    require_role(actor, Role.VICE_PRESIDENT, Role.PRESIDENT)
    basis = require_text("basis", command.basis)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        case = await cases.case_row(tx, command.case_id)
        row = JoinCutOffRow(
            setting_id=command.setting_id,
            court_code=case.court_code,
            cut_off=command.cut_off.value,
            basis=basis,
            set_by=actor.person_id,
            set_at=tx.now,
        )
        await add(tx, row)
        for application in await store.open_rows(tx, command.case_id):
            await tell_fund(tx, application)
        return row.setting_id

    return await db.carry_out(actor, command, work, UUID)
