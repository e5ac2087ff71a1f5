"""Objections, what follows them, supervision, recipients, holds and compulsion (参考价 3(2), 18, 21–25, 28, 29)."""

from __future__ import annotations

from auction.law.calendar import COURT_CALENDAR
from auction.law.periods import deadline_at
from tests.law.reference_price_rules.histories import (
    DAY,
    OBJECTION,
    called_back,
    decided,
    explained,
    forwarded,
    mandated,
    objected,
    reported,
    reviewed,
    story,
)
from tests.law.reference_price_rules.shared import LACKING, PAPER, Adapter, Given, made, uuid
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, ObjectionState
from valuation.appraisals.rules.disputes import (
    AnyGround,
    ObjectionNotAdmitted,
    Paper,
    Route,
    check_objection,
    route_of,
)
from valuation.appraisals.rules.due import what_is_due
from valuation.appraisals.rules.figures import figure_that_counts
from valuation.facts.compulsion import next_measure
from valuation.inquiries.holds import HOLD_GROUNDS, HoldGround, effect_of
from valuation.methods.steps import Method
from valuation.objections.objections import ObjectionLate, check_in_time, window_end
from valuation.objections.raise_objection import RaiseObjection
from valuation.objections.recipients import recipients
from valuation.objections.supervise_price import AskSupervision
from valuation.objections.supervision import SupervisionTooLate, check_supervision

GROUNDS: dict[str, AnyGround] = {
    "basics": "basics_wrong",
    "scope": "scope_wrong",
    "qualification": "unqualified",
    "procedure": "procedure",
    "standard": "standard",
    "method": "method",
    "result": "result",
}
PAPERS: dict[str, Paper] = {
    "appraisal": "report",
    "explanation": "explanation",
    "correction": "correction",
    "review": "review",
    "agreement": "agreement",
    "targeted": "targeted_inquiry",
}
ROUTES: dict[Route, str] = {"decide": "procedure", "explain": "firm", "decide_first": "procedure_first"}


def objection_admitted(given: Given) -> object:
    """Answer the way that an objection takes."""
    grounds = tuple(GROUNDS[ground] for ground in given["grounds"])
    paper = {"document_sha256": PAPER} if given.get("written", True) else {}
    window_ends = window_end(given["received_on"], COURT_CALENDAR)
    if given["against"] == "online":
        for ground in grounds:
            made(RaiseObjection, {**INQUIRY_OBJECTION, **paper, "ground": ground})
        check_in_time(given["at"], window_ends)
    else:
        made(h.Objected, {**APPRAISAL_OBJECTION, **paper, "grounds": grounds})
        against = PAPERS[given["against"]]
        check_objection(given["at"], paper=against, window_ends=window_ends, grounds=grounds, earlier=())
    return ROUTES[route_of(grounds)]


INQUIRY_OBJECTION = {
    "command_id": uuid("command"),
    "inquiry_id": uuid("inquiry"),
    "party_id": uuid("applicant"),
    "platform_id": None,
}
APPRAISAL_OBJECTION = {
    "event": "objected",
    "objection_id": OBJECTION,
    "paper_id": uuid("paper"),
    "party_id": uuid("applicant"),
}
FEN = 420_000_000
SUBSTANCE = (*mandated("甲"), *reported("甲", FEN), objected("甲", FEN, "result"))
MIXED = (*mandated("甲"), *reported("甲", FEN), objected("甲", FEN, "result", "procedure"))
STAGES: dict[str, tuple[h.Event, ...]] = {
    "procedure_upheld": (*MIXED, decided("procedure"), called_back("甲")),
    "procedure_rejected": (*MIXED, decided()),
    "explained_and_accepted": (*SUBSTANCE, forwarded(), explained(), h.ExplanationAccepted(objection_id=OBJECTION)),
    "explained_and_disputed": (
        *SUBSTANCE,
        forwarded(),
        explained(),
        h.ExplanationDisputed(objection_id=OBJECTION, document_sha256=PAPER),
    ),
    "silent": (*SUBSTANCE, forwarded()),
    "review_confirms": (*SUBSTANCE, *reviewed("confirmed")),
    "review_negates": (*SUBSTANCE, *reviewed("to_correct")),
}
NEXT: dict[ObjectionState, str] = {"to_forward": "firm", "to_review": "review", "correcting": "correction"}


def objection_next(given: Given) -> object:
    """Answer what follows once everything that follows by itself has happened."""
    events = STAGES[given["stage"]]
    due = what_is_due(story(*events), now=deadline_at(DAY), calendar=COURT_CALENDAR)
    return next_of(story(*events, *due.events))


def next_of(file: AppraisalFile) -> str:
    """Read from the file what comes next."""
    if file.state == "choosing":
        return "next_firm"
    return "price" if figure_that_counts(file) else NEXT[file.objections[0].state]


def report_recipients(given: Given) -> object:
    """Answer who gets a report; an appraisal's as its own file says, the others by the rule that it asks."""
    names = {uuid(name): name for name in (*given["parties"], *given["interested"])}
    parties, interested = given["parties"], given["interested"]
    if given["of"] in ("appraisal", "explanation"):
        return [names[person] for person in story(parties=parties, interested=interested).addressees]
    return list(recipients(parties=parties, interested=interested))


HOLDS: dict[str, HoldGround] = {
    **{ground: ground for ground in HOLD_GROUNDS},
    "debt_performed": "debt_paid",
    "parties_agree_price": "price_agreed",
    "parties_agree_no_sale": "no_sale_agreed",
    "partly_performed": "partly_paid",
}


def hold(given: Given) -> object:
    """Answer what a ground does to the valuation."""
    return effect_of(HOLDS[given["ground"]])


SUPERVISIONS: dict[str, tuple[Method, str]] = {
    "agreement_fraud": ("agreement", "fraud_or_duress"),
    "agreement_duress": ("agreement", "fraud_or_duress"),
    "collusion": ("agreement", "collusion"),
    "false_targeted_result": ("targeted_inquiry", "false_answer"),
    "wrong_outcome": ("entrusted_appraisal", "wrong_outcome"),
}


def supervision_admitted(given: Given) -> object:
    """Answer that supervision of a price may be asked."""
    method, ground = SUPERVISIONS.get(given["ground"], ("agreement", given["ground"]))
    evidence = {"evidence_sha256": PAPER} if given.get("evidence", True) else {}
    asked = made(AskSupervision, {**SUPERVISION, **evidence, "ground": ground})
    check_supervision(given["at"], method=method, ground=asked.ground, announced_at=given.get("sale_published_at"))
    return "supervision"


SUPERVISION = {
    "command_id": uuid("command"),
    "case_id": uuid("case"),
    "reference_price_id": uuid("price"),
    "party_id": uuid("applicant"),
}
RULES = {
    "objection_admitted": Adapter(
        objection_admitted,
        {
            "late": ObjectionLate,
            "not_written": LACKING,
            "never_admitted": ObjectionNotAdmitted,
            "second_objection": ObjectionNotAdmitted,
        },
    ),
    "objection_next": Adapter(objection_next),
    "supervision_admitted": Adapter(
        supervision_admitted,
        {"no_evidence": LACKING, "ground_not_listed": LACKING, "too_late": SupervisionTooLate},
    ),
    "report_recipients": Adapter(report_recipients),
    "hold": Adapter(hold),
    "compulsion": Adapter(lambda given: next_measure(was_ordered=given["ordered"], has_complied=given["complied"])),
}
