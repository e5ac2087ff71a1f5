"""Mandate an agency: the first by the court's own step, the next in rank as the law orders."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from valuation.agencies.ranking import (
    AgenciesNotRanked,
    RankedAgency,
    ReplacementReason,
    current_agency,
    has_all_failed,
    replace_agency,
)
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, Mandate
from valuation.appraisals.rules.limits import last_day

OFFICERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
PUBLISHED_AS: Final[dict[h.ReturnGround, ReplacementReason]] = {
    "declined": "declined",
    "no_answer": "declined",
    "recused": "recused",
    "late": "late",
    "correction_missed": "late",
    "objection_upheld": "objection_upheld",
}
"""The reason under which the choice of agencies publishes that a turn ended."""


class MandateRunning(Conflict):
    """An agency holds the mandate already."""

    code = "appraisal_mandate_running"
    article = "参考价 17"
    zh = "已有评估机构正在办理该委托。"
    en = "An agency holds this mandate already."


class AnswerDayPast(Malformed):
    """The day by which the agency answers is over."""

    code = "appraisal_answer_day_past"
    article = "评估规范"
    zh = "答复期限 {answer_by} 已过。"
    en = "The day by which the agency is to answer, {answer_by}, is over."


class MandateAgency(Command, frozen=True, kw_only=True):
    """Send the mandate with the file to the agency whose turn it is; it answers by a day that the court sets."""

    appraisal_id: UUID
    answer_by: date


async def mandate_agency(db: Database, actor: Actor, command: MandateAgency) -> Moved:
    """Mandate the first of the chosen agencies.

    Raises `AgenciesNotRanked` before the choice, `MandateRunning`, `AnswerDayPast`, `AppraisalOver`. Source: 参考价 17.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        if file.mandate is not None:
            raise MandateRunning
        if command.answer_by <= local_day(tx.now):
            raise AnswerDayPast(answer_by=command.answer_by.isoformat())
        agency = await current_agency(tx, appraisal_id=file.choice_id)
        if agency is None:
            raise AgenciesNotRanked
        event = mandated(file, agency, answer_by=command.answer_by)
        return await keep(tx, actor, file, event, made_id=event.mandate_id)

    return await db.carry_out(actor, command, work, Moved)


def mandated(file: AppraisalFile, agency: RankedAgency, *, answer_by: date) -> h.Mandated:
    """Make the mandate of the next agency in the order of this file."""
    return h.Mandated(
        mandate_id=new_id(),
        ordinal=len(file.mandates) + 1,
        agency_id=agency.agency_id,
        agency_name=agency.name,
        licence_no=agency.licence_no,
        answer_by=answer_by,
    )


async def replace_mandate(
    tx: Transaction,
    actor: Actor,
    file: AppraisalFile,
    *,
    ground: h.ReturnGround,
    before: tuple[h.AnyEvent, ...] = (),
    document_sha256: str | None = None,
) -> Moved:
    """End the present mandate, call its file back in three days, and mandate the next agency in rank.

    After the last one the court decides (`AgenciesExhausted`). Source: 参考价 19(3), 23(2).
    """
    present = file.mandate
    assert present is not None, "only an open mandate is replaced"
    today = local_day(tx.now)
    called_back = h.FileCalledBack(
        mandate_id=present.mandate_id,
        ground=ground,
        return_by=last_day("return_file_days", today, COURT_CALENDAR),
        document_sha256=document_sha256,
    )
    following = await _next(tx, file, present, ground, document_sha256)
    return await keep(tx, actor, file, *before, called_back, following, made_id=present.mandate_id)


async def _next(
    tx: Transaction, file: AppraisalFile, present: Mandate, ground: h.ReturnGround, document_sha256: str | None
) -> h.AnyEvent:
    if await has_all_failed(tx, appraisal_id=file.choice_id):
        return h.AgenciesExhausted(choice_id=file.choice_id)
    agency = await replace_agency(
        tx, appraisal_id=file.choice_id, reason_code=PUBLISHED_AS[ground], document_sha256=document_sha256
    )
    if agency is None:
        return h.AgenciesExhausted(choice_id=file.choice_id)
    time_to_answer = present.answer_by - local_day(present.mandated_at)
    return mandated(file, agency, answer_by=local_day(tx.now) + time_to_answer)
