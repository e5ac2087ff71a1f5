"""Open the roster of a round that is over, on the record: from then on this case's judges may see who stood behind which code."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from bidding.integrity.findings import act_store as store
from bidding.integrity.findings.acts import JUDGES, RosterOpen, RosterSealed, require_reason
from bidding.integrity.findings.tables import RosterOpeningRow


class OpenRoster(Command, frozen=True, kw_only=True):
    """Open the roster of this round because of this finding."""

    case_id: UUID
    finding_id: UUID
    round_id: UUID
    reason: str


async def open_roster(db: Database, actor: Actor, command: OpenRoster) -> int:
    """Record the opening; nobody is named by it, each look at the names is logged by itself.

    A round that still runs has no record, so its roster cannot be opened. A round of another case stays sealed: its own judge opens it.

    Raises: `RoleLacking`, `ReasonNeeded`, `FindingUnknown`, `RosterSealed`, `RosterOpen`. Source: 网拍 18(2).
    """
    require_role(actor, *JUDGES)
    reason = require_reason(command.reason)

    async def work(tx: Transaction) -> int:
        await tx.about_case(command.case_id)
        row = await store.finding_in_case(tx, command.finding_id, command.case_id)
        record = await store.record_of_round(tx, command.round_id)
        if record is None or str(command.round_id) not in row.round_ids or record.case_id != command.case_id:
            raise RosterSealed(field="round_id")
        if await store.opening_of(tx, command.round_id, command.case_id) is not None:
            raise RosterOpen
        number = await store.add_word(
            tx,
            actor,
            "open_roster",
            finding_id=command.finding_id,
            case_id=command.case_id,
            reason=reason,
            round_id=command.round_id,
        )
        opening = RosterOpeningRow(
            round_id=command.round_id,
            case_id=command.case_id,
            finding_id=command.finding_id,
            number=number,
            reason=reason,
            account_id=actor.account_id,
            opened_at=tx.now,
        )
        tx.session.add(opening)
        await tx.session.flush()
        return number

    return await db.carry_out(actor, command, work, int)
