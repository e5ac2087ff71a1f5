"""Check a report by the five points of 参考价 20: pass it on to service, or order the agency to explain or correct."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.limits import last_day
from valuation.appraisals.rules.reports import CheckPoint


class NothingToCheck(Conflict):
    """No report waits for the court's check."""

    code = "appraisal_nothing_to_check"
    article = "参考价 20"
    zh = "没有待审查的评估报告。"
    en = "No report waits for the court's check."


class CheckReport(Command, frozen=True, kw_only=True):
    """The court's check list: the points that were found; none: the report passes.

    ``document_id`` is the document by which a report that passed is served.
    """

    appraisal_id: UUID
    paper_id: UUID
    points: tuple[CheckPoint, ...] = ()
    document_id: UUID | None = None


async def check_report(db: Database, actor: Actor, command: CheckReport) -> Moved:
    """Record the check of the newest report; points found lead to an order with three days. Raises `NothingToCheck`."""
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.PRESIDING_JUDGE)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        paper = file.paper
        if paper is None or paper.paper_id != command.paper_id or paper.passed_at is not None or file.open_order:
            raise NothingToCheck
        if not command.points:
            passed = h.CheckPassed(paper_id=paper.paper_id, document_id=command.document_id)
            return await keep(tx, actor, file, passed, made_id=paper.paper_id)
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
