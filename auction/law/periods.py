"""Court days and periods: pure arithmetic of dates and instants.

1. The day from which a period runs is not counted; day N is the N-th day after it (CPL 85; Interp. 125).
2. The end rolls over to the next working day only where it ends *an act* (an objection, a payment, a report). Lead
   times, deemed dates, lengths of a seizure, bidding ends and extensions never roll (auction/DECISIONS L2).
3. A lead time of N days means N clear days: neither the day of notice nor the day of sale is counted.
4. "After N full days" is complete at the end of the N-th day after the day of publication.
5. Months and years end on the same date, or at the end of a month that lacks it (Civil Code 202).
6. Hour periods run from the event itself, to the microsecond, and never roll.
7. An act is in time before the first instant of the next day in Beijing (24:00); instants are half open, so
   23:59:59.999999 is in time and 00:00:00.000000 is late. Electronic filing is open until then.

Source: CPL 85; Interp. 125; Civil Code 201–203; 网拍 12, 16, 20, 26; 参考价 19, 21.
"""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from auction.kernel.clock import day_start
from auction.kernel.errors import Malformed
from auction.law.calendar import Calendar
from auction.law.parameters import Parameter

ONE_DAY = timedelta(days=1)
MAX_WORKING_DAYS = 1000
"""No working-day period is longer; the count is a loop."""


class PauseInvalid(Malformed):
    """The pauses of a period overlap or end before they begin."""

    code = "pause_invalid"
    article = "参考价 19(1)"
    zh = "期间扣除的暂缓、中止时段无效：{first} 至 {last}。"
    en = "The pause from {first} to {last} cannot be deducted: it overlaps another or ends before it begins."


@dataclass(frozen=True, slots=True)
class Pause:
    """Days, both included, on which a period does not run."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Period:
    """A period with its end, and what the end rests on; what a stored deadline keeps."""

    start_day: date
    """The day of the event, which is not counted."""
    end_day: date
    """The last day on which the act is in time."""
    rolled: bool
    provisional: bool
    """Whether the end, or a day that it rolled over, still waits for the year's holiday notice."""
    calendar_version: str
    cite: str

    @property
    def deadline(self) -> datetime:
        """The first instant that is too late."""
        return deadline_at(self.end_day)


def period_end(start_day: date, days: int, calendar: Calendar, *, rolls: bool = True) -> date:
    """Give the last day of a period of ``days`` natural days that runs from ``start_day`` (not counted).

    Source: CPL 85.
    """
    assert days > 0, "a period has at least one day"
    end = start_day + days * ONE_DAY
    return calendar.first_working_day(end) if rolls else end


def months_end(start_day: date, months: int, calendar: Calendar, *, rolls: bool = True) -> date:
    """Give the last day of a period of whole months: same date, or the month's end. Source: CPL 85; Civil Code 202."""
    assert months > 0, "a period has at least one month"
    end = add_months(start_day, months)
    return calendar.first_working_day(end) if rolls else end


def years_end(start_day: date, years: int, calendar: Calendar, *, rolls: bool = True) -> date:
    """Give the last day of a period of whole years: same date, or 28 February. Source: CPL 85; Civil Code 202."""
    return months_end(start_day, 12 * years, calendar, rolls=rolls)


def working_days_end(start_day: date, days: int, calendar: Calendar) -> date:
    """Give the ``days``-th working day after ``start_day``; a working day needs no roll-over."""
    assert 0 < days <= MAX_WORKING_DAYS, "a working-day period has a limit"
    end = start_day
    for _ in range(days):
        end = calendar.first_working_day(end + ONE_DAY)
    return end


def paused_end(start_day: date, days: int, pauses: Sequence[Pause], calendar: Calendar, *, rolls: bool = True) -> date:
    """Give the end of a period from which the days of all ``pauses`` are deducted.

    Raises: `PauseInvalid` when pauses overlap each other or end before they begin.
    Source: 参考价 19(1).
    """
    ordered = _disjoint(pauses)
    end = start_day + days * ONE_DAY
    for pause in ordered:
        first = max(pause.first, start_day + ONE_DAY)
        if first <= end and first <= pause.last:
            end += ((pause.last - first).days + 1) * ONE_DAY
    return calendar.first_working_day(end) if rolls else end


def _disjoint(pauses: Sequence[Pause]) -> list[Pause]:
    """Sort pauses; refuse one that ends before it begins or shares a day with another."""
    ordered = sorted(pauses, key=lambda pause: pause.first)
    free_from = date.min
    for pause in ordered:
        if pause.last < pause.first or pause.first < free_from:
            raise PauseInvalid(first=pause.first.isoformat(), last=pause.last.isoformat())
        free_from = pause.last + ONE_DAY
    return ordered


def add_months(day: date, months: int) -> date:
    """Give the same date ``months`` later, or the last day of a month that lacks it."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = month_lengths.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def deadline_at(end_day: date) -> datetime:
    """Give the first instant that is too late: 24:00 Beijing time of ``end_day``, in UTC. Source: Civil Code 203."""
    return day_start(end_day + ONE_DAY)


def is_in_time(at: datetime, deadline: datetime) -> bool:
    """Whether an act at ``at`` is before the exclusive ``deadline``."""
    assert at.tzinfo is not None and deadline.tzinfo is not None, "instants are aware"
    return at < deadline


def earliest_after_clear_days(notice_day: date, clear_days: int) -> date:
    """Give the first day that leaves ``clear_days`` full days after ``notice_day``. Source: 网拍 12, 16, 26."""
    assert clear_days >= 0, "clear days are counted"
    return notice_day + (clear_days + 1) * ONE_DAY


def latest_notice_day(sale_day: date, clear_days: int) -> date:
    """Give the last day on which notice still leaves ``clear_days`` full days before ``sale_day``."""
    assert clear_days >= 0, "clear days are counted"
    return sale_day - (clear_days + 1) * ONE_DAY


def clear_days_between(notice_day: date, sale_day: date) -> int:
    """Count the full days between two days; negative when the sale is not later than the notice."""
    return (sale_day - notice_day).days - 1


def deemed_on(published_day: date, full_days: int) -> date:
    """Give the day at whose end ``full_days`` full days of publication are complete; it never rolls over.

    Source: 网拍 16; 参考价 21; CPL 95.
    """
    assert full_days > 0, "a publication lasts at least a day"
    return published_day + full_days * ONE_DAY


def latest_request_day(end_day: date, days_before: int) -> date:
    """Give the last day for a request due ``days_before`` days before ``end_day``, counted back by the calendar.

    Source: 参考价 19(2), read in the asker's favour (auction/DECISIONS L4).
    """
    assert days_before >= 0, "days are counted back"
    return end_day - days_before * ONE_DAY


def hours_end(event_at: datetime, length: timedelta) -> datetime:
    """Give the last instant of an hour period: the event plus its length, exactly; it is itself in time.

    Source: Civil Code 201(2), 1259 (以内 includes the number); `auction/DECISIONS.md` F41.
    """
    assert event_at.tzinfo is not None, "instants are aware"
    return event_at + length


def is_within_hours(at: datetime, last: datetime) -> bool:
    """Whether an act at ``at`` is within the hours that end with the instant ``last`` (`hours_end`)."""
    assert at.tzinfo is not None and last.tzinfo is not None, "instants are aware"
    return at <= last


def legal_period(parameter: Parameter, start_day: date, calendar: Calendar) -> Period:
    """Run the period that ``parameter`` fixes from ``start_day``, by its unit and its rule of roll-over.

    Natural days, months, years and working days only; lead times and deemed dates have functions of their own.
    """
    if parameter.unit == "working_days":
        plain = end = working_days_end(start_day, _whole(parameter), calendar)
    else:
        plain = _plain_end(parameter, start_day)
        end = calendar.first_working_day(plain) if parameter.rolls else plain
    depends_on_notice = parameter.unit == "working_days" or parameter.rolls is True
    return Period(
        start_day=start_day,
        end_day=end,
        rolled=end != plain,
        provisional=depends_on_notice and (calendar.is_provisional(plain) or calendar.is_provisional(end)),
        calendar_version=calendar.version,
        cite=parameter.cite,
    )


def lengthen(running: Period, recomputed: Period) -> Period:
    """Give the later of two ends of one running period: a corrected calendar may lengthen it, never shorten it."""
    assert running.start_day == recomputed.start_day, "one period has one start"
    return recomputed if recomputed.end_day > running.end_day else running


def _whole(parameter: Parameter) -> int:
    assert isinstance(parameter.value, int), f"{parameter.key} is no whole number"
    return parameter.value


def _plain_end(parameter: Parameter, start_day: date) -> date:
    """The end before any roll-over."""
    length = _whole(parameter)
    if parameter.unit == "natural_days":
        return start_day + length * ONE_DAY
    assert parameter.kind in ("months", "years"), f"{parameter.key} is not a period that runs from an event"
    return add_months(start_day, length if parameter.kind == "months" else 12 * length)
