"""What a platform must be and do to stand on the list (参考价 8(2)). Pure.

1. It is licensed for its business, and runs soundly: it keeps the rules, is safe, and has a good record.
2. It has true data of at least three kinds of prices, and analyses them by a method of its own.
3. It keeps its data for ten years at least.

The list itself is the Supreme People's Court's: the register enters a platform by the published paper. These conditions are what that
paper answers for, and what the yearly review asks again (9(1)).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from auction.kernel.errors import Unlawful
from auction.kernel.sentences import Said
from auction.law.parameters import LAW


class PlatformConditionsNotMet(Unlawful):
    """A condition of the list is not met."""

    code = "platform_conditions_not_met"
    article = "参考价 8(2)"
    zh = "该平台不符合入库条件：{missing}。"
    en = "The platform does not meet the conditions of the list: {missing}."


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a platform."""

    is_licensed: bool
    runs_soundly: bool
    price_kinds: tuple[str, ...]
    data_is_true: bool
    analyses: bool
    retention_years: int


def check_conditions(found: Conditions, *, on: date) -> None:
    """Refuse a platform that does not meet the conditions (rules 1 to 3), and name the first one. Source: 参考价 8(2)."""
    for missing in _missing(found, on):
        raise PlatformConditionsNotMet(missing=missing)


def _missing(found: Conditions, on: date) -> Iterator[Said]:
    kinds = LAW.count("reference_price.platform_price_kinds_min", on=on)
    years = LAW.years("reference_price.platform_retention_years", on=on)
    if not found.is_licensed:
        yield Said("缺少相应资质", "it has no licence for its business")
    if len(set(found.price_kinds)) < kinds:
        yield Said(f"价格数据少于{kinds}类", f"it has fewer than {kinds} kinds of price data")
    if not found.data_is_true:
        yield Said("数据不真实", "its data are not true")
    if not found.analyses:
        yield Said("不具备数据分析能力", "it does not analyse its data")
    if found.retention_years < years:
        yield Said(f"数据保存不足{years}年", f"it keeps its data for less than {years} years")
    if not found.runs_soundly:
        yield Said("运行不规范、不安全或者信誉不良", "it does not run soundly")
