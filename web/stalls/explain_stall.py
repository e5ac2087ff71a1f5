"""Say why a case does not move; the leadership reads it, and it moves nothing."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import named_id
from auction.sale.case_access import require_part
from auction.sale.cases.cases import require_text
from web.stalls.store import stalls_now
from web.stalls.tables import StallReasonRow

REASON_MOST = 1_000
EXPLAINERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.PRESIDING_JUDGE, Role.BUREAU_HEAD)


class CaseMoves(Conflict):
    """The case is not stalled, so there is nothing to explain."""

    code = "case_not_stalled"
    article = "house: stalled cases"
    zh = "本案目前没有停滞情形。"
    en = "This case is not stalled."


class ExplainStall(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say why this case stands."""

    case_id: UUID
    reason: str


async def explain_stall(db: Database, actor: Actor, command: ExplainStall) -> None:
    """Keep the reason beside the case. Raises: `RoleLacking`, `FieldMissing`, `CaseUnknown`, `CaseMoves`."""
    require_role(actor, *EXPLAINERS)
    reason = require_text("stall.reason", command.reason, limit=REASON_MOST)

    async def work(tx: Transaction) -> None:
        await tx.about_case(command.case_id)
        await require_part(tx, actor, command.case_id)
        if command.case_id not in await stalls_now(tx, [command.case_id]):
            raise CaseMoves
        tx.session.add(
            StallReasonRow(
                reason_id=named_id("stall reason", str(command.command_id)),
                case_id=command.case_id,
                reason=reason,
                account_id=actor.account_id,
                said_at=tx.now,
            )
        )

    await db.carry_out(actor, command, work, type(None))
