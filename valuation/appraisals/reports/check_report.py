"""Check a report by the five points of 参考价 20: pass it on to service, or order the agency to explain or correct."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from valuation.appraisals import store
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, Paper
from valuation.appraisals.rules.limits import last_day
from valuation.appraisals.rules.reports import CheckPoint


class NothingToCheck(Conflict):
    """No report waits for the court's check."""

    code = "appraisal_nothing_to_check"
    article = "参考价 20"
    zh = "没有待审查的评估报告。"
    en = "No report waits for the court's check."


class CheckedReportDiffers(Conflict):
    """The report that was checked is not the one that lies before the court."""

    code = "appraisal_checked_report_differs"
    article = "参考价 20"
    zh = "所审查报告的指纹（{given}）与待审查的评估报告不符。"
    en = "The fingerprint of the report that was checked ({given}) is not that of the report before the court."


class ServiceDocumentMissing(Malformed):
    """A report that passes is served, and nobody said by which document."""

    code = "appraisal_service_document_missing"
    article = "参考价 20, 21"
    zh = "审查通过后须发送报告，请写明用于送达的评估报告文书。"
    en = "A report that passes is served: name the document by which it is."


class ServiceDocumentTaken(Conflict):
    """The document serves another report or explanation."""

    code = "appraisal_service_document_taken"
    article = "参考价 21, 23(1)"
    zh = "该文书已经用于送达其他评估报告、补正报告或者说明。"
    en = "This document serves another report, another version of it, or an explanation already."


class CheckReport(Command, frozen=True, kw_only=True):
    """The court's check list: the points that were found; none: the report passes.

    The report is named by its paper and by the fingerprint of the signed file that was read; ``document_id`` is the document by
    which it is served, if it passes (V66).
    """

    appraisal_id: UUID
    paper_id: UUID
    pdf_sha256: str
    points: tuple[CheckPoint, ...] = ()
    document_id: UUID | None = None


async def check_report(db: Database, actor: Actor, command: CheckReport) -> Moved:
    """Record the check of the newest report; points found lead to an order with three days.

    Raises `NothingToCheck`, `CheckedReportDiffers`, `ServiceDocumentMissing`, `ServiceDocumentTaken`. Source: 参考价 20, 21.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.PRESIDING_JUDGE)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        paper = file.paper
        if paper is None or paper.paper_id != command.paper_id or paper.passed_at is not None or file.open_order:
            raise NothingToCheck
        if command.pdf_sha256 != paper.report.pdf_sha256:
            raise CheckedReportDiffers(given=command.pdf_sha256[:80])
        if not command.points:
            return await _pass(tx, actor, file, paper, command.document_id)
        order = h.CorrectionOrdered(
            order_id=new_id(),
            paper_id=paper.paper_id,
            ground="check",
            points=command.points,
            objections=(),
            due_on=last_day("explain_days", local_day(tx.now), COURT_CALENDAR),
        )
        return await keep(tx, actor, file, order, made_id=order.order_id)

    return await db.carry_out(actor, command, work, Moved)


async def _pass(tx: Transaction, actor: Actor, file: AppraisalFile, paper: Paper, document_id: UUID | None) -> Moved:
    if document_id is None:
        raise ServiceDocumentMissing
    if not await store.name_document(tx, document_id, file.appraisal_id, paper_id=paper.paper_id):
        raise ServiceDocumentTaken
    passed = h.CheckPassed(paper_id=paper.paper_id, document_id=document_id)
    return await keep(tx, actor, file, passed, made_id=paper.paper_id)
