"""Facts before the price, phrases of the announcement, and which court may sell (参考价 3(1); 拍卖意见 1, 6, 8; 首封移送批复)."""

from __future__ import annotations

from datetime import date

from auction.law.asset_facts import FACT_LAW
from auction.sale.cases.handovers import (
    Handover,
    HandoverRefused,
    HandoverReply,
    HandoverUnanswered,
    check_may_sell,
)
from auction.sale.cases.seizures import FirstSeizureElsewhere, NoFirstSeizure, Seizure
from auction.sale.lots.lint import ForbiddenPhrase, forbidden_in
from tests.law.reference_price_rules.shared import ON, PAPER, Adapter, Given, uuid
from valuation.facts.facts import Fact, Subject, missing_subjects

CLASSES = {"home": "home", "vehicle": "vehicle", "equity": "equity", "food": "movable"}
SUBJECTS: dict[str, tuple[Subject, ...]] = {
    "title": ("title",),
    "burdens": ("burdens",),
    "occupancy": ("occupancy",),
    "unpaid_taxes": ("unpaid_taxes",),
    "quality_defects": ("defects",),
    "floor_plan": ("floor_plan",),
    "tax_heads_and_rates": ("tax_heads", "tax_rates"),
    "registration": ("registration",),
    "violations": ("violations",),
    "emission_standard": ("emission_standard",),
    "mileage": ("mileage",),
    "ratio": ("share_ratio",),
    "subscribed_capital": ("capital_subscribed",),
    "paid_capital": ("capital_paid",),
    "contribution_dates": ("contribution_dates",),
    "statements": ("statements",),
    "dividends": ("dividends",),
    "expiry": ("food_expiry",),
    "spoilage": ("food_spoilage",),
    "forbidden_goods": ("food_forbidden",),
}
"""The words of the examples; the product asks tax heads and tax rates one by one."""
WORDS = {subject: word for word, subjects in SUBJECTS.items() for subject in subjects}


def found(subject: Subject, text: str) -> Fact:
    """Give a finding, or the gap that a silent source left."""
    return Fact(
        subject=subject,
        state="unanswered" if text == "unknown" else "established",
        statement_zh=text,
        statement_en=text,
        source="调查",
        as_of=ON,
        document_sha256=None if text == "unknown" else PAPER,
    )


def facts_missing(given: Given) -> object:
    """Answer what is still to be found before price and listing; that the sale is "as it stands" is no field of the product."""
    asset_class = CLASSES[given["class"]]
    steps = [FACT_LAW.duties(asset_class, before=step, on=ON) for step in ("price", "listing")]
    duties = [duty for step in steps for duty in step if duty.held_by == "facts"]
    facts = [found(subject, text) for word, text in given["facts"].items() for subject in SUBJECTS[word]]
    missing = dict.fromkeys(WORDS[subject] for subject in missing_subjects(facts, duties))
    return [word for word in SUBJECTS if word in missing]


def phrase_allowed(given: Given) -> object:
    """Answer that a text of the announcement holds no forbidden phrase."""
    for phrase in forbidden_in(given["text"]):
        raise ForbiddenPhrase(field="text", phrase=phrase)
    return True


def may_sell(given: Given) -> object:
    """Answer that our court may sell on the day of the step."""
    ours, other = "本院", "他院"
    step_on = given.get("step_on", ON)
    first = Seizure(
        seizure_id=uuid("seizure"),
        court=ours if given["rank"] == "first" else other,
        case_number="（2026）示0101执1号",
        rank=1,
        valid_from=date(2026, 1, 5),
        valid_until=given.get("seized_until", date(2028, 1, 4)),
        handover_ref="移送执行函" if given.get("hand_over") == "agreed" else "",
    )
    check_may_sell([first], handovers(given, first), court=ours, on=step_on)
    return True


def handovers(given: Given, first: Seizure) -> list[Handover]:
    """Give the request to the court of the first seizure, with its answer if there is one."""
    if given.get("hand_over", "none") == "none":
        return []
    answers: dict[str, HandoverReply] = {"refused": "refused", "agreed": "handed_over"}
    answer = answers.get(given["hand_over"])
    asked = Handover(
        request_id=uuid("request"),
        court=first.court,
        case_number=first.case_number,
        ground="priority_claim",
        asked_on=date(2026, 10, 10),
        answer_by=date(2026, 10, 25),
        document_ref="商请移送函",
        answer=answer,
        answered_on=None if answer is None else date(2026, 10, 20),
    )
    return [asked]


RULES = {
    "facts_missing": Adapter(facts_missing),
    "phrase_allowed": Adapter(phrase_allowed, {"forbidden_phrase": ForbiddenPhrase}),
    "may_sell": Adapter(
        may_sell,
        {
            "not_first_seizure": (FirstSeizureElsewhere, HandoverUnanswered, HandoverRefused),
            "seizure_lapsed": NoFirstSeizure,
        },
    ),
}
