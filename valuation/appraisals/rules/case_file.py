"""The file of an appraisal: what its whole history amounts to. Folding it again gives the same file.

1. At most one mandate is open; the next one opens when the one before it is over.
2. The papers of a mandate that is over count no more, and objections to them are without object.
3. The first paper of a mandate that reaches somebody opens his window; later ones open none (参考价 24).
4. A report counts once two of its signers confirmed it; until then it is a draft of its agency, and a new one takes its place.
5. Notices of an inspection and inspections are of the agency that held the mandate; the next one inspects for itself.
   Whoever was told of another time was not told of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import singledispatch
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.money import Money
from auction.law.calendar import Calendar
from auction.law.periods import ONE_DAY, Pause
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.disputes import REPLACING, AnyGround, Route, route_of
from valuation.appraisals.rules.fees import Advance, FeeStatement
from valuation.appraisals.rules.inspections import Inspection
from valuation.appraisals.rules.limits import last_day, moved_day, report_end
from valuation.appraisals.rules.rates import FiledRates
from valuation.appraisals.rules.reports import AppraisalReport, CheckPoint
from valuation.appraisals.rules.terms import Terms, scope_fingerprint
from valuation.objections.objections import window_end
from valuation.objections.recipients import recipients

AppraisalState = Literal[
    "choosing", "mandated", "accepted", "reported", "correcting", "passed", "disputed", "exhausted", "fixed", "ended"
]
ObjectionState = Literal[
    "to_decide", "to_forward", "forwarded", "explained", "to_review", "in_review", "correcting", "settled"
]
Settlement = Literal["rejected", "upheld", "explained", "confirmed", "corrected", "without_object"]


class Extension(msgspec.Struct, kw_only=True):
    """A request for more days; ``granted`` is ``None`` until it is decided, 0 if nothing was granted."""

    request_id: UUID
    days: int
    reason: str
    asked_at: datetime
    granted: int | None = None


class Mandate(msgspec.Struct, kw_only=True):
    """One agency's mandate, and what became of it."""

    mandate_id: UUID
    ordinal: int
    agency_id: UUID
    agency_name: str
    licence_no: str
    answer_by: date
    mandated_at: datetime
    reissues: UUID | None = None
    rates: FiledRates | None = None
    received_on: date | None = None
    accepted_at: datetime | None = None
    declined: h.Declined | None = None
    declined_at: datetime | None = None
    over: h.FileCalledBack | None = None
    over_at: datetime | None = None
    returned_on: date | None = None
    has_removal_lead: bool = False
    extensions: list[Extension] = msgspec.field(default_factory=list)

    @property
    def pending(self) -> Extension | None:
        """Give the request that the court has not decided."""
        return next((asked for asked in self.extensions if asked.granted is None), None)

    @property
    def granted(self) -> list[int]:
        """Give the days of each granted extension, in order."""
        return [asked.granted for asked in self.extensions if asked.granted]


class PauseHeld(msgspec.Struct, kw_only=True):
    """A deferral or stay; ``resumed_on`` is ``None`` while it lasts."""

    pause_id: UUID
    kind: h.PauseKind
    ground: h.PauseGround
    from_day: date
    resumed_on: date | None = None


class Question(msgspec.Struct, kw_only=True):
    """What an agency asked, and the court's answer."""

    question_id: UUID
    mandate_id: UUID
    for_material: bool
    text: str
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    document_sha256: str | None = None


class Draft(msgspec.Struct, kw_only=True):
    """A report that waits for its signers; ``confirmed`` holds the licences under which somebody confirmed it."""

    draft_id: UUID
    mandate_id: UUID
    report: AppraisalReport
    order_id: UUID | None
    prepared_at: datetime
    confirmed: list[str] = msgspec.field(default_factory=list)

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Give the licences of the signers who did not confirm."""
        named = dict.fromkeys(signer.licence_no for signer in self.report.signers)
        return tuple(licence for licence in named if licence not in self.confirmed)


class Paper(msgspec.Struct, kw_only=True):
    """A report or its correction; ``services`` holds the day of service by addressee."""

    paper_id: UUID
    mandate_id: UUID
    report: AppraisalReport
    submitted_at: datetime
    is_correction: bool
    after_objection: bool = False
    """Whether it corrects what an objection or a review found."""
    passed_at: datetime | None = None
    document_id: UUID | None = None
    services: dict[UUID, date] = msgspec.field(default_factory=dict)


class Order(msgspec.Struct, kw_only=True):
    """An order to explain or to correct; ``met_at`` is ``None`` until the agency did.

    Words answer only what the court's own check found; what an objection or a review found is corrected (参考价 20, 26).
    """

    order_id: UUID
    paper_id: UUID
    ground: h.OrderGround
    points: tuple[CheckPoint, ...]
    objections: tuple[UUID, ...]
    due_on: date
    ordered_at: datetime
    met_at: datetime | None = None
    explanation: str = ""


class Objection(msgspec.Struct, kw_only=True):
    """One objection on its way; ``settled`` is ``None`` while it is open."""

    objection_id: UUID
    paper_id: UUID
    party_id: UUID
    grounds: tuple[AnyGround, ...]
    route: Route
    raised_at: datetime
    state: ObjectionState
    document_sha256: str
    forwarded_at: datetime | None = None
    explain_by: date | None = None
    explained_at: datetime | None = None
    explanation: str = ""
    document_id: UUID | None = None
    """The document by which the explanation is served; ``None`` until the court named it (V66)."""
    served_on: date | None = None
    settled: Settlement | None = None
    settled_at: datetime | None = None


class Review(msgspec.Struct, kw_only=True):
    """A technical review by an association."""

    review_id: UUID
    objections: tuple[UUID, ...]
    association: str
    asked_at: datetime
    conclude_by: date
    conclusion: h.Conclusion | None = None
    concluded_at: datetime | None = None


class AppraisalFile(msgspec.Struct, kw_only=True):
    """Everything that the history says, in one place. Read it; only `fold` writes it."""

    appraisal_id: UUID
    case_id: UUID
    asset_id: UUID
    started_at: datetime
    terms: Terms
    parties: tuple[UUID, ...]
    interested: tuple[UUID, ...]
    choice_id: UUID
    reissue_of: UUID | None
    events: int = 0
    last_at: datetime
    """When the newest event happened; nothing is written down as of an earlier instant."""
    mandates: list[Mandate] = msgspec.field(default_factory=list)
    questions: list[Question] = msgspec.field(default_factory=list)
    told: set[UUID] = msgspec.field(default_factory=set)
    told_at: datetime | None = None
    planned_at: datetime | None = None
    inspections: list[Inspection] = msgspec.field(default_factory=list)
    pauses: list[PauseHeld] = msgspec.field(default_factory=list)
    drafts: list[Draft] = msgspec.field(default_factory=list)
    papers: list[Paper] = msgspec.field(default_factory=list)
    orders: list[Order] = msgspec.field(default_factory=list)
    objections: list[Objection] = msgspec.field(default_factory=list)
    reviews: list[Review] = msgspec.field(default_factory=list)
    advances: list[Advance] = msgspec.field(default_factory=list)
    claims: dict[UUID, h.FeeClaimed] = msgspec.field(default_factory=dict)
    """What the agency of each mandate claims of its fee."""
    is_exhausted: bool = False
    fixed: h.PriceFixed | None = None
    fixed_at: datetime | None = None
    ended: h.Ended | None = None
    ended_at: datetime | None = None
    statement: FeeStatement | None = None

    @property
    def addressees(self) -> tuple[UUID, ...]:
        """Give everybody on whom reports are served (参考价 21)."""
        return recipients(parties=self.parties, interested=self.interested)

    @property
    def scope_sha256(self) -> str:
        """Give the fingerprint that a report must repeat."""
        return scope_fingerprint(self.terms.scope)

    @property
    def is_over(self) -> bool:
        """Whether nothing follows by itself any more."""
        return self.fixed is not None or self.ended is not None

    @property
    def mandate(self) -> Mandate | None:
        """Give the open mandate."""
        return next((held for held in self.mandates if held.over is None), None)

    @property
    def paper(self) -> Paper | None:
        """Give the newest paper of the open mandate."""
        present = self.mandate
        mine = [paper for paper in self.papers if present is not None and paper.mandate_id == present.mandate_id]
        return mine[-1] if mine else None

    @property
    def draft(self) -> Draft | None:
        """Give the report of the open mandate that waits for its signers."""
        present, last = self.mandate, self.drafts[-1] if self.drafts else None
        return last if present is not None and last is not None and last.mandate_id == present.mandate_id else None

    def claimed(self, mandate: Mandate) -> Money | None:
        """Give the expense that the agency of a mandate claims, ``None`` if it claims none."""
        claim = self.claims.get(mandate.mandate_id)
        return None if claim is None else Money(claim.expense_fen)

    @property
    def open_order(self) -> Order | None:
        """Give the order that waits for the agency of the open mandate."""
        mine = {paper.paper_id for paper in self.papers if self.mandate and paper.mandate_id == self.mandate.mandate_id}
        return next((order for order in self.orders if order.met_at is None and order.paper_id in mine), None)

    @property
    def open_objections(self) -> list[Objection]:
        """Give the objections that are not settled."""
        return [objection for objection in self.objections if objection.settled is None]

    @property
    def open_pauses(self) -> list[PauseHeld]:
        """Give the deferrals and stays that last."""
        return [held for held in self.pauses if held.resumed_on is None]

    @property
    def state(self) -> AppraisalState:
        """Say where the appraisal stands."""
        if self.fixed is not None:
            return "fixed"
        if self.ended is not None:
            return "ended"
        if self.mandate is None:
            return "exhausted" if self.is_exhausted else "choosing"
        return self._state_of_mandate(self.mandate)

    def _state_of_mandate(self, mandate: Mandate) -> AppraisalState:
        if self.open_order is not None:
            return "correcting"
        if self.open_objections:
            return "disputed"
        if self.paper is not None:
            return "reported" if self.paper.passed_at is None else "passed"
        return "mandated" if mandate.accepted_at is None and mandate.reissues is None else "accepted"

    def pauses_until_now(self) -> list[Pause]:
        """Give the days to deduct of the pauses that ended (limits, rule 2)."""
        ended = [(held.from_day, held.resumed_on - ONE_DAY) for held in self.pauses if held.resumed_on is not None]
        merged: list[Pause] = []
        for first, last in sorted(ended):
            if last < first:
                continue
            if merged and first <= merged[-1].last + ONE_DAY:
                merged[-1] = Pause(merged[-1].first, max(last, merged[-1].last))
            else:
                merged.append(Pause(first, last))
        return merged

    def report_end(self, mandate: Mandate, calendar: Calendar) -> date | None:
        """Give the last day for the report; ``None`` before the mandate arrived, or while the clock stands."""
        if mandate.received_on is None or self.open_pauses:
            return None
        return report_end(
            mandate.received_on,
            is_reissue=mandate.reissues is not None,
            pauses=self.pauses_until_now(),
            extensions=mandate.granted,
            calendar=calendar,
        )

    def windows(self, calendar: Calendar) -> dict[UUID, date]:
        """Give the last day for an objection of each one served with a paper of the open mandate (rule 3)."""
        return {party: window_end(on, calendar) for party, on in self.served_on().items()}

    def served_on(self) -> dict[UUID, date]:
        """Give for each one the day on which the first paper of the open mandate reached him."""
        first: dict[UUID, date] = {}
        present = self.mandate
        for paper in self.papers:
            if present is not None and paper.mandate_id == present.mandate_id:
                for party, on in paper.services.items():
                    first.setdefault(party, on)
        return first

    def order_end(self, order: Order, calendar: Calendar) -> date | None:
        """Give the last day to explain or correct, less pauses; ``None`` while the clock stands."""
        return self._moved(order.due_on, "explain_days", local_day(order.ordered_at), calendar)

    def explain_end(self, objection: Objection, calendar: Calendar) -> date | None:
        """Give the agency's last day to explain an objection, less pauses; ``None`` before it was passed on, or while the clock stands."""
        if objection.forwarded_at is None or objection.explain_by is None:
            return None
        return self._moved(objection.explain_by, "firm_explain_days", local_day(objection.forwarded_at), calendar)

    def dispute_end(self, objection: Objection, calendar: Calendar) -> date | None:
        """Give the objector's last day to dispute the explanation, less pauses; ``None`` until it reached him, or while the clock stands."""
        if objection.served_on is None:
            return None
        plain = last_day("objection_days", objection.served_on, calendar)
        return self._moved(plain, "objection_days", objection.served_on, calendar)

    def _moved(self, plain: date, key: str, start_day: date, calendar: Calendar) -> date | None:
        if self.open_pauses:
            return None
        pauses = self.pauses_until_now()
        return max(plain, moved_day(key, start_day, pauses=pauses, calendar=calendar)) if pauses else plain


def fold(appraisal_id: UUID, *, case_id: UUID, asset_id: UUID, entries: Sequence[h.Entry]) -> AppraisalFile:
    """Work out the file from its whole history, whose first event is the start."""
    first = entries[0]
    assert isinstance(first.event, h.Started), "a history begins with its start"
    file = AppraisalFile(
        appraisal_id=appraisal_id,
        case_id=case_id,
        asset_id=asset_id,
        started_at=first.at,
        last_at=first.at,
        terms=first.event.terms,
        parties=first.event.parties,
        interested=first.event.interested,
        choice_id=first.event.choice_id,
        reissue_of=first.event.reissue_of,
    )
    for entry in entries:
        apply(file, entry)
    return file


def apply(file: AppraisalFile, entry: h.Entry) -> None:
    """Let one more event happen in the file."""
    assert entry.number == file.events + 1, "a history has no gap"
    file.events, file.last_at = entry.number, entry.at
    _happened(entry.event, file, entry.at)


def mandate_of(file: AppraisalFile, mandate_id: UUID) -> Mandate:
    """Give a mandate that is known to exist."""
    return next(held for held in file.mandates if held.mandate_id == mandate_id)


def objection_of(file: AppraisalFile, objection_id: UUID) -> Objection | None:
    """Give an objection, ``None`` if there is none of this id."""
    return next((held for held in file.objections if held.objection_id == objection_id), None)


@singledispatch
def _happened(event: object, file: AppraisalFile, at: datetime) -> None:
    """Most events only stand in the history."""


def _on(kind: type[h.Event]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return _happened.register(kind)


@_on(h.ChoiceOrdered)
def _(event: h.ChoiceOrdered, file: AppraisalFile, at: datetime) -> None:
    file.choice_id, file.is_exhausted = event.choice_id, False


@_on(h.AgenciesExhausted)
def _(event: h.AgenciesExhausted, file: AppraisalFile, at: datetime) -> None:
    file.is_exhausted = True


@_on(h.Mandated)
def _(event: h.Mandated, file: AppraisalFile, at: datetime) -> None:
    assert file.mandate is None, "at most one mandate is open"
    file.told, file.told_at, file.planned_at, file.inspections = set(), None, None, []
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    file.mandates.append(Mandate(**fields, mandated_at=at))


@_on(h.MandateReceived)
def _(event: h.MandateReceived, file: AppraisalFile, at: datetime) -> None:
    mandate_of(file, event.mandate_id).received_on = event.received_on


@_on(h.Accepted)
def _(event: h.Accepted, file: AppraisalFile, at: datetime) -> None:
    mandate = mandate_of(file, event.mandate_id)
    mandate.accepted_at, mandate.rates = at, event.rates


@_on(h.Declined)
def _(event: h.Declined, file: AppraisalFile, at: datetime) -> None:
    mandate = mandate_of(file, event.mandate_id)
    mandate.declined, mandate.declined_at = event, at


@_on(h.RemovalLead)
def _(event: h.RemovalLead, file: AppraisalFile, at: datetime) -> None:
    mandate_of(file, event.mandate_id).has_removal_lead = True


@_on(h.FileCalledBack)
def _(event: h.FileCalledBack, file: AppraisalFile, at: datetime) -> None:
    mandate = mandate_of(file, event.mandate_id)
    mandate.over, mandate.over_at = event, at
    mine = {paper.paper_id for paper in file.papers if paper.mandate_id == event.mandate_id}
    for objection in file.open_objections:
        if objection.paper_id in mine:
            _settle(objection, "without_object", at)


@_on(h.FileReturned)
def _(event: h.FileReturned, file: AppraisalFile, at: datetime) -> None:
    mandate_of(file, event.mandate_id).returned_on = event.returned_on


@_on(h.Asked)
def _(event: h.Asked, file: AppraisalFile, at: datetime) -> None:
    asked = Question(
        question_id=event.question_id,
        mandate_id=event.mandate_id,
        for_material=event.for_material,
        text=event.text,
        asked_at=at,
    )
    file.questions.append(asked)


@_on(h.Answered)
def _(event: h.Answered, file: AppraisalFile, at: datetime) -> None:
    question = next(held for held in file.questions if held.question_id == event.question_id)
    question.answer, question.answered_at, question.document_sha256 = event.text, at, event.document_sha256


@_on(h.InspectionTold)
def _(event: h.InspectionTold, file: AppraisalFile, at: datetime) -> None:
    earlier = file.told if event.planned_at == file.planned_at else set()
    file.told, file.told_at, file.planned_at = earlier | set(event.told), at, event.planned_at


@_on(h.Inspected)
def _(event: h.Inspected, file: AppraisalFile, at: datetime) -> None:
    file.inspections.append(event.inspection)


@_on(h.ExtensionAsked)
def _(event: h.ExtensionAsked, file: AppraisalFile, at: datetime) -> None:
    asked = Extension(request_id=event.request_id, days=event.days, reason=event.reason, asked_at=at)
    mandate_of(file, event.mandate_id).extensions.append(asked)


@_on(h.ExtensionDecided)
def _(event: h.ExtensionDecided, file: AppraisalFile, at: datetime) -> None:
    for mandate in file.mandates:
        for asked in mandate.extensions:
            if asked.request_id == event.request_id:
                asked.granted = event.granted_days


@_on(h.Paused)
def _(event: h.Paused, file: AppraisalFile, at: datetime) -> None:
    held = PauseHeld(pause_id=event.pause_id, kind=event.kind, ground=event.ground, from_day=event.from_day)
    file.pauses.append(held)


@_on(h.Resumed)
def _(event: h.Resumed, file: AppraisalFile, at: datetime) -> None:
    for held in file.pauses:
        if held.pause_id == event.pause_id:
            held.resumed_on = event.on_day


@_on(h.ReportPrepared)
def _(event: h.ReportPrepared, file: AppraisalFile, at: datetime) -> None:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    file.drafts = [Draft(**fields, prepared_at=at)]


@_on(h.ReportConfirmed)
def _(event: h.ReportConfirmed, file: AppraisalFile, at: datetime) -> None:
    for draft in file.drafts:
        if draft.draft_id == event.draft_id:
            draft.confirmed.append(event.licence_no)


@_on(h.ReportSubmitted)
def _(event: h.ReportSubmitted, file: AppraisalFile, at: datetime) -> None:
    file.drafts = []
    order = next((held for held in file.orders if held.order_id == event.order_id), None)
    paper = Paper(
        paper_id=event.paper_id,
        mandate_id=event.mandate_id,
        report=event.report,
        submitted_at=at,
        is_correction=order is not None,
        after_objection=order is not None and order.ground != "check",
    )
    file.papers.append(paper)
    if order is not None:
        _meet(file, order, at)


@_on(h.CorrectionOrdered)
def _(event: h.CorrectionOrdered, file: AppraisalFile, at: datetime) -> None:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    file.orders.append(Order(**fields, ordered_at=at))
    for objection in file.objections:
        if objection.objection_id in event.objections:
            objection.state = "correcting"


@_on(h.OrderExplained)
def _(event: h.OrderExplained, file: AppraisalFile, at: datetime) -> None:
    order = next(held for held in file.orders if held.order_id == event.order_id)
    order.explanation, order.met_at = event.text, at


def _meet(file: AppraisalFile, order: Order, at: datetime) -> None:
    order.met_at = at
    for objection in file.open_objections:
        if objection.objection_id in order.objections:
            _settle(objection, "corrected", at)


@_on(h.CheckPassed)
def _(event: h.CheckPassed, file: AppraisalFile, at: datetime) -> None:
    paper = next(held for held in file.papers if held.paper_id == event.paper_id)
    paper.passed_at, paper.document_id = at, event.document_id


@_on(h.PaperServed)
def _(event: h.PaperServed, file: AppraisalFile, at: datetime) -> None:
    paper = next(held for held in file.papers if held.paper_id == event.paper_id)
    paper.services.setdefault(event.party_id, event.effective_on)


@_on(h.Objected)
def _(event: h.Objected, file: AppraisalFile, at: datetime) -> None:
    route = route_of(event.grounds)
    objection = Objection(
        objection_id=event.objection_id,
        paper_id=event.paper_id,
        party_id=event.party_id,
        grounds=event.grounds,
        route=route,
        raised_at=at,
        state="to_forward" if route == "explain" else "to_decide",
        document_sha256=event.document_sha256,
    )
    file.objections.append(objection)


@_on(h.ObjectionDecided)
def _(event: h.ObjectionDecided, file: AppraisalFile, at: datetime) -> None:
    objection = _objection(file, event.objection_id)
    if not REPLACING.isdisjoint(event.upheld):
        _settle(objection, "upheld", at)
    elif event.upheld:
        objection.state = "correcting"
    elif objection.route == "decide_first":
        objection.state = "to_forward"
    else:
        _settle(objection, "rejected", at)


@_on(h.ObjectionForwarded)
def _(event: h.ObjectionForwarded, file: AppraisalFile, at: datetime) -> None:
    objection = _objection(file, event.objection_id)
    objection.state, objection.forwarded_at, objection.explain_by = "forwarded", at, event.explain_by


@_on(h.ObjectionExplained)
def _(event: h.ObjectionExplained, file: AppraisalFile, at: datetime) -> None:
    objection = _objection(file, event.objection_id)
    objection.state, objection.explained_at, objection.explanation = "explained", at, event.text


@_on(h.ExplanationMissed)
def _(event: h.ExplanationMissed, file: AppraisalFile, at: datetime) -> None:
    _objection(file, event.objection_id).state = "to_review"


@_on(h.ExplanationLinked)
def _(event: h.ExplanationLinked, file: AppraisalFile, at: datetime) -> None:
    _objection(file, event.objection_id).document_id = event.document_id


@_on(h.ExplanationServed)
def _(event: h.ExplanationServed, file: AppraisalFile, at: datetime) -> None:
    _objection(file, event.objection_id).served_on = event.effective_on


@_on(h.ExplanationDisputed)
def _(event: h.ExplanationDisputed, file: AppraisalFile, at: datetime) -> None:
    _objection(file, event.objection_id).state = "to_review"


@_on(h.ExplanationAccepted)
def _(event: h.ExplanationAccepted, file: AppraisalFile, at: datetime) -> None:
    _settle(_objection(file, event.objection_id), "explained", at)


@_on(h.ReviewAsked)
def _(event: h.ReviewAsked, file: AppraisalFile, at: datetime) -> None:
    review = Review(
        review_id=event.review_id,
        objections=event.objections,
        association=event.association,
        asked_at=at,
        conclude_by=event.conclude_by,
    )
    file.reviews.append(review)
    for objection in file.objections:
        if objection.objection_id in event.objections:
            objection.state = "in_review"


@_on(h.ReviewConcluded)
def _(event: h.ReviewConcluded, file: AppraisalFile, at: datetime) -> None:
    review = next(held for held in file.reviews if held.review_id == event.review_id)
    review.conclusion, review.concluded_at = event.conclusion, at
    for objection in file.open_objections:
        if objection.objection_id in review.objections:
            if event.conclusion == "confirmed":
                _settle(objection, "confirmed", at)
            else:
                objection.state = "correcting"


@_on(h.AdvanceRecorded)
def _(event: h.AdvanceRecorded, file: AppraisalFile, at: datetime) -> None:
    file.advances.append(Advance(kind=event.kind, amount_fen=event.amount_fen))


@_on(h.FeeClaimed)
def _(event: h.FeeClaimed, file: AppraisalFile, at: datetime) -> None:
    file.claims[event.mandate_id] = event


@_on(h.PriceFixed)
def _(event: h.PriceFixed, file: AppraisalFile, at: datetime) -> None:
    file.fixed, file.fixed_at = event, at


@_on(h.Ended)
def _(event: h.Ended, file: AppraisalFile, at: datetime) -> None:
    file.ended, file.ended_at = event, at


@_on(h.FeeStated)
def _(event: h.FeeStated, file: AppraisalFile, at: datetime) -> None:
    file.statement = event.statement


def _objection(file: AppraisalFile, objection_id: UUID) -> Objection:
    found = objection_of(file, objection_id)
    assert found is not None, "an objection is raised before anything becomes of it"
    return found


def _settle(objection: Objection, how: Settlement, at: datetime) -> None:
    objection.state, objection.settled, objection.settled_at = "settled", how, at
