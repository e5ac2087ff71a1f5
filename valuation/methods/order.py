"""Which method comes next, and why: the lawful order and its lawful jumps.

1. Agreement, then targeted inquiry, then online inquiry, then entrusted appraisal (参考价 4–7, 14).
2. Agreement is passed over when a party refuses or cannot be found (4); targeted inquiry when there is no tax base price,
   government price or guide price (5); online inquiry when an inspection on site or an expert is needed, or the asset cannot be
   inquired on line (7).
3. Both sides may ask in writing for targeted inquiry (5(2)), for online inquiry under the conditions of rule 2 (7(2)), or for
   an appraisal (14). One side's request is no ground.
4. Where a law compels an appraisal nothing else makes a price (14).
5. What both sides passed over by asking for a later method stays passed over when that one fails. A method that failed is not tried again in the same way to a price, unless both sides ask for it; only after an appraisal
   there is nothing left but another one. Both sides may come back to an agreement at any time (29(2)).
6. A method that the law does not put next is refused; the step keeps the ground on which the present one rests.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final, Literal, get_args

import msgspec

from auction.kernel.errors import Unlawful
from auction.kernel.sentences import Said
from valuation.methods.steps import METHODS, Method

Side = Literal["applicant", "judgment_debtor"]
SIDES: tuple[Side, ...] = get_args(Side)

Circumstance = Literal[
    "party_absent", "no_official_price", "inspection_needed", "inquiry_unsuited", "appraisal_compelled"
]
"""A party refuses or cannot be found (4); no tax base, government or guide price (5); an inspection or an expert is needed, or
the asset cannot be inquired on line (7); a law compels an appraisal (14)."""
CIRCUMSTANCES: tuple[Circumstance, ...] = get_args(Circumstance)

METHOD_WORDS: Final[Mapping[Method, Said]] = {
    "agreement": Said("当事人议价", "agreement of the parties"),
    "targeted_inquiry": Said("定向询价", "targeted inquiry"),
    "online_inquiry": Said("网络询价", "online inquiry"),
    "entrusted_appraisal": Said("委托评估", "entrusted appraisal"),
}


class MethodOutOfOrder(Unlawful):
    """The law puts another method before this one, or rules this one out."""

    code = "method_out_of_order"
    article = "参考价 4–7, 14"
    zh = "尚不能采用{method}：{reason}。"
    en = "This is not the next method ({method}): {reason}."


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where an asset stands on its way to a price."""

    failed: frozenset[Method] = frozenset()
    """Methods that ended without a price in this way."""
    circumstances: frozenset[Circumstance] = frozenset()
    requests: Mapping[Method, frozenset[Side]] = msgspec.field(default_factory=dict)
    """Which sides asked for which method in writing."""

    def asked_by_both(self, method: Method) -> bool:
        """Whether both sides asked for this method in writing."""
        return self.requests.get(method, frozenset()) >= frozenset(SIDES)

    @property
    def agreement_is_over(self) -> bool:
        """Whether agreement failed, was passed over by what failed since, or a party refuses or cannot be found."""
        return bool(self.failed) or "party_absent" in self.circumstances

    @property
    def targeted_is_over(self) -> bool:
        """Whether targeted inquiry failed, was passed over by what failed since, or there is nothing that it could ask for."""
        return not self.failed.isdisjoint(_AFTER_AGREEMENT) or "no_official_price" in self.circumstances

    @property
    def online_is_ruled_out(self) -> bool:
        """Whether the asset does not suit an online inquiry."""
        return not self.circumstances.isdisjoint({"inspection_needed", "inquiry_unsuited"})


_AFTER_AGREEMENT: Final[frozenset[Method]] = frozenset({"targeted_inquiry", "online_inquiry", "entrusted_appraisal"})
"""Methods before which a targeted inquiry has been made or passed over."""
ONLINE_FAILED: Final = "参考价 14: 网络询价不能或者不成"
"""However the online inquiry was reached, by the order or by both sides' request: an appraisal follows (11(3))."""
APPRAISAL_FAILED: Final = "参考价 14; 法院决定"
"""The text has no rule for what follows a failed appraisal: the court decided on another one (a declared reading, rule 5)."""
_AFTER_TARGETED: Final[frozenset[Method]] = frozenset({"online_inquiry", "entrusted_appraisal"})
_PASSED_OVER: Final = Said(
    "已进入其后的方式，双方未书面请求再用此方式",
    "a later method was tried already, and the sides did not ask in writing for this one",
)
Verdict = str | Said
"""The article that allows a method, or the reason why it is not next."""


def ground_for(method: Method, standing: Standing) -> str:
    """Give the article that makes this method the right one now; refuses with `MethodOutOfOrder`."""
    verdict = judge(method, standing)
    if isinstance(verdict, Said):
        raise MethodOutOfOrder(method=METHOD_WORDS[method], reason=verdict)
    return verdict


def lawful_methods(standing: Standing) -> list[tuple[Method, str]]:
    """Give every method that may be taken now, each with its article; the one that the law puts next comes first."""
    verdicts = ((method, judge(method, standing)) for method in METHODS)
    return [(method, verdict) for method, verdict in verdicts if isinstance(verdict, str)]


def judge(method: Method, standing: Standing) -> Verdict:
    """Give the article that allows a method, or why it is not next (rules 1–5)."""
    if "appraisal_compelled" in standing.circumstances and method != "entrusted_appraisal":
        return Said("法律、行政法规规定必须委托评估", "a law compels an entrusted appraisal (参考价 14)")
    return _JUDGES[method](standing)


def _agreement(standing: Standing) -> Verdict:
    if standing.asked_by_both("agreement"):
        return "参考价 29(2)"
    if "party_absent" in standing.circumstances:
        return Said("一方当事人拒绝议价或者下落不明", "a party refuses or cannot be found (参考价 4)")
    if standing.failed:
        return Said(
            "已采用过其他方式或者议价不成，双方未书面请求再行议价",
            "a method failed before and the sides did not ask in writing for an agreement (参考价 4, 29)",
        )
    return "参考价 4(1)"


def _targeted(standing: Standing) -> Verdict:
    if "no_official_price" in standing.circumstances:
        return Said(
            "没有计税基准价、政府定价或者政府指导价", "there is no tax base, government or guide price (参考价 5)"
        )
    if standing.asked_by_both("targeted_inquiry"):
        return "参考价 5(2)"
    if "targeted_inquiry" in standing.failed:
        return Said("定向询价已经不成", "targeted inquiry has failed before (参考价 6, 7)")
    if not standing.failed.isdisjoint(_AFTER_TARGETED):
        return _PASSED_OVER
    if not standing.agreement_is_over:
        return _first("agreement", standing, "targeted_inquiry")
    return "参考价 5(1)"


def _online(standing: Standing) -> Verdict:
    if standing.online_is_ruled_out:
        return Said(
            "财产需要现场勘验、鉴定或者不具备网络询价条件",
            "the asset needs an inspection or an expert, or does not suit an online inquiry (参考价 7)",
        )
    if standing.asked_by_both("online_inquiry"):
        return "参考价 7(2)"
    if "online_inquiry" in standing.failed:
        return Said("网络询价已经不成", "online inquiry has failed before (参考价 11(3), 14)")
    if "entrusted_appraisal" in standing.failed:
        return _PASSED_OVER
    if not standing.agreement_is_over:
        return _first("agreement", standing, "online_inquiry")
    if not standing.targeted_is_over:
        return _first("targeted_inquiry", standing, "online_inquiry")
    return "参考价 7(1)"


def _appraisal(standing: Standing) -> Verdict:
    if "appraisal_compelled" in standing.circumstances:
        return "参考价 14: 法定评估"
    if standing.asked_by_both("entrusted_appraisal"):
        return "参考价 14: 双方要求"
    if "entrusted_appraisal" in standing.failed:
        return APPRAISAL_FAILED
    if "online_inquiry" in standing.failed:
        return ONLINE_FAILED
    if not standing.agreement_is_over:
        return _first("agreement", standing, "entrusted_appraisal")
    if not standing.targeted_is_over:
        return _first("targeted_inquiry", standing, "entrusted_appraisal")
    if not standing.online_is_ruled_out:
        return _first("online_inquiry", standing, "entrusted_appraisal")
    return ONLINE_FAILED


_JUDGES: Final[Mapping[Method, Callable[[Standing], Verdict]]] = {
    "agreement": _agreement,
    "targeted_inquiry": _targeted,
    "online_inquiry": _online,
    "entrusted_appraisal": _appraisal,
}


def _first(before: Method, standing: Standing, wanted: Method) -> Said:
    """Say which method comes first, and whose request is missing for the jump."""
    missing = [side for side in SIDES if side not in standing.requests.get(wanted, ())]
    words, sides = METHOD_WORDS[before], _sides(missing)
    return Said(
        f"应当先进行{words.zh}，或者由双方书面请求（尚缺：{sides.zh}）",
        f"{words.en} comes first, or both sides ask in writing (missing: {sides.en})",
    )


def _sides(sides: Collection[Side]) -> Said:
    words = {"applicant": Said("申请执行人", "applicant"), "judgment_debtor": Said("被执行人", "judgment debtor")}
    return Said("、".join(words[side].zh for side in sides), ", ".join(words[side].en for side in sides))
