"""Online inquiry (网络询价): all listed platforms are asked at once; what a report must have to be taken.

1. All listed platforms get the mandate at the same moment (参考价 10).
2. A report has basics, samples, method, result and validity (11(1)); it shows at least three kinds of price data, a value that is one, and a validity of at most a year (8, 27).
3. A report is kept for ten years at least, with its fingerprint (8).

What is in time says `deadlines`; which reports make the price says `counting`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from auction.kernel.errors import Conflict, Malformed
from auction.kernel.money import BOUND_FEN
from auction.kernel.sentences import Said
from auction.law.parameters import LAW
from auction.law.periods import add_months


class ReportMalformed(Malformed):
    """A platform's report lacks what the law wants in it."""

    code = "report_malformed"
    article = "参考价 8, 11(1), 27"
    zh = "询价报告不符合要求：{reason}。"
    en = "The inquiry report is not acceptable: {reason}."


class NoPlatformListed(Conflict):
    """No platform is listed in this installation, so nobody can be asked."""

    code = "no_platform_listed"
    article = "参考价 10"
    zh = "未配置名单库中的询价平台。"
    en = "No listed inquiry platform is configured."


class ReportContent(msgspec.Struct, frozen=True, kw_only=True):
    """What is checked of a report before it is taken."""

    value_fen: int
    valid_until: date
    price_kinds: tuple[str, ...]


PARTS: Mapping[str, Said] = {
    "features": Said("财产基本情况", "the basics of the thing"),
    "samples": Said("参照样本", "the samples"),
    "method": Said("计算方法", "the method"),
    "value_fen": Said("询价结果", "the result"),
    "valid_until": Said("结果有效期", "the validity"),
}
"""What a report must contain (11(1)), by the field of its document."""


def missing_parts(document: Mapping[str, object]) -> tuple[str, ...]:
    """Give the fields that a report's document lacks or leaves empty (rule 2). Source: 参考价 11(1)."""
    return tuple(part for part in PARTS if not document.get(part))


def check_parts(missing: Sequence[str]) -> None:
    """Refuse (`ReportMalformed`) a report that lacks what the law wants in it. Source: 参考价 11(1)."""
    if missing:
        lacks = [PARTS[part] for part in missing]
        zh, en = "、".join(part.zh for part in lacks), ", ".join(part.en for part in lacks)
        raise ReportMalformed(reason=Said(f"缺少{zh}", f"it lacks {en}"))


def keep_until(arrived_on: date) -> date:
    """Give the day until which a report is kept at least (rule 3). Source: 参考价 8."""
    return add_months(arrived_on, 12 * LAW.years("reference_price.platform_retention_years", on=arrived_on))


def check_report(report: ReportContent, *, arrived_on: date) -> None:
    """Refuse a report without three kinds of price data, without a value, or with a validity over or beyond a year."""
    kinds = LAW.count("reference_price.platform_price_kinds_min", on=arrived_on)
    if len(set(report.price_kinds)) < kinds:
        given = len(set(report.price_kinds))
        said = Said(f"价格数据为{given}类，少于{kinds}类", f"it has {given} kinds of price data; {kinds} are needed")
        raise ReportMalformed(reason=said)
    longest = add_months(arrived_on, LAW.months("reference_price.validity_max_months", on=arrived_on))
    if not arrived_on <= report.valid_until <= longest:
        until = report.valid_until.isoformat()
        raise ReportMalformed(
            reason=Said(f"有效期至 {until} 不在法定范围内", f"its validity until {until} is not lawful")
        )
    if not report.value_fen > 0:
        raise ReportMalformed(reason=Said("价格应当大于零", "its price is not above zero"))
    if report.value_fen >= BOUND_FEN:
        raise ReportMalformed(reason=Said("价格的位数超出上限", "its price has more digits than any price has"))
