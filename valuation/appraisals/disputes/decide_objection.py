"""Decide an objection on procedure, or forward one on substance to the agency (参考价 22(2), 23; CPL 236)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.mandates.mandate_agency import OFFICERS, replace_mandate
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, Objection, ObjectionState, objection_of
from valuation.appraisals.rules.disputes import REPLACING, AnyGround, decided_grounds
from valuation.appraisals.rules.limits import last_day
from valuation.objections.decide_objection import ObjectionNotOpen


class UpheldGroundUnfit(Malformed):
    """A ground was upheld that was not put forward, or that is not the court's to decide."""

    code = "objection_upheld_ground_unfit"
    article = "参考价 22, 23(2)"
    zh = "认定成立的事由不在异议所提、由人民法院审查的事由之内。"
    en = "A ground was upheld that the objection does not name, or that is not the court's to decide."


class DecideReportObjection(Command, frozen=True, kw_only=True):
    """The court's ruling on the procedural grounds: which are upheld; none: rejected so far."""

    appraisal_id: UUID
    objection_id: UUID
    upheld: tuple[AnyGround, ...] = ()
    document_sha256: str


class ForwardObjection(Command, frozen=True, kw_only=True):
    """Pass an objection on substance to the agency."""

    appraisal_id: UUID
    objection_id: UUID


async def decide_report_objection(db: Database, actor: Actor, command: DecideReportObjection) -> Moved:
    """Decide: upheld on qualification or procedure, the next agency is asked; on basics or scope, a correction is ordered.

    Raises `ObjectionNotOpen`, `UpheldGroundUnfit`. Source: 参考价 22(2), 23(2); CPL 236.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.PANEL_MEMBER)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        objection = open_objection(file, command.objection_id, "to_decide")
        if not set(command.upheld) <= set(decided_grounds(objection.grounds)):
            raise UpheldGroundUnfit
        decided = h.ObjectionDecided(
            objection_id=objection.objection_id, upheld=command.upheld, document_sha256=command.document_sha256
        )
        if not REPLACING.isdisjoint(command.upheld):
            document = command.document_sha256
            return await replace_mandate(
                tx, actor, file, ground="objection_upheld", before=(decided,), document_sha256=document
            )
        following = [correction(tx, objection)] if command.upheld else []
        return await keep(tx, actor, file, decided, *following, made_id=objection.objection_id)

    return await db.carry_out(actor, command, work, Moved)


async def forward_objection(db: Database, actor: Actor, command: ForwardObjection) -> Moved:
    """Pass an objection on; the agency explains within five days. Raises `ObjectionNotOpen`. Source: 参考价 23(1)."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        objection = open_objection(file, command.objection_id, "to_forward")
        explain_by = last_day("firm_explain_days", local_day(tx.now), COURT_CALENDAR)
        event = h.ObjectionForwarded(objection_id=objection.objection_id, explain_by=explain_by)
        return await keep(tx, actor, file, event, made_id=objection.objection_id)

    return await db.carry_out(actor, command, work, Moved)


def open_objection(file: AppraisalFile, objection_id: UUID, *states: ObjectionState) -> Objection:
    """Give an objection that stands in one of these states; raises `ObjectionNotOpen`."""
    found = objection_of(file, objection_id)
    if found is None or found.state not in states:
        raise ObjectionNotOpen
    return found


def correction(tx: Transaction, *objections: Objection) -> h.CorrectionOrdered:
    """Make the order to correct what objections or a review found; three days as in 参考价 20 (V20)."""
    review = any(objection.state == "in_review" for objection in objections)
    return h.CorrectionOrdered(
        order_id=new_id(),
        paper_id=objections[0].paper_id,
        ground="review" if review else "objection",
        points=(),
        objections=tuple(objection.objection_id for objection in objections),
        due_on=last_day("explain_days", local_day(tx.now), COURT_CALENDAR),
    )
