"""The entrusted appraisal: its time, its extensions, inspection, check, and the figure that counts (参考价 18–20, 26)."""

from __future__ import annotations

from datetime import timedelta

from auction.kernel.clock import day_start
from auction.law.calendar import COURT_CALENDAR
from tests.law.reference_price_rules.histories import (
    AT,
    called_back,
    decided,
    mandated,
    objected,
    ordered,
    reported,
    reviewed,
    story,
)
from tests.law.reference_price_rules.shared import LACKING, PAPER, Adapter, Ended, Given, made, uuid
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.check_points import points_found
from valuation.appraisals.rules.figures import figure_that_counts
from valuation.appraisals.rules.inspections import Inspection, InspectionNotTold, WitnessMissing, check_inspection
from valuation.appraisals.rules.limits import (
    ExtensionAskedLate,
    ExtensionsUsedUp,
    ExtensionTooLong,
    check_extension_request,
    extended_end,
)

POINTS = {
    "basics_wrong": "basics",
    "scope_wrong": "scope",
    "agency_differs": "firm",
    "appraiser_differs": "appraiser",
}


def appraisal_deadline(given: Given) -> object:
    """Answer the last day for the report of a mandate with these stays and granted extensions."""
    events: list[h.Event] = list(mandated("甲", given["from"]))
    for number, stay in enumerate(given["stays"]):
        pause_id = uuid(f"pause {number}")
        events.append(
            h.Paused(
                pause_id=pause_id,
                kind="stay",
                ground="case_stayed",
                from_day=stay["first"],
                document_sha256=PAPER,
            )
        )
        events.append(h.Resumed(pause_id=pause_id, on_day=stay["last"] + timedelta(days=1)))
    for number, days in enumerate(given.get("extensions", ())):
        events += extension(f"request {number}", days)
    file = story(*events)
    assert file.mandate is not None, "the agency was mandated"
    return file.report_end(file.mandate, COURT_CALENDAR)


def extension(name: str, days: int) -> list[h.Event]:
    """Tell that an extension was asked and granted."""
    asked = made(h.ExtensionAsked, {**REQUEST, "request_id": uuid(name), "days": days})
    return [asked, h.ExtensionDecided(request_id=asked.request_id, granted_days=days)]


REQUEST = {"event": "extension_asked", "mandate_id": uuid("甲"), "reason": "财产复杂", "document_sha256": PAPER}


def appraisal_extension(given: Given) -> object:
    """Answer the end that a lawful request moves."""
    request = {**REQUEST, "request_id": uuid("request"), "days": given["days"]}
    if not given.get("written", True):
        del request["document_sha256"]
    asked = made(h.ExtensionAsked, request)
    at, granted = day_start(given["asked_on"]), given.get("granted_before", 0)
    check_extension_request(at, end_day=given["last_day"], granted=granted, days=asked.days)
    return extended_end(given["last_day"], asked.days, pauses=(), calendar=COURT_CALENDAR)


def inspection(given: Given) -> object:
    """Answer that an inspection stands."""
    parties = {"applicant": uuid("applicant"), "debtor": uuid("debtor")}
    held = Inspection(
        held_at=AT,
        appraisers=("张",),
        present=tuple(parties[name] for name in given["present"]),
        has_witness=given["witness"],
        record_sha256=PAPER,
    )
    told = list(parties.values()) if given["notified"] else []
    check_inspection(
        held, parties=list(parties.values()), told=told, told_at=AT if told else None, planned_at=None, now=AT
    )
    return True


def report_check(given: Given) -> object:
    """Answer the points of the court's check that a comparison finds; a pair left out agrees."""
    mandated_things = given.get("mandated", ["flat"])
    found = points_found(
        facts=given.get("facts", {}),
        reported_facts=given.get("report_facts", given.get("facts", {})),
        mandated=mandated_things,
        reported=given.get("reported", mandated_things),
        chosen=given.get("chosen_firm", "甲"),
        sealed_by=given.get("signing_firm", "甲"),
        signers=given.get("appraisers", ["张", "李"]),
        licensed=given.get("licensed", ["张", "李"]),
        on=AT.date(),
    )
    return [POINTS[point] for point in found]


def figure(given: Given) -> object:
    """Answer the figure that counts after everything that happened."""
    found = figure_that_counts(story(*happened(given)))
    if found is None:
        raise Ended("no_figure")
    return found.value_fen


def happened(given: Given) -> list[h.Event]:
    """Tell the history that an example sums up."""
    fen, objection = given["original_fen"], given.get("objection", "none")
    events = [*mandated("甲"), *reported("甲", fen)]
    if "corrected_fen" in given:
        return [*events, *corrected(given)]
    if objection == "rejected":
        return [*events, objected("甲", fen, "procedure"), decided()]
    if objection == "upheld":
        events += [objected("甲", fen, "procedure"), decided("procedure"), called_back("甲")]
    if "redone_fen" in given:
        events += [*mandated("乙"), *reported("乙", given["redone_fen"])]
    if "review" in given:
        conclusion: h.Conclusion = "confirmed" if given["review"] == "not_negated" else "to_correct"
        events += [objected("甲", fen, "result"), *reviewed(conclusion)]
    return events


def corrected(given: Given) -> list[h.Event]:
    """Tell of a correction: after the court's own check, an upheld objection, or a review that negates."""
    fen, correction = given["original_fen"], reported("甲", given["corrected_fen"], order=True)
    if given.get("objection") == "upheld":
        before = [objected("甲", fen, "basics_wrong"), decided("basics_wrong")]
        return [*before, ordered("甲", fen, "objection", "objection"), *correction]
    if given.get("review") == "negated":
        before = [objected("甲", fen, "result"), *reviewed("to_correct")]
        return [*before, ordered("甲", fen, "review", "objection"), *correction]
    return [ordered("甲", fen, "check"), *correction]


RULES = {
    "appraisal_deadline": Adapter(appraisal_deadline),
    "appraisal_extension": Adapter(
        appraisal_extension,
        {
            "asked_late": ExtensionAskedLate,
            "too_long": ExtensionTooLong,
            "too_often": ExtensionsUsedUp,
            "not_written": LACKING,
        },
    ),
    "inspection": Adapter(inspection, {"not_notified": InspectionNotTold, "no_witness": WitnessMissing}),
    "report_check": Adapter(report_check),
    "figure_that_counts": Adapter(figure, {"no_figure_yet": "no_figure"}),
}
