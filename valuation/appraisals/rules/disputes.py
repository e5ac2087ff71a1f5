"""Objections to an appraisal report: on which grounds, by whom, when, which way they take, which are not admitted.

1. A party or interested person objects in writing within five days of his own service (参考价 22, 23).
2. Grounds are procedural (22: basics, scope, qualification, serious breach) or of substance (23: standard, method, result).
3. Only procedural: decided as an objection to an act of enforcement (22(2); CPL 236).
4. Of substance, also together with basics or scope: forwarded in three days, explained in five, then, if the agency is
   silent or its word is still disputed, technical review by the association (23(1)).
5. Of substance together with qualification or a serious breach: these are decided first; if they hold, file back and next
   agency; if not, rule 4 (23(2)).
6. Not admitted: late ones; objections to explanations, corrections and conclusions of review; to an agreement or a targeted
   inquiry (24). That an explanation is still disputed is said once, within five days of its service (V20).
7. After all that only enforcement supervision is left (25: `valuation.objections.supervision`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Literal, get_args

from auction.kernel.errors import Malformed, Unlawful
from auction.kernel.sentences import Said
from valuation.objections.objections import Ground, ObjectionRepeated, check_in_time

Substance = Literal["standard", "method", "result"]
AnyGround = Literal["basics_wrong", "scope_wrong", "unqualified", "procedure", "standard", "method", "result"]
Route = Literal["decide", "decide_first", "explain"]
"""Rule 3, rule 5, rule 4."""
Paper = Literal["report", "explanation", "correction", "review", "agreement", "targeted_inquiry"]

PROCEDURAL: frozenset[str] = frozenset(get_args(Ground))
SUBSTANCE: frozenset[str] = frozenset(get_args(Substance))
REPLACING: frozenset[str] = frozenset({"unqualified", "procedure"})
"""Grounds that, upheld, take the appraisal from its agency."""

_PAPERS_SAID: dict[Paper, Said] = {
    "report": Said("评估报告", "a report"),
    "explanation": Said("评估机构的说明", "an explanation of the agency"),
    "correction": Said("评估机构的补正", "a correction of the agency"),
    "review": Said("专业技术评审结论", "the conclusion of a technical review"),
    "agreement": Said("当事人议价结果", "a price that the parties agreed"),
    "targeted_inquiry": Said("定向询价结果", "the result of a targeted inquiry"),
}


class GroundsMissing(Malformed):
    """An objection names no ground."""

    code = "objection_grounds_missing"
    article = "参考价 22, 23"
    zh = "异议应当写明事由。"
    en = "An objection names its grounds."


class ObjectionNotAdmitted(Unlawful):
    """The law admits no objection to this paper."""

    code = "objection_not_admitted"
    article = "参考价 24"
    zh = "对{what}提出的异议，人民法院不予受理。"
    en = "No objection to {what} is admitted."


def route_of(grounds: Collection[str]) -> Route:
    """Give the way that an objection takes (rules 3 to 5); raises `GroundsMissing`."""
    if not grounds:
        raise GroundsMissing
    if SUBSTANCE.isdisjoint(grounds):
        return "decide"
    return "explain" if REPLACING.isdisjoint(grounds) else "decide_first"


def decided_grounds(grounds: Collection[str]) -> list[str]:
    """Give the grounds on which the court decides itself, before anything is forwarded."""
    procedural = [ground for ground in grounds if ground in PROCEDURAL]
    return procedural if route_of(grounds) == "decide" else [ground for ground in procedural if ground in REPLACING]


def check_objection(
    at: datetime, *, paper: Paper, window_ends: date, grounds: Collection[str], earlier: Collection[str]
) -> None:
    """Refuse an objection that rule 6 does not admit; ``earlier`` are the grounds he has already put forward."""
    if paper != "report":
        raise ObjectionNotAdmitted(what=_PAPERS_SAID[paper])
    check_in_time(at, window_ends)
    route_of(grounds)
    if not set(grounds).isdisjoint(earlier):
        raise ObjectionRepeated
