"""Record which platform sells: the applicant's choice, else the court's."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases import store
from auction.sale.cases.cases import OFFICERS, ChosenBy, PlatformAlreadyChosen, require_text
from auction.sale.cases.tables import PlatformChoiceRow
from auction.sale.columns import add


class ChoosePlatform(Command, frozen=True, kw_only=True):
    """Record this choice; a choice by the court states its reason (no choice made, or several applicants differ)."""

    case_id: UUID
    platform: str
    chosen_by: ChosenBy
    reason: str = ""


async def choose_platform(db: Database, actor: Actor, command: ChoosePlatform) -> UUID:
    """Record the choice, once per case. Raises: `PlatformAlreadyChosen`, `FieldMissing`. Source: 网拍 5."""
    require_role(actor, *OFFICERS)
    platform = require_text("platform", command.platform)
    if command.chosen_by == "court":
        require_text("platform.reason", command.reason)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await store.case_row(tx, command.case_id)
        if await store.platform_of(tx, command.case_id):
            raise PlatformAlreadyChosen
        row = PlatformChoiceRow(
            case_id=command.case_id,
            platform=platform,
            chosen_by=command.chosen_by,
            reason=command.reason.strip(),
            chosen_on=local_day(tx.now),
            recorded_at=tx.now,
        )
        await add(tx, row)
        return command.case_id

    return await db.carry_out(actor, command, work, UUID)
