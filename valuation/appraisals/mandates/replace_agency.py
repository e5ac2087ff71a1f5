"""Replace an agency that does not answer, by the court's decision; and note that a file is back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from auction.law.periods import deadline_at, is_in_time
from valuation.appraisals import store
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.mandates.mandate_agency import OFFICERS, replace_mandate
from valuation.appraisals.rules import history as h


class AgencyStillInTime(Conflict):
    """The agency may still answer, or has answered."""

    code = "appraisal_agency_in_time"
    article = "评估规范"
    zh = "评估机构已经答复或者答复期限尚未届满，不能更换。"
    en = "The agency has answered, or may still answer; it is not replaced."


class ReturnMisdated(Malformed):
    """A file cannot have come back on this day, or was not called back."""

    code = "appraisal_return_misdated"
    article = "参考价 19(3)"
    zh = "退回材料的日期 {returned_on} 有误，或者未通知退回。"
    en = "The file cannot have come back on {returned_on}, or it was not called back."


class ReplaceAgency(Command, frozen=True, kw_only=True):
    """The court's decision to ask the next agency because the present one did not answer in time (V22)."""

    appraisal_id: UUID
    document_sha256: str


class NoteFileReturned(Command, frozen=True, kw_only=True):
    """A replaced agency gave the file back."""

    appraisal_id: UUID
    mandate_id: UUID
    returned_on: date


async def replace_silent_agency(db: Database, actor: Actor, command: ReplaceAgency) -> Moved:
    """Call the file back from an agency that did not answer, and mandate the next. Raises `AgencyStillInTime`."""
    require_role(actor, Role.CASE_HANDLER, Role.PRESIDING_JUDGE)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        mandate = file.mandate
        if mandate is None or mandate.accepted_at is not None or mandate.reissues is not None:
            raise AgencyStillInTime
        if is_in_time(tx.now, deadline_at(mandate.answer_by)):
            raise AgencyStillInTime
        return await replace_mandate(tx, actor, file, ground="no_answer", document_sha256=command.document_sha256)

    return await db.carry_out(actor, command, work, Moved)


async def note_file_returned(db: Database, actor: Actor, command: NoteFileReturned) -> Moved:
    """Note the day on which the file came back. Raises `ReturnMisdated`. Source: 参考价 19(3)."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Moved:
        file = await store.lock_file(tx, command.appraisal_id)
        held = next((one for one in file.mandates if one.mandate_id == command.mandate_id), None)
        misdated = ReturnMisdated(returned_on=command.returned_on.isoformat())
        if held is None or held.over_at is None or held.returned_on is not None:
            raise misdated
        if not local_day(held.over_at) <= command.returned_on <= local_day(tx.now):
            raise misdated
        event = h.FileReturned(mandate_id=held.mandate_id, returned_on=command.returned_on)
        return await keep(tx, actor, file, event, made_id=held.mandate_id)

    return await db.carry_out(actor, command, work, Moved)
