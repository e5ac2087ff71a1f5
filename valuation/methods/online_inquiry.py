"""Online inquiry (网络询价): all listed platforms are asked at once; the mean of the right reports is the price.

1. All listed platforms get the mandate at the same moment (参考价 10).
2. A platform has three days from receipt; an answer later than that counts as late and stays out (11(1), 13(1)).
3. A report shows at least three kinds of price data, a value, and a validity of at most a year (8, 27).
4. The price is the mean of the reports in time. If objections met all of them and were rejected, it is the mean of
   those; if they met some, it is the mean of the reports that met none (13).
5. The mean is rounded by `auction.law.prices` (a declared reading).
6. The price is valid until the earliest validity among the reports that count (a declared reading of 27).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.kernel.money import Money
from auction.kernel.sentences import Said
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from auction.law.periods import add_months, legal_period
from auction.law.prices import mean_price


class ReportMalformed(Malformed):
    """A platform's report lacks what the law wants in it."""

    code = "report_malformed"
    article = "参考价 8, 11(1)"
    zh = "询价报告不符合要求：{reason}。"
    en = "The inquiry report is not acceptable: {reason}."


class NoPlatformListed(Conflict):
    """No platform is listed in this installation, so nobody can be asked."""

    code = "no_platform_listed"
    article = "参考价 10"
    zh = "未配置名单库中的询价平台。"
    en = "No listed inquiry platform is configured."


class NoReportInTime(Unlawful):
    """No platform answered in time: the price must come from an entrusted appraisal."""

    code = "no_report_in_time"
    article = "参考价 11(3), 14"
    zh = "各平台均未在期限内出具报告，应当转入委托评估。"
    en = "No platform answered in time; an entrusted appraisal follows."


class PlatformReport(msgspec.Struct, frozen=True, kw_only=True):
    """One platform's report as it counts for the price."""

    platform_id: str
    value_fen: int
    valid_until: date
    price_kinds: tuple[str, ...]
    in_time: bool
    sha256: str
    objected: bool = False
    """Whether an objection met this report, whatever became of it."""


def answer_deadline(received_at: datetime, calendar: Calendar) -> datetime:
    """Give the first instant at which a platform's report is late (rule 2). Source: 参考价 11(1); CPL 85."""
    received_on = local_day(received_at)
    return legal_period(LAW.parameter("reference_price.inquiry_days", on=received_on), received_on, calendar).deadline


def check_report(report: PlatformReport, *, arrived_on: date) -> None:
    """Refuse a report without three kinds of price data, with a validity already over or beyond a year."""
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


def counted(reports: Sequence[PlatformReport]) -> list[PlatformReport]:
    """Give the reports whose mean is the price (rules 2 and 4); refuses with `NoReportInTime` when there is none."""
    in_time = [report for report in reports if report.in_time]
    if not in_time:
        raise NoReportInTime
    clean = [report for report in in_time if not report.objected]
    return clean or in_time


def mean_value(reports: Sequence[PlatformReport]) -> Money:
    """Give the price that these reports make. Source: 参考价 13."""
    return mean_price([Money(report.value_fen) for report in counted(reports)])


def valid_until(reports: Sequence[PlatformReport]) -> date:
    """Give the last day on which the price is valid (rule 6)."""
    return min(report.valid_until for report in counted(reports))
