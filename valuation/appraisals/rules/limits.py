"""The time for a report: thirty days, less deferral and stay, and its lawful extensions.

1. Thirty days run from the day on which the mandate reached the agency (参考价 19(1); V17).
2. Days of deferral and stay are deducted: from the day of the decision to the day before it ends. Missing material stops
   the clock only where the court defers the appraisal for it (28(1)(2); V18).
3. An extension is asked in writing at least five days before the end, at most twice granted, each for at most fifteen
   days, from the end as it stands (19(2)).
4. The end rolls to the next working day; it never lies within a pause.
5. A report is in time before 24:00 of the last day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from auction.law.periods import (
    ONE_DAY,
    Pause,
    deadline_at,
    is_in_time,
    latest_request_day,
    legal_period,
    paused_end,
)


class ExtensionAskedLate(Unlawful):
    """The request came later than five days before the end."""

    code = "appraisal_extension_asked_late"
    article = "参考价 19(2)"
    zh = "延长期限应当在届满五日前申请，最迟为 {latest}。"
    en = "An extension is asked five days before the end; the last day was {latest}."


class ExtensionTooLong(Unlawful):
    """More days are asked, or granted, than the law lets the court grant at once."""

    code = "appraisal_extension_too_long"
    article = "参考价 19(2)"
    zh = "每次延长不超过{most}日，所列为{given}日。"
    en = "One extension is at most {most} days; {given} are named."


class ExtensionsUsedUp(Unlawful):
    """The law lets the court extend so many times only."""

    code = "appraisal_extensions_used_up"
    article = "参考价 19(2)"
    zh = "延长期限已达{most}次，不得再次延长。"
    en = "The term was extended {most} times already; it cannot be extended again."


class ExtensionPending(Conflict):
    """The court has not decided the request before this one."""

    code = "appraisal_extension_pending"
    article = "参考价 19(2)"
    zh = "前一次延长申请尚未决定。"
    en = "The court has not decided the earlier request yet."


class PauseBackdated(Malformed):
    """A pause ends before it begins, or begins in the future."""

    code = "appraisal_pause_misdated"
    article = "参考价 19(1), 28"
    zh = "暂缓、中止的起止日期有误：{day}。"
    en = "The pause is misdated: {day}."


def last_day(key: str, start_day: date, calendar: Calendar) -> date:
    """Give the last day of the legal period ``reference_price.<key>`` that runs from ``start_day``."""
    return legal_period(LAW.parameter(f"reference_price.{key}", on=start_day), start_day, calendar).end_day


def moved_day(key: str, start_day: date, *, pauses: Sequence[Pause], calendar: Calendar) -> date:
    """Give the last day of a period as `last_day`, less the days of deferral and stay (rules 2, 4). Source: 参考价 19(1), 28."""
    if not pauses:
        return last_day(key, start_day, calendar)
    days = LAW.days(f"reference_price.{key}", on=start_day)
    return _outside(paused_end(start_day, days, pauses, calendar), pauses, calendar)


def report_end(
    received_on: date, *, is_reissue: bool, pauses: Sequence[Pause], extensions: Sequence[int], calendar: Calendar
) -> date:
    """Give the last day for the report, or for a report issued again. Source: 参考价 19(1), 19(2), 19(4)."""
    key = "reference_price.appraisal_reissue_days" if is_reissue else "reference_price.appraisal_days"
    end = _outside(paused_end(received_on, LAW.days(key, on=received_on), pauses, calendar), pauses, calendar)
    for more in extensions:
        end = extended_end(end, more, pauses=pauses, calendar=calendar)
    return end


def extended_end(end: date, days: int, *, pauses: Sequence[Pause], calendar: Calendar) -> date:
    """Give the end that a granted extension moves, from the end as it stands (rule 3). Source: 参考价 19(2)."""
    return _outside(paused_end(end, days, pauses, calendar), pauses, calendar)


def _outside(end: date, pauses: Sequence[Pause], calendar: Calendar) -> date:
    """Move an end that rolled into a pause to the first working day after it."""
    for pause in sorted(pauses, key=lambda held: held.first):
        if pause.first <= end <= pause.last:
            end = calendar.first_working_day(pause.last + ONE_DAY)
    return end


def check_extension_request(at: datetime, *, end_day: date, granted: int, days: int) -> None:
    """Refuse a request that is late, too long or one too many (rule 3)."""
    on = local_day(at)
    check_extension_length(days, on=on)
    most = LAW.count("reference_price.appraisal_extension_times", on=on)
    if granted >= most:
        raise ExtensionsUsedUp(most=most)
    latest = latest_request_day(end_day, LAW.days("reference_price.appraisal_ask_before_end_days", on=on))
    if not is_in_time(at, deadline_at(latest)):
        raise ExtensionAskedLate(latest=latest.isoformat())


def check_extension_length(days: int, *, on: date) -> None:
    """Refuse an extension of no day, or of more than the law allows at once."""
    most = LAW.days("reference_price.appraisal_extension_days", on=on)
    if not 0 < days <= most:
        raise ExtensionTooLong(most=most, given=days)
