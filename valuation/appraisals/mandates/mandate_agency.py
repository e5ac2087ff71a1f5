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
from auction.law.periods import working_days_end
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, Mandate
from valuation.appraisals.rules.limits import last_day
from valuation.selections.ranking import (
    RankedAgency,
    ReplacementReason,
    has_all_failed,
    replace_agency,
    take_turn,
)

OFFICERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
PUBLISHED_AS: Final[dict[h.ReturnGround, ReplacementReason]] = {
    "declined": "declined",
    "no_answer": "no_answer",
    "recused": "recused",
    "late": "late",
    "correction_missed": "late",
    "objection_upheld": "objection_upheld",
}
"""The reason under which the choice of agencies publishes that a turn ended."""
ANSWER_WORKING_DAYS_MIN: Final = 3
"""Fewest working days that an agency has to answer, after the day on which it is asked; no text names a time (V48)."""


class MandateRunning(Conflict):
    """An agency holds the mandate already."""

    code = "appraisal_mandate_running"
    article = "参考价 17"
    zh = "已有评估机构正在办理该委托。"
    en = "An agency holds this mandate already."


class AnswerDayEarly(Malformed):
    """The agency has too few working days to answer."""

    code = "appraisal_answer_day_early"
    article = "评估规范; house: three working days to answer"
    zh = "答复期限 {answer_by} 过早，应当给予评估机构至少{days}个工作日（最早为 {earliest}）。"
    en = "To answer by {answer_by} is too early; an agency has at least {days} working days, until {earliest}."


class MandateAgency(Command, frozen=True, kw_only=True):
    """Send the mandate with the file to the agency whose turn it is; it answers by a day that the court sets."""

    appraisal_id: UUID
    answer_by: date


async def mandate_agency(db: Database, actor: Actor, command: MandateAgency) -> Moved:
    """Mandate the first of the chosen agencies who may act today; where nobody may, the court decides.

    Raises `AgenciesNotRanked` before the choice, `MandateRunning`, `AnswerDayEarly`, `AppraisalOver`. Source: 参考价 16, 17.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        if file.mandate is not None:
            raise MandateRunning
        answer_by = answer_day(command.answer_by, today=local_day(tx.now))
        agency = await take_turn(tx, appraisal_id=file.choice_id)
        if agency is None:
            return await keep(tx, actor, file, h.AgenciesExhausted(choice_id=file.choice_id))
        event = mandated(file, agency, answer_by=answer_by)
        return await keep(tx, actor, file, event, made_id=event.mandate_id)

    return await db.carry_out(actor, command, work, Moved)


def answer_day(wanted: date, *, today: date) -> date:
    """Give the last day to answer, rolled over days off; refuse one that leaves too few working days (V48)."""
    earliest = earliest_answer_day(today)
    if wanted < earliest:
        raise AnswerDayEarly(answer_by=wanted.isoformat(), days=ANSWER_WORKING_DAYS_MIN, earliest=earliest.isoformat())
    return COURT_CALENDAR.first_working_day(wanted)


def earliest_answer_day(today: date) -> date:
    """Give the earliest last day to answer for an agency that is asked today."""
    return working_days_end(today, ANSWER_WORKING_DAYS_MIN, COURT_CALENDAR)


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
    today, time_to_answer = local_day(tx.now), present.answer_by - local_day(present.mandated_at)
    wanted = max(today + time_to_answer, earliest_answer_day(today))
    return mandated(file, agency, answer_by=answer_day(wanted, today=today))
