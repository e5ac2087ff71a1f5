"""Histories of an appraisal, told event by event, for the adapters that ask its file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import msgspec

from tests.law.reference_price_rules.shared import PAPER, uuid
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, fold
from valuation.appraisals.rules.disputes import AnyGround
from valuation.appraisals.rules.reports import AppraisalReport, Signer
from valuation.appraisals.rules.terms import Scope, Terms

AT = datetime(2026, 10, 12, 1, 0, tzinfo=UTC)
DAY = date(2026, 10, 12)
PARTY, OBJECTION, ORDER, REVIEW = uuid("applicant"), uuid("objection"), uuid("order"), uuid("review")
TERMS = Terms(
    purpose="司法处置",
    value_type="market_value",
    value_date=DAY,
    scope=Scope(asset_class="home", description="示例市住宅一套", place="示例市示例路1号"),
)
REPORT = AppraisalReport(
    scope_sha256=PAPER,
    agency_licence_no="甲",
    signed_on=DAY,
    signers=(Signer(licence_no="张"), Signer(licence_no="李")),
    basics="住宅一套",
    methods=("comparison", "income"),
    standard="市场价值",
    value_fen=1,
    valid_until=date(2027, 10, 12),
    pdf_sha256=PAPER,
)


def story(*events: h.Event, parties: Iterable[str] = ("applicant",), interested: Iterable[str] = ()) -> AppraisalFile:
    """Give the file of an appraisal to which these things happened after its start."""
    started = h.Started(
        terms=TERMS,
        parties=tuple(map(uuid, parties)),
        interested=tuple(map(uuid, interested)),
        choice_id=uuid("choice"),
    )
    entries = [h.Entry(number=n, at=AT, event=event) for n, event in enumerate((started, *events), 1)]  # type: ignore[arg-type]  # every event is one of the union
    return fold(uuid("appraisal"), case_id=uuid("case"), asset_id=uuid("asset"), entries=entries)


def mandated(agency: str, received_on: date = DAY) -> tuple[h.Event, ...]:
    """Tell that an agency was mandated and got the file."""
    mandate = h.Mandated(
        mandate_id=uuid(agency),
        ordinal=1,
        agency_id=uuid(agency),
        agency_name=agency,
        licence_no=agency,
        answer_by=received_on,
    )
    received = h.MandateReceived(mandate_id=uuid(agency), received_on=received_on, article="参考价 17(1)")
    return mandate, received


def reported(agency: str, value_fen: int, *, order: bool = False) -> tuple[h.Event, ...]:
    """Tell that an agency's report, or with ``order`` its correction, passed the court's check."""
    paper = uuid(f"paper of {agency} over {value_fen}")
    report = msgspec.structs.replace(REPORT, value_fen=value_fen)
    submitted = h.ReportSubmitted(
        paper_id=paper, mandate_id=uuid(agency), report=report, order_id=ORDER if order else None
    )
    return submitted, h.CheckPassed(paper_id=paper, document_id=None)


def objected(agency: str, value_fen: int, *grounds: AnyGround) -> h.Event:
    """Tell that a party objected to the report over this value."""
    paper = uuid(f"paper of {agency} over {value_fen}")
    return h.Objected(objection_id=OBJECTION, paper_id=paper, party_id=PARTY, grounds=grounds, document_sha256=PAPER)


def decided(*upheld: AnyGround) -> h.Event:
    """Tell how the court decided the objection."""
    return h.ObjectionDecided(objection_id=OBJECTION, upheld=upheld, document_sha256=PAPER)


def forwarded() -> h.Event:
    """Tell that the objection was passed to the agency."""
    return h.ObjectionForwarded(objection_id=OBJECTION, explain_by=DAY)


def explained() -> h.Event:
    """Tell that the agency explained."""
    return h.ObjectionExplained(objection_id=OBJECTION, text="说明", document_sha256=PAPER)


def reviewed(conclusion: h.Conclusion) -> tuple[h.Event, ...]:
    """Tell that the agency was silent and what the technical review concluded."""
    asked = h.ReviewAsked(
        review_id=REVIEW, objections=(OBJECTION,), association="评估协会", conclude_by=DAY, document_sha256=PAPER
    )
    concluded = h.ReviewConcluded(review_id=REVIEW, conclusion=conclusion, document_sha256=PAPER)
    return forwarded(), h.ExplanationMissed(objection_id=OBJECTION), asked, concluded


def ordered(agency: str, value_fen: int, ground: h.OrderGround, *objections: str) -> h.Event:
    """Tell that the court ordered a correction."""
    return h.CorrectionOrdered(
        order_id=ORDER,
        paper_id=uuid(f"paper of {agency} over {value_fen}"),
        ground=ground,
        points=("basics_wrong",),
        objections=tuple(map(uuid, objections)),
        due_on=DAY,
    )


def called_back(agency: str) -> h.Event:
    """Tell that an upheld objection took the mandate from the agency."""
    return h.FileCalledBack(mandate_id=uuid(agency), ground="objection_upheld", return_by=DAY, document_sha256=PAPER)
