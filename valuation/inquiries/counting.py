"""Counting (计入): which reports of an online inquiry make the price, and why each one does or does not. Pure.

1. A report that did not come in time stays out; so does a platform that refused or stayed silent (参考价 13(1)).
2. The court finds errors in some reports: they stay out and are not sent back, for one is right. In all: only those
   that were corrected in time count (12).
3. Of the reports that stand, objections met none: their mean. Met some: the mean of those that met none, whatever the
   decision. Met all: the mean of those whose objection was rejected or whose report was corrected (13).
4. The mean is rounded once, half up, to the fen, by `auction.law.prices` (law L6).
5. The price is valid until the earliest validity among the reports that count (V2).
6. Nothing that counts is no price: an entrusted appraisal follows (11(3), 14).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from auction.kernel.errors import Unlawful
from auction.kernel.money import Money
from auction.kernel.sentences import Said
from auction.law.prices import mean_price

Outcome = Literal["in_time", "late", "silent", "refused"]
Flaw = Literal["none", "found", "corrected", "uncorrected"]
Objected = Literal["none", "open", "rejected", "upheld", "cured"]
Branch = Literal["all_in_time", "some_in_time", "objections_to_some", "objections_to_all", "none"]
Why = Literal[
    "in_time",
    "corrected",
    "not_objected",
    "objection_rejected",
    "objection_cured",
    "awaited",
    "late",
    "silent",
    "refused",
    "flawed",
    "to_correct",
    "uncorrected",
    "objected",
    "objection_open",
    "objection_upheld",
]


class NoReportInTime(Unlawful):
    """No report counts: the price must come from an entrusted appraisal."""

    code = "no_report_in_time"
    article = "参考价 11(3), 13, 14"
    zh = "各平台均未在期限内出具或者补正报告，应当转入委托评估。"
    en = "No platform reported or corrected in time; an entrusted appraisal follows."


class PlatformPart(msgspec.Struct, frozen=True, kw_only=True):
    """One platform's part in an inquiry, as far as it matters for the price."""

    platform_id: str
    outcome: Outcome | None
    """``None`` while an answer may still come in time."""
    value_fen: int | None = None
    """Of the newest report that came in time; ``None`` without one."""
    valid_until: date | None = None
    sha256: str = ""
    version: int = 0
    flaw: Flaw = "none"
    """``found``: not sent back (another is right), or not corrected yet."""
    objection: Objected = "none"
    """``upheld`` until the report is corrected, then ``cured``."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a report counts or not: one sentence with its article."""

    counts: bool
    article: str
    said: Said


REASONS: dict[Why, Reason] = {
    "in_time": Reason(counts=True, article="参考价 13(1)", said=Said("按期出具", "reported in time")),
    "corrected": Reason(counts=True, article="参考价 12, 13(1)", said=Said("按期补正", "corrected in time")),
    "not_objected": Reason(
        counts=True, article="参考价 13(2)", said=Said("未被提出异议", "no objection was raised against it")
    ),
    "objection_rejected": Reason(
        counts=True, article="参考价 13(2)", said=Said("异议被驳回", "the objection to it was rejected")
    ),
    "objection_cured": Reason(
        counts=True, article="参考价 13(2)", said=Said("异议成立后已补正", "it was corrected after a founded objection")
    ),
    "awaited": Reason(counts=False, article="参考价 11(1)", said=Said("等待报告", "its report is awaited")),
    "late": Reason(counts=False, article="参考价 13(1)", said=Said("逾期出具", "it came late")),
    "silent": Reason(counts=False, article="参考价 13(1)", said=Said("未出具", "no report came")),
    "refused": Reason(counts=False, article="参考价 9, 13(1)", said=Said("平台拒绝出具", "the platform refused")),
    "flawed": Reason(
        counts=False,
        article="参考价 12",
        said=Said(
            "报告有误，另有报告无误，不退回补正", "it has errors; another report is right, so it is not sent back"
        ),
    ),
    "to_correct": Reason(
        counts=False, article="参考价 12", said=Said("报告有误，待补正", "it has errors and waits for its correction")
    ),
    "uncorrected": Reason(
        counts=False, article="参考价 11(3), 12", said=Said("未按期补正", "it was not corrected in time")
    ),
    "objected": Reason(
        counts=False,
        article="参考价 13(2)",
        said=Said("被提出异议，另有报告未被提出异议", "an objection met it; other reports met none"),
    ),
    "objection_open": Reason(
        counts=False, article="参考价 22", said=Said("异议尚未处理", "the objection to it is not decided")
    ),
    "objection_upheld": Reason(
        counts=False,
        article="参考价 13(2), 22",
        said=Said("异议成立且未补正", "the objection is founded; not corrected"),
    ),
}
BRANCHES: dict[Branch, Reason] = {
    "all_in_time": Reason(
        counts=True,
        article="参考价 13(1)",
        said=Said("各平台均按期出具：全部结果的平均值", "All reported in time: the mean of all results"),
    ),
    "some_in_time": Reason(
        counts=True,
        article="参考价 12, 13(1)",
        said=Said(
            "部分平台按期出具且无误：该部分结果的平均值",
            "Some reported rightly and in time: the mean of these results",
        ),
    ),
    "objections_to_some": Reason(
        counts=True,
        article="参考价 13(2)",
        said=Said(
            "部分报告被提出异议：未被提出异议的结果的平均值",
            "Some reports met objections: the mean of the results that met none",
        ),
    ),
    "objections_to_all": Reason(
        counts=True,
        article="参考价 13(2)",
        said=Said(
            "全部报告被提出异议：异议被驳回或者已补正的结果的平均值",
            "All reports met objections: the mean of the results whose objection was rejected or that were corrected",
        ),
    ),
    "none": Reason(
        counts=False,
        article="参考价 11(3), 14",
        said=Said("没有可计入的报告：转入委托评估", "No report counts: an entrusted appraisal follows"),
    ),
}


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether one platform's report counts, and why."""

    platform_id: str
    why: Why

    @property
    def reason(self) -> Reason:
        """The sentence and the article."""
        return REASONS[self.why]

    @property
    def counts(self) -> bool:
        """Whether it counts."""
        return self.reason.counts


class Counting(msgspec.Struct, frozen=True, kw_only=True):
    """All reports weighed; ``branch`` names the rule of art. 13 that applied."""

    weighed: tuple[Weighed, ...]
    branch: Branch

    @property
    def counted(self) -> frozenset[str]:
        """The platforms whose reports count."""
        return frozenset(one.platform_id for one in self.weighed if one.counts)


def count(parts: Sequence[PlatformPart]) -> Counting:
    """Weigh all parts of an inquiry (rules 1–3), in the order given. Source: 参考价 11(3), 12, 13."""
    standing = standing_reports(parts)
    met = {part.platform_id for part in standing if part.objection != "none"}
    all_met = bool(met) and len(met) == len(standing)
    one_right = any(part.flaw == "none" for part in parts if part.outcome == "in_time")
    ids = {part.platform_id for part in standing}
    weighed = tuple(
        Weighed(
            platform_id=part.platform_id,
            why=_why_standing(part, met=bool(met), all_met=all_met)
            if part.platform_id in ids
            else _why_out(part, one_right=one_right),
        )
        for part in parts
    )
    return Counting(weighed=weighed, branch=_branch(weighed, met=bool(met), all_met=all_met))


def standing_reports(parts: Sequence[PlatformPart]) -> list[PlatformPart]:
    """Give the reports that came in time and are right, or were corrected in time (rules 1 and 2)."""
    return [part for part in parts if part.outcome == "in_time" and part.flaw in ("none", "corrected")]


def _why_out(part: PlatformPart, *, one_right: bool) -> Why:
    if part.outcome != "in_time":
        return part.outcome or "awaited"
    if part.flaw == "uncorrected":
        return "uncorrected"
    return "flawed" if one_right else "to_correct"


def _why_standing(part: PlatformPart, *, met: bool, all_met: bool) -> Why:
    if not met:
        return "corrected" if part.flaw == "corrected" else "in_time"
    if not all_met:
        return "not_objected" if part.objection == "none" else "objected"
    decided: dict[Objected, Why] = {
        "open": "objection_open",
        "rejected": "objection_rejected",
        "upheld": "objection_upheld",
        "cured": "objection_cured",
    }
    return decided[part.objection]


def _branch(weighed: Sequence[Weighed], *, met: bool, all_met: bool) -> Branch:
    if not any(one.counts for one in weighed):
        return "none"
    if met:
        return "objections_to_all" if all_met else "objections_to_some"
    return "all_in_time" if all(one.counts for one in weighed) else "some_in_time"


def counted(parts: Sequence[PlatformPart]) -> list[PlatformPart]:
    """Give the parts whose mean is the price; refuses with `NoReportInTime` when there is none (rule 6)."""
    chosen = count(parts).counted
    if not chosen:
        raise NoReportInTime
    return [part for part in parts if part.platform_id in chosen]


def mean_value(parts: Sequence[PlatformPart]) -> Money:
    """Give the price that these reports make (rule 4). Source: 参考价 13."""
    return mean_price([Money(part.value_fen) for part in counted(parts) if part.value_fen is not None])


def valid_until(parts: Sequence[PlatformPart]) -> date:
    """Give the last day on which the price is valid (rule 5)."""
    return min(part.valid_until for part in counted(parts) if part.valid_until is not None)


def must_all_be_corrected(parts: Sequence[PlatformPart]) -> bool:
    """Whether the court found errors in every report that came in time, and none was sent back yet. Source: 参考价 12."""
    in_time = [part for part in parts if part.outcome == "in_time"]
    return bool(in_time) and all(part.flaw == "found" for part in in_time)


def must_meet_objections(parts: Sequence[PlatformPart]) -> bool:
    """Whether founded objections met every report that stands, so that all are sent back. Source: 参考价 13(2), 22."""
    standing = standing_reports(parts)
    return bool(standing) and all(part.objection == "upheld" for part in standing)
