"""The history of an appraisal: every act as an event, in their order; nothing else is remembered (V15).

Each event says what was done, never what follows from it: that is worked out from the whole history (`case_file`).
``SUBJECT`` names the field by which the database lets an event happen once only.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from valuation.appraisals.rules.disputes import AnyGround
from valuation.appraisals.rules.fees import AdvanceKind, FeeStatement
from valuation.appraisals.rules.inspections import Inspection
from valuation.appraisals.rules.rates import FiledRates
from valuation.appraisals.rules.reports import AppraisalReport, CheckPoint
from valuation.appraisals.rules.terms import Terms

DeclineGround = Literal["interest", "both_sides", "no_capacity", "out_of_scope", "other", "no_reason"]
"""Recusal (own interest, both sides of a conflict), other published reasons, or none at all."""
RECUSALS: frozenset[str] = frozenset({"interest", "both_sides"})
"""资产评估法 20(4), 20(5)."""
ReturnGround = Literal["declined", "recused", "late", "no_answer", "correction_missed", "objection_upheld"]
PauseKind = Literal["deferral", "stay", "appraisal_deferral"]
"""The case is deferred or stayed, or the appraisal is deferred (参考价 19(1), 28)."""
PauseGround = Literal["case_deferred", "case_stayed", "materials_wrong", "other"]
EndGround = Literal[
    "application_withdrawn",
    "debt_paid",
    "title_revoked",
    "price_agreed",
    "no_sale_agreed",
    "other",
    "all_agencies_failed",
    "figure_lapsed",
]
OrderGround = Literal["check", "objection", "review"]
Conclusion = Literal["confirmed", "to_correct"]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag=_snake):
    """Base of all events."""

    SUBJECT: ClassVar[str] = ""

    @property
    def subject_id(self) -> UUID | None:
        """To what this happens once only; ``None``: it may happen again."""
        return getattr(self, self.SUBJECT) if self.SUBJECT else None

    @property
    def kind(self) -> str:
        """The event's name, as it is stored."""
        return _snake(type(self).__name__)


class Started(Event, frozen=True, kw_only=True):
    """The court begins an appraisal; ``reissue_of`` names the one whose lapsed report is issued again (19(4))."""

    terms: Terms
    parties: tuple[UUID, ...]
    interested: tuple[UUID, ...]
    choice_id: UUID
    reissue_of: UUID | None = None


class ChoiceOrdered(Event, frozen=True, kw_only=True):
    """All chosen agencies failed: the court orders a new choice; no rule says what else (V22)."""

    choice_id: UUID
    document_sha256: str


class Mandated(Event, frozen=True, kw_only=True):
    """The mandate goes to the agency whose turn it is."""

    SUBJECT: ClassVar[str] = "mandate_id"
    mandate_id: UUID
    ordinal: int
    agency_id: UUID
    agency_name: str
    licence_no: str
    answer_by: date
    reissues: UUID | None = None
    """The mandate whose lapsed report is issued again."""


class MandateReceived(Event, frozen=True, kw_only=True):
    """The mandate with its file reached the agency: the thirty days run from here."""

    SUBJECT: ClassVar[str] = "mandate_id"
    mandate_id: UUID
    received_on: date
    article: str


class Accepted(Event, frozen=True, kw_only=True):
    """The agency takes the mandate, and gives the rates that it filed."""

    SUBJECT: ClassVar[str] = "mandate_id"
    mandate_id: UUID
    rates: FiledRates


class Declined(Event, frozen=True, kw_only=True):
    """The agency does not take it; the reason is published."""

    SUBJECT: ClassVar[str] = "mandate_id"
    mandate_id: UUID
    ground: DeclineGround
    reason: str


class RemovalLead(Event, frozen=True, kw_only=True):
    """A refusal without reason, which may lead to removal from the register (参考价 15)."""

    SUBJECT: ClassVar[str] = "mandate_id"
    mandate_id: UUID


class FileCalledBack(Event, frozen=True, kw_only=True):
    """The mandate is over: the agency gives the file back by a day."""

    SUBJECT: ClassVar[str] = "mandate_id"
    mandate_id: UUID
    ground: ReturnGround
    return_by: date
    document_sha256: str | None = None


class FileReturned(Event, frozen=True, kw_only=True):
    """The file is back."""

    SUBJECT: ClassVar[str] = "mandate_id"
    mandate_id: UUID
    returned_on: date


class AgenciesExhausted(Event, frozen=True, kw_only=True):
    """Nobody is left in rank: the court decides."""

    SUBJECT: ClassVar[str] = "choice_id"
    choice_id: UUID


class Asked(Event, frozen=True, kw_only=True):
    """The agency asks the court, or asks for material that it lacks."""

    SUBJECT: ClassVar[str] = "question_id"
    question_id: UUID
    mandate_id: UUID
    for_material: bool
    text: str


class Answered(Event, frozen=True, kw_only=True):
    """The court's answer; ``document_sha256`` is the material handed over."""

    SUBJECT: ClassVar[str] = "question_id"
    question_id: UUID
    text: str
    document_sha256: str | None


class InspectionTold(Event, frozen=True, kw_only=True):
    """The parties were told of the site inspection."""

    planned_at: datetime
    told: tuple[UUID, ...]
    document_sha256: str


class Inspected(Event, frozen=True, kw_only=True):
    """The site was inspected."""

    mandate_id: UUID
    inspection: Inspection


class ExtensionAsked(Event, frozen=True, kw_only=True):
    """The agency asks for more days in writing."""

    SUBJECT: ClassVar[str] = "request_id"
    request_id: UUID
    mandate_id: UUID
    days: int
    reason: str
    document_sha256: str


class ExtensionDecided(Event, frozen=True, kw_only=True):
    """The court grants so many days; zero: none."""

    SUBJECT: ClassVar[str] = "request_id"
    request_id: UUID
    granted_days: int


class Paused(Event, frozen=True, kw_only=True):
    """The clock stops from a day on (参考价 19(1), 28)."""

    SUBJECT: ClassVar[str] = "pause_id"
    pause_id: UUID
    kind: PauseKind
    ground: PauseGround
    from_day: date
    document_sha256: str


class Resumed(Event, frozen=True, kw_only=True):
    """The clock runs again from a day on."""

    SUBJECT: ClassVar[str] = "pause_id"
    pause_id: UUID
    on_day: date


class ReportPrepared(Event, frozen=True, kw_only=True):
    """A report, or with ``order_id`` its correction, is laid before the appraisers who sign it; it takes the place of another."""

    SUBJECT: ClassVar[str] = "draft_id"
    draft_id: UUID
    mandate_id: UUID
    report: AppraisalReport
    order_id: UUID | None = None


class ReportConfirmed(Event, frozen=True, kw_only=True):
    """An appraiser confirms with his own account that he signed it, under this licence of the register."""

    draft_id: UUID
    licence_no: str


class ReportSubmitted(Event, frozen=True, kw_only=True):
    """A report, or with ``order_id`` its correction."""

    SUBJECT: ClassVar[str] = "paper_id"
    paper_id: UUID
    mandate_id: UUID
    report: AppraisalReport
    order_id: UUID | None = None


class CorrectionOrdered(Event, frozen=True, kw_only=True):
    """The agency is to explain in writing or to correct by a day (参考价 20, 23)."""

    SUBJECT: ClassVar[str] = "order_id"
    order_id: UUID
    paper_id: UUID
    ground: OrderGround
    points: tuple[CheckPoint, ...]
    objections: tuple[UUID, ...]
    due_on: date


class OrderExplained(Event, frozen=True, kw_only=True):
    """The agency explains instead of correcting."""

    SUBJECT: ClassVar[str] = "order_id"
    order_id: UUID
    text: str
    document_sha256: str


class CheckPassed(Event, frozen=True, kw_only=True):
    """The court found none of the five points; ``document_id`` is the document by which the report is served (V66)."""

    SUBJECT: ClassVar[str] = "paper_id"
    paper_id: UUID
    document_id: UUID | None


class PaperServed(Event, frozen=True, kw_only=True):
    """The report or its correction reached somebody: each one once."""

    SUBJECT: ClassVar[str] = "paper_id"
    paper_id: UUID
    party_id: UUID
    service_id: UUID
    effective_on: date


class Objected(Event, frozen=True, kw_only=True):
    """Somebody objects in writing."""

    SUBJECT: ClassVar[str] = "objection_id"
    objection_id: UUID
    paper_id: UUID
    party_id: UUID
    grounds: tuple[AnyGround, ...]
    document_sha256: str


class ObjectionDecided(Event, frozen=True, kw_only=True):
    """The court decides on the procedural grounds; none upheld: it is rejected so far."""

    SUBJECT: ClassVar[str] = "objection_id"
    objection_id: UUID
    upheld: tuple[AnyGround, ...]
    document_sha256: str


class ObjectionForwarded(Event, frozen=True, kw_only=True):
    """The court passes the objection to the agency, which explains by a day."""

    SUBJECT: ClassVar[str] = "objection_id"
    objection_id: UUID
    explain_by: date


class ObjectionExplained(Event, frozen=True, kw_only=True):
    """The agency's written word on an objection."""

    SUBJECT: ClassVar[str] = "objection_id"
    objection_id: UUID
    text: str
    document_sha256: str


class ExplanationMissed(Event, frozen=True, kw_only=True):
    """The agency was silent: technical review follows (23(1))."""

    SUBJECT: ClassVar[str] = "objection_id"
    objection_id: UUID


class ExplanationLinked(Event, frozen=True, kw_only=True):
    """The document of the file by which this very explanation is served on its objector."""

    SUBJECT: ClassVar[str] = "objection_id"
    objection_id: UUID
    document_id: UUID


class ExplanationServed(Event, frozen=True, kw_only=True):
    """The explanation reached the objector."""

    SUBJECT: ClassVar[str] = "objection_id"
    objection_id: UUID
    effective_on: date


class ExplanationDisputed(Event, frozen=True, kw_only=True):
    """The objector still objects."""

    SUBJECT: ClassVar[str] = "objection_id"
    objection_id: UUID
    document_sha256: str


class ExplanationAccepted(Event, frozen=True, kw_only=True):
    """The objector did not dispute the explanation in time."""

    SUBJECT: ClassVar[str] = "objection_id"
    objection_id: UUID


class ReviewAsked(Event, frozen=True, kw_only=True):
    """The association is asked for a technical review by a day that the court sets."""

    SUBJECT: ClassVar[str] = "review_id"
    review_id: UUID
    objections: tuple[UUID, ...]
    association: str
    conclude_by: date
    document_sha256: str


class ReviewConcluded(Event, frozen=True, kw_only=True):
    """What the association concluded."""

    SUBJECT: ClassVar[str] = "review_id"
    review_id: UUID
    conclusion: Conclusion
    document_sha256: str


class AdvanceRecorded(Event, frozen=True, kw_only=True):
    """The applicant advanced, or an insurer guarantees, part of the estimated fee."""

    SUBJECT: ClassVar[str] = "advance_id"
    advance_id: UUID
    kind: AdvanceKind
    estimated_value_fen: int
    amount_fen: int
    document_sha256: str


class FeeClaimed(Event, frozen=True, kw_only=True):
    """What the agency claims of its fee: the actual expense, with its paper; a later claim takes its place."""

    mandate_id: UUID
    expense_fen: int
    document_sha256: str


class PriceFixed(Event, frozen=True, kw_only=True):
    """The figure that counts became the reference price."""

    reference_price_id: UUID
    amount_fen: int
    valid_until: date


class Ended(Event, frozen=True, kw_only=True):
    """The appraisal is withdrawn (29) or failed (no rule; the court's decision)."""

    outcome: Literal["withdrawn", "failed"]
    ground: EndGround
    document_sha256: str


class FeeStated(Event, frozen=True, kw_only=True):
    """The fee statement."""

    statement: FeeStatement


AnyEvent = (
    Started
    | ChoiceOrdered
    | Mandated
    | MandateReceived
    | Accepted
    | Declined
    | RemovalLead
    | FileCalledBack
    | FileReturned
    | AgenciesExhausted
    | Asked
    | Answered
    | InspectionTold
    | Inspected
    | ExtensionAsked
    | ExtensionDecided
    | Paused
    | Resumed
    | ReportPrepared
    | ReportConfirmed
    | ReportSubmitted
    | CorrectionOrdered
    | OrderExplained
    | CheckPassed
    | PaperServed
    | Objected
    | ObjectionDecided
    | ObjectionForwarded
    | ObjectionExplained
    | ExplanationMissed
    | ExplanationLinked
    | ExplanationServed
    | ExplanationDisputed
    | ExplanationAccepted
    | ReviewAsked
    | ReviewConcluded
    | AdvanceRecorded
    | FeeClaimed
    | PriceFixed
    | Ended
    | FeeStated
)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event with its number and instant, as the history holds it."""

    number: int
    at: datetime
    event: AnyEvent
