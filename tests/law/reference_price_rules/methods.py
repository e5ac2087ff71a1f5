"""Order of the methods, agreement, targeted inquiry (参考价 2, 4–7, 14)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from auction.kernel.clock import local_day
from auction.law.periods import deadline_at
from tests.law.reference_price_rules.shared import LACKING, ON, PAPER, Adapter, Ended, Given, made, uuid, within_days
from valuation.agreements.agreement import Proposal, ProposalLate, check_proposal, check_time, failure_of, result_of
from valuation.methods.order import SIDES, Circumstance, MethodOutOfOrder, Standing, ground_for, lawful_methods
from valuation.methods.request_method import RequestMethod
from valuation.methods.steps import Method
from valuation.targeted_inquiries.targeted_inquiry import (
    Answer,
    AnswerLate,
    Whereabouts,
    check_answer,
    check_silent,
    place_asked,
)

METHODS: dict[str, Method] = {
    "agreement": "agreement",
    "targeted": "targeted_inquiry",
    "online": "online_inquiry",
    "appraisal": "entrusted_appraisal",
}
WORDS = {method: word for word, method in METHODS.items()}
ASKING = {"both": SIDES, "applicant": SIDES[:1], "debtor": SIDES[1:]}
INVITED = {"applicant": uuid("applicant"), "debtor": uuid("debtor")}


def circumstances(given: Given) -> frozenset[Circumstance]:
    """Give what the file says about the asset and the parties."""
    found: dict[Circumstance, bool] = {
        "party_absent": given.get("agreement") in ("refused", "party_missing"),
        "no_official_price": not given.get("official_price", False),
        "inspection_needed": given.get("expert_needed", False),
        "inquiry_unsuited": not given.get("online_possible", True),
        "appraisal_compelled": given.get("appraisal_compelled", False),
    }
    return frozenset(circumstance for circumstance, holds in found.items() if holds)


def next_method(given: Given) -> object:
    """Answer the method asked for where the law allows it now, else the one that the law puts next."""
    asked = given.get("asked", "")
    requests = {}
    if asked:
        made(RequestMethod, {**REQUEST, "method": METHODS.get(asked, asked)})
        requests = {METHODS[asked]: frozenset(ASKING[given["asked_by"]])}
    failed = frozenset(method for word, method in METHODS.items() if given.get(word) == "failed")
    standing = Standing(failed=failed, circumstances=circumstances(given), requests=requests)
    try:
        return asked if asked and ground_for(METHODS[asked], standing) else WORDS[lawful_methods(standing)[0][0]]
    except MethodOutOfOrder:
        return WORDS[lawful_methods(standing)[0][0]]


REQUEST = {
    "command_id": uuid("command"),
    "case_id": uuid("case"),
    "asset_id": uuid("asset"),
    "party_id": uuid("applicant"),
    "agreed_on": ON,
    "document_sha256": PAPER,
}


def agreement_price(given: Given) -> object:
    """Answer what the proposals make once the time is over."""
    proposals = dict(proposed(side, given) for side in INVITED if f"{side}_fen" in given)
    result = result_of(list(INVITED.values()), proposals)
    failure = failure_of(result, is_harmless=not given.get("harms_others", False))
    if failure is not None or result.agreed is None:
        raise Ended(failure)
    return result.agreed.amount_fen


def proposed(side: str, given: Given) -> tuple[UUID, Proposal]:
    """Give one side's proposal as the product takes it."""
    if f"{side}_at" in given:
        until = local_day(given["deadline"])
        at = within_days(given[f"{side}_at"], given["deadline"])
        check_time(at, until=until, deadline_at=deadline_at(until))
    proposal = Proposal(amount_fen=given[f"{side}_fen"], valid_until=ON)
    check_proposal(proposal, today=ON)
    return INVITED[side], proposal


def inquiry_place(given: Given) -> object:
    """Answer the place whose authority is asked on the day of the letter."""
    seized_on, asked_on = date(2026, 9, 1), date(2026, 11, 2)
    lay = [Whereabouts(since=seized_on, place=given["at_seizure"]), Whereabouts(since=asked_on, place=given["now"])]
    return place_asked(lay, on=asked_on)


def targeted_price(given: Given) -> object:
    """Answer the authority's figure, or that its time is over without one."""
    until = local_day(given["deadline"])
    asked_on = until - timedelta(days=10)
    if "answered_at" not in given:
        check_silent(deadline_at(until), deadline_at=deadline_at(until), is_answer_waiting=False)
        raise Ended("silent")
    received_on = local_day(within_days(given["answered_at"], given["deadline"]))
    answer = Answer(received_on=received_on, amount_fen=given["result_fen"], valid_until=None)
    check_answer(answer, asked_on=asked_on, until=until, today=max(until, received_on))
    return answer.amount_fen


RULES = {
    "next_method": Adapter(next_method, {"no_such_method": LACKING}),
    "agreement_price": Adapter(
        agreement_price,
        {
            "proposals_differ": "prices_differ",
            "proposal_missing": "silent",
            "harms_others": "harms_others",
            "proposal_late": ProposalLate,
        },
    ),
    "inquiry_place": Adapter(inquiry_place),
    "targeted_price": Adapter(targeted_price, {"late": AnswerLate, "silent": "silent"}),
}
