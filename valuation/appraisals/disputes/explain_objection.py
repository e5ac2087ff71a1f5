"""Explain an objection, as the agency; say that the explanation is still disputed, for the objector (参考价 23(1))."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Unlawful
from auction.law.calendar import COURT_CALENDAR
from auction.law.periods import deadline_at, is_in_time
from valuation.appraisals.disputes.decide_objection import open_objection
from valuation.appraisals.keep_history import Moved, keep, open_mandate, running_file
from valuation.appraisals.mandates.mandate_agency import OFFICERS
from valuation.appraisals.reports.submit_report import OrderExplanationMalformed
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.terms import TEXT_LIMIT
from valuation.objections.objections import NotServedYet, check_in_time


class ExplanationLate(Unlawful):
    """The five days for an explanation are over: technical review follows."""

    code = "appraisal_explanation_late"
    article = "参考价 23(1)"
    zh = "说明期限已于 {until} 届满，将送专业技术评审。"
    en = "The time for an explanation ended on {until}; technical review follows."


class ExplainObjection(Command, frozen=True, kw_only=True):
    """The agency's written word on an objection."""

    mandate_id: UUID
    objection_id: UUID
    text: str
    document_sha256: str


class DisputeExplanation(Command, frozen=True, kw_only=True):
    """The objector's written word that he still objects."""

    appraisal_id: UUID
    objection_id: UUID
    document_sha256: str


async def explain_objection(db: Database, actor: Actor, command: ExplainObjection) -> Moved:
    """Take an explanation in time. Raises `ObjectionNotOpen`, `ExplanationLate`, `OrderExplanationMalformed`."""
    if not 0 < len(command.text.strip()) <= TEXT_LIMIT:
        raise OrderExplanationMalformed

    async def work(tx: Transaction) -> Moved:
        file, _, _ = await open_mandate(tx, actor, command.mandate_id, "explain-objection")
        objection = open_objection(file, command.objection_id, "forwarded")
        until = file.explain_end(objection, COURT_CALENDAR)
        if until is not None and not is_in_time(tx.now, deadline_at(until)):
            raise ExplanationLate(until=until.isoformat())
        event = h.ObjectionExplained(
            objection_id=objection.objection_id, text=command.text.strip(), document_sha256=command.document_sha256
        )
        return await keep(tx, actor, file, event, made_id=objection.objection_id)

    return await db.carry_out(actor, command, work, Moved)


async def dispute_explanation(db: Database, actor: Actor, command: DisputeExplanation) -> Moved:
    """Take word that an explanation is still disputed, within five days of its service (V20).

    Raises `ObjectionNotOpen`, `NotServedYet`, `ObjectionLate`. Source: 参考价 23(1), 24.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        objection = open_objection(file, command.objection_id, "explained")
        ends = file.dispute_end(objection, COURT_CALENDAR)
        if objection.served_on is None:
            raise NotServedYet
        if ends is not None:
            check_in_time(tx.now, ends)
        event = h.ExplanationDisputed(objection_id=objection.objection_id, document_sha256=command.document_sha256)
        return await keep(tx, actor, file, event, made_id=objection.objection_id)

    return await db.carry_out(actor, command, work, Moved)
