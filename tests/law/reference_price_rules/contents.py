"""What letters, mandates and reports must contain (参考价 6(1), 10, 11(1), 17, 33(2); 34; 拍卖意见 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

import msgspec

from auction.law.asset_facts import FACT_LAW
from tests.law.reference_price_rules.facts import found
from tests.law.reference_price_rules.histories import REPORT, TERMS
from tests.law.reference_price_rules.shared import LACKING, ON, PAPER, Adapter, Given, made, uuid
from tests.law.reference_price_rules.validity import CHOSEN
from valuation.appraisals.fees.record_advance import RecordAdvance
from valuation.appraisals.mandates.mandate_agency import MandateAgency
from valuation.appraisals.rules.fees import GuaranteeIncomplete, check_guarantee
from valuation.appraisals.rules.reports import AppraisalReport, ReportIncomplete
from valuation.appraisals.rules.reports import check_report as check_appraisal
from valuation.appraisals.rules.terms import Terms, TermsIncomplete, check_terms
from valuation.facts.facts import SUBJECTS, FactsIncomplete, Subject, incomplete, missing_subjects, owed_before_price
from valuation.inquiries.online_inquiry import ReportMalformed, check_parts, missing_parts
from valuation.inquiries.platforms import Mandate, MandateIncomplete, check_mandate
from valuation.record.system_record import RecordIncomplete
from valuation.record.system_record import check_parts as check_record
from valuation.targeted_inquiries.start_targeted_inquiry import StartTargetedInquiry
from valuation.targeted_inquiries.targeted_inquiry import LetterMalformed, check_letter

Contains = list[str]
FEATURES = {
    "city": "示例市",
    "district": "示例区",
    "built_year": 2010,
    "floor": 7,
    "floors": 18,
    "area_cm2": 897600,
    "orientation": "南",
    "decoration": "普通",
}


def kept(contains: Contains, fields: Mapping[str, tuple[str, object]]) -> dict[str, object]:
    """Give the fields of a paper whose words it contains."""
    return {field: value for field, (word, value) in fields.items() if word in contains}


def targeted_letter(contains: Contains) -> None:
    """Make and check the letter to an authority; what it asks may be left empty, its deadline may not be left out."""
    letter = made(
        StartTargetedInquiry,
        {
            "command_id": uuid("command"),
            "case_id": uuid("case"),
            "asset_id": uuid("asset"),
            "authority": "税务局",
            "price_kind": "tax_base",
            "requirements": "计税基准价" if "requirements" in contains else "",
            "letter_sha256": PAPER,
            **kept(contains, {"until": ("deadline", date(2026, 11, 12))}),
        },
    )
    check_letter(authority=letter.authority, requirements=letter.requirements, until=letter.until, today=ON)


def inquiry_mandate(contains: Contains) -> None:
    """Make and check the mandate to a platform."""
    mandate = made(
        Mandate,
        {
            "inquiry_id": uuid("inquiry"),
            "features": {
                **FEATURES,
                "asset_class": "home" if "name" in contains else "",
                "address": "示例路 1 号" if "features" in contains else "",
            },
            "quantity": 1 if "quantity" in contains else 0,
            "purpose": "确定参考价" if "purpose" in contains else "",
            **kept(contains, {"deadline_at": ("deadline", datetime(2026, 11, 12, tzinfo=UTC))}),
        },
    )
    check_mandate(mandate)


def inquiry_report(contains: Contains) -> None:
    """Check the document of a platform's report."""
    fields: dict[str, tuple[str, object]] = {
        "features": ("basics", FEATURES),
        "samples": ("samples", [{"reference": "成交一"}]),
        "method": ("method", "加权平均"),
        "value_fen": ("result", 1),
        "valid_until": ("validity", "2027-11-02"),
    }
    check_parts(missing_parts(kept(contains, fields)))


def appraisal_mandate(contains: Contains) -> None:
    """Make and check the mandate to an agency; the file handed over is what was found, so that without it none is made."""
    scope = {**msgspec.to_builtins(TERMS.scope), "area_cm2": 897600 if "quantity" in contains else None}
    scope["asset_class"] = "home" if "name" in contains else ""
    scope["description"] = "住宅一套" if "features" in contains else ""
    purpose = "司法处置" if "purpose" in contains else ""
    terms = made(Terms, {**msgspec.to_builtins(TERMS), "scope": scope, "purpose": purpose})
    check_terms(terms, parties=(uuid("applicant"),), interested=())
    answer = kept(contains, {"answer_by": ("deadline", date(2026, 11, 12))})
    made(MandateAgency, {"command_id": uuid("command"), "appraisal_id": uuid("appraisal"), **answer})
    owed = owed_before_price("home", on=ON)
    file = [found(subject, "已查明") for subject in SUBJECTS] if "file" in contains else []
    missing = missing_subjects(file, owed)
    if missing:
        raise incomplete(missing)


def appraisal_report(contains: Contains) -> None:
    """Make and check an appraisal report."""
    content = {field: value for field, value in msgspec.to_builtins(REPORT).items() if field not in WORDED}
    content |= {
        "basics": REPORT.basics if "basics" in contains else "",
        "methods": REPORT.methods if "method" in contains else (),
        "standard": REPORT.standard if "standard" in contains else "",
        **kept(contains, {"value_fen": ("result", 1), "valid_until": ("validity", REPORT.valid_until)}),
    }
    report = made(AppraisalReport, content)
    day = report.signed_on
    check_appraisal(report, scope_sha256=PAPER, chosen=CHOSEN, mandated_on=day, today=day)


WORDED = {"basics", "methods", "standard", "value_fen", "valid_until"}


def guarantee_letter(contains: Contains) -> None:
    """Make and check the record of an insurer's letter."""
    letter = {
        "command_id": uuid("command"),
        "appraisal_id": uuid("appraisal"),
        "kind": "guarantee",
        "estimated_value_fen": 1,
        "amount_fen": 1,
        "insurer_pays": "insurer_pays" in contains,
        **kept(contains, {"document_sha256": ("evidence", PAPER)}),
    }
    recorded = made(RecordAdvance, letter)
    check_guarantee(recorded.kind, insurer_pays=recorded.insurer_pays)


def sale_with_lease(contains: Contains) -> None:
    """Ask what is still missing of a sale in which a lease goes with the property."""
    words: dict[Subject, str] = {
        "occupancy": "possession",
        "lease_rent": "rent",
        "lease_term": "term",
        "lease_holder": "holder",
    }
    occupancy = [duty for duty in owed_before_price("home", on=ON) if duty.subject == "occupancy"]
    duties = [*occupancy, *FACT_LAW.duties_with("lease", "home", on=ON)]
    missing = missing_subjects([found(subject, "已查明") for subject in words if words[subject] in contains], duties)
    if missing:
        raise incomplete(missing)


def system_record(contains: Contains) -> None:
    """Check which parts the record of a price has."""
    check_record(contains)


CHECKS: dict[str, Callable[[Contains], None]] = {
    "targeted_letter": targeted_letter,
    "inquiry_mandate": inquiry_mandate,
    "inquiry_report": inquiry_report,
    "appraisal_mandate": appraisal_mandate,
    "appraisal_report": appraisal_report,
    "guarantee_letter": guarantee_letter,
    "sale_with_lease": sale_with_lease,
    "system_record": system_record,
}


def contents_check(given: Given) -> object:
    """Answer that a paper contains all that the law wants in it."""
    CHECKS[given["document"]](given["contains"])
    return True


RULES = {
    "contents_check": Adapter(
        contents_check,
        {
            "incomplete": (
                LACKING,
                LetterMalformed,
                MandateIncomplete,
                ReportMalformed,
                TermsIncomplete,
                FactsIncomplete,
                ReportIncomplete,
                GuaranteeIncomplete,
                RecordIncomplete,
            )
        },
    ),
}
