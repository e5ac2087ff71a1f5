"""What an agency sees of an appraisal: its own mandate and nothing of another one, nobody's name, no other agency's figure."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.kernel.clock import local_day
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from valuation.agencies.staff.staff import OwnParts
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.agency_steps import PARTS_OF, AgencyStep
from valuation.appraisals.rules.case_file import (
    AppraisalFile,
    AppraisalState,
    Draft,
    Extension,
    Mandate,
    Objection,
    Order,
    Paper,
    Question,
    mandate_of,
)
from valuation.appraisals.rules.clocks import Clock, clocks
from valuation.appraisals.rules.due import missed
from valuation.appraisals.rules.fees import Advance, Due, FeeLine
from valuation.appraisals.rules.inspections import Inspection
from valuation.appraisals.rules.terms import Terms

SHOWN_CLOCKS = frozenset({"answer", "report", "return_file", "correction", "explain"})


class ObjectionForAgency(msgspec.Struct, frozen=True, kw_only=True):
    """An objection that was passed to the agency: its grounds and its paper, nobody's name."""

    objection_id: UUID
    grounds: tuple[str, ...]
    state: str
    explain_by: date | None
    explanation: str
    document_sha256: str


class MandateView(msgspec.Struct, frozen=True, kw_only=True):
    """One mandate as its agency sees it."""

    mandate: Mandate
    appraisal_id: UUID
    case_id: UUID
    terms: Terms
    scope_sha256: str
    parties: tuple[UUID, ...]
    state: AppraisalState
    is_open: bool
    report_end: date | None
    is_paused: bool
    planned_at: datetime | None
    clocks: tuple[Clock, ...]
    questions: tuple[Question, ...]
    inspections: tuple[Inspection, ...]
    extensions: tuple[Extension, ...]
    order: Order | None
    draft: Draft | None
    """The report that waits for its signers; ``None`` if none does."""
    papers: tuple[Paper, ...]
    objections: tuple[ObjectionForAgency, ...]
    advances: tuple[Advance, ...]
    """What was advanced or guaranteed on its fee."""
    claim: h.FeeClaimed | None
    """What the agency claims of its fee; ``None`` before it did."""
    fee: FeeLine | None
    dues: tuple[Due, ...]
    """Who owes the agency what by the fee statement."""
    own: OwnParts
    """The parts of who looks."""
    may: frozenset[AgencyStep]


def agency_view(
    file: AppraisalFile, mandate_id: UUID, *, own: OwnParts, now: datetime, calendar: Calendar
) -> MandateView:
    """Give what the agency of this mandate sees, and what an officer with these parts may do."""
    mandate = mandate_of(file, mandate_id)
    is_open = mandate.over is None
    papers = tuple(paper for paper in file.papers if paper.mandate_id == mandate_id)
    return MandateView(
        mandate=mandate,
        appraisal_id=file.appraisal_id,
        case_id=file.case_id,
        terms=file.terms,
        scope_sha256=file.scope_sha256,
        parties=file.parties,
        state=file.state if is_open else "ended",
        is_open=is_open and not file.is_over,
        report_end=file.report_end(mandate, calendar) if is_open else None,
        is_paused=bool(file.open_pauses),
        planned_at=file.planned_at if is_open else None,
        clocks=tuple(_own_clocks(file, mandate, papers, now, calendar)),
        questions=tuple(question for question in file.questions if question.mandate_id == mandate_id),
        inspections=tuple(file.inspections) if is_open else (),
        extensions=tuple(mandate.extensions),
        order=_order(file, calendar) if is_open else None,
        draft=file.draft if is_open else None,
        papers=papers,
        objections=tuple(_objection(file, one, calendar) for one in _passed_on(file, papers)),
        advances=tuple(file.advances) if mandate.over is None else (),
        claim=file.claims.get(mandate_id),
        fee=_fee(file, mandate_id),
        dues=_dues(file, mandate),
        own=own,
        may=_own_steps(file, _may(file, mandate, now, calendar), own),
    )


def _own_clocks(
    file: AppraisalFile, mandate: Mandate, papers: tuple[Paper, ...], now: datetime, calendar: Calendar
) -> list[Clock]:
    mine = {paper.paper_id for paper in papers}
    own = {mandate.mandate_id}
    own |= {order.order_id for order in file.orders if order.paper_id in mine}
    own |= {objection.objection_id for objection in file.objections if objection.paper_id in mine}
    found = clocks(file, now=now, calendar=calendar)
    return [clock for clock in found if clock.name in SHOWN_CLOCKS and clock.subject_id in own]


def _passed_on(file: AppraisalFile, papers: tuple[Paper, ...]) -> list[Objection]:
    mine = {paper.paper_id for paper in papers}
    return [one for one in file.objections if one.paper_id in mine and one.forwarded_at is not None]


def _order(file: AppraisalFile, calendar: Calendar) -> Order | None:
    """Give the open order with its last day as pauses have moved it."""
    order = file.open_order
    ends = None if order is None else file.order_end(order, calendar)
    return order if order is None or ends is None else msgspec.structs.replace(order, due_on=ends)


def _objection(file: AppraisalFile, objection: Objection, calendar: Calendar) -> ObjectionForAgency:
    return ObjectionForAgency(
        objection_id=objection.objection_id,
        grounds=objection.grounds,
        state=objection.state,
        explain_by=file.explain_end(objection, calendar) or objection.explain_by,
        explanation=objection.explanation,
        document_sha256=objection.document_sha256,
    )


def _fee(file: AppraisalFile, mandate_id: UUID) -> FeeLine | None:
    lines = () if file.statement is None else file.statement.lines
    return next((line for line in lines if line.mandate_id == mandate_id), None)


def _dues(file: AppraisalFile, mandate: Mandate) -> tuple[Due, ...]:
    """Give what is owed to the agency that made the report; a replaced one is owed nothing."""
    if file.statement is None or mandate.over is not None:
        return ()
    return tuple(due for due in file.statement.dues if due.payee == "agency")


def _own_steps(file: AppraisalFile, steps: frozenset[AgencyStep], own: OwnParts) -> frozenset[AgencyStep]:
    """Keep the steps that these parts take; a report is confirmed by a signer who has not."""
    mine = frozenset(step for step in steps if not own.parts.isdisjoint(PARTS_OF[step]))
    is_awaited = file.draft is not None and own.licence_no in file.draft.waits_for
    return mine if is_awaited else mine - {"confirm"}


def _may(file: AppraisalFile, mandate: Mandate, now: datetime, calendar: Calendar) -> frozenset[AgencyStep]:
    """Say which steps the agency may take now; each use case checks it again."""
    if mandate.over is not None:
        return frozenset()
    if file.is_over:
        return frozenset({"claim-fee"} if file.statement is None else set())
    steps: set[AgencyStep] = {"ask"}
    is_late = missed(file, now=now, calendar=calendar) is not None
    if mandate.accepted_at is None and mandate.reissues is None:
        return frozenset(steps | {"accept", "decline"})
    if file.told_at is not None:
        steps.add("inspect")
    if file.paper is None and mandate.received_on is not None and not file.open_pauses and not is_late:
        steps.add("submit")
        if mandate.pending is None and len(mandate.granted) < _extensions(now):
            steps.add("extend")
    if file.open_order is not None and not is_late and not file.open_pauses:
        steps |= {"correct", "explain"} if file.open_order.ground == "check" else {"correct"}
    if file.draft is not None and not is_late and not file.open_pauses:
        steps.add("confirm")
    if any(objection.state == "forwarded" for objection in file.open_objections):
        steps.add("explain-objection")
    return frozenset(steps)


def _extensions(now: datetime) -> int:
    return LAW.count("reference_price.appraisal_extension_times", on=local_day(now))


def overview_state(view: MandateView) -> str:
    """Name where the mandate stands: why it is over, else the state of the appraisal."""
    over: h.FileCalledBack | None = view.mandate.over
    return view.state if over is None else over.ground
