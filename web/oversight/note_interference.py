"""Enter a note in the log of interference."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.kernel import audit
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.sale.case_access import require_part
from auction.sale.cases.cases import require_text
from web.oversight.interference import (
    CHAIN,
    WHAT_MOST,
    WHO_MOST,
    Capacity,
    Interference,
    InterferenceLater,
    Manner,
)
from web.oversight.tables import InterferenceNoteRow

OFFICERS_OF_COURT = (
    *(Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.PRESIDING_JUDGE, Role.PANEL_MEMBER, Role.BUREAU_HEAD),
    *(Role.VICE_PRESIDENT, Role.PRESIDENT, Role.JUDICIAL_TECHNOLOGY, Role.FINANCE, Role.CASHIER),
)


class NoteInterference(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Note that somebody tried to influence a case, or the court's work as a whole (no case)."""

    capacity: Capacity
    manner: Manner
    happened_on: date
    who: str
    what: str
    case_id: UUID | None = None


async def note_interference(db: Database, actor: Actor, command: NoteInterference) -> UUID:
    """Enter the note; gives its id. Raises: `RoleLacking`, `FieldMissing`, `InterferenceLater`, `CaseUnknown`."""
    require_role(actor, *OFFICERS_OF_COURT)
    told = Interference(
        note_id=named_id("interference", str(actor.account_id), str(command.command_id)),
        case_id=command.case_id,
        capacity=command.capacity,
        manner=command.manner,
        happened_on=command.happened_on,
        who=require_text("interference.who", command.who, limit=WHO_MOST),
        what=require_text("interference.what", command.what, limit=WHAT_MOST),
    )
    content = msgspec.json.encode(told).decode()

    async def work(tx: Transaction) -> UUID:
        if command.happened_on > local_day(tx.now):
            raise InterferenceLater(field="happened_on")
        if command.case_id is not None:
            await require_part(tx, actor, command.case_id)
        row = InterferenceNoteRow(
            note_id=told.note_id,
            case_id=command.case_id,
            capacity=command.capacity,
            manner=command.manner,
            happened_on=command.happened_on,
            sealed=tx.sealer.seal(content),
            commitment=tx.sealer.commit(content),
            account_id=actor.account_id,
            noted_at=tx.now,
        )
        tx.session.add(row)
        await tx.session.flush()
        fact = audit.Fact(tx.now, actor.account_id, "NoteInterference", command.command_id, row.commitment)
        await audit.append(tx.session, chain=CHAIN, fact=fact)
        return told.note_id

    return await db.carry_out(actor, command, work, UUID)
