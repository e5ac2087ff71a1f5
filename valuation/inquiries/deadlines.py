"""Deadlines of an online inquiry: three days, an extension, corrections, and the days of a stay deducted. Pure.

1. A platform reports within three days of the mandate; an answer later than that is late (参考价 11(1)).
2. More time is asked before expiry, once. If some reported in time, nobody gets it; if all failed, those that asked get
   three days more, from the day on which the first term ended; who did not ask does not share it (11(2), law L12).
3. All failed and none asked: the inquiry has failed (11(3)).
4. A correction is due within three days (12).
5. Days of a stay are deducted, the days of its beginning and end included (28, V35).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from auction.kernel.clock import MICROSECOND, local_day
from auction.kernel.errors import Conflict, Unlawful
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from auction.law.periods import Pause, deadline_at, is_in_time, legal_period, paused_end

Term = Literal["inquiry_days", "inquiry_extension_days", "inquiry_correction_days", "inquiry_reissue_days"]
ONE_DAY = timedelta(days=1)


class ExtensionAskedLate(Unlawful):
    """More time is asked before the term ends."""

    code = "extension_asked_late"
    article = "参考价 11(2)"
    zh = "延期申请应当在期限届满前提出，期限已于 {deadline_at} 届满。"
    en = "More time is asked before expiry; the term ended at {deadline_at}."


class ExtensionAskedTwice(Unlawful):
    """There is one extension only."""

    code = "extension_asked_twice"
    article = "参考价 11(2)"
    zh = "网络询价只能延期一次。"
    en = "An online inquiry is extended once only."


class ReportInAlready(Conflict):
    """Who has reported or refused needs no more time."""

    code = "report_in_already"
    article = "参考价 11(2)"
    zh = "该平台已经答复，无需延期。"
    en = "This platform has answered already and needs no more time."


class Expiry(msgspec.Struct, frozen=True, kw_only=True):
    """What the end of a term means: a mean, more time for ``extended``, or failure."""

    result: Literal["mean", "extend", "failed"]
    extended: frozenset[str] = frozenset()


def term_end(term: Term, start_day: date, calendar: Calendar, pauses: Collection[Pause] = ()) -> datetime:
    """Give the first instant that is too late (rules 1, 2, 4, 5). Source: 参考价 11, 12, 28; CPL 85."""
    parameter = LAW.parameter(f"reference_price.{term}", on=start_day)
    if not pauses:
        return legal_period(parameter, start_day, calendar).deadline
    days = LAW.days(f"reference_price.{term}", on=start_day)
    return deadline_at(paused_end(start_day, days, list(pauses), calendar, rolls=bool(parameter.rolls)))


def last_day(deadline: datetime) -> date:
    """Give the last day of a term by its first instant too late."""
    return local_day(deadline - MICROSECOND)


def at_expiry(*, in_time: Collection[str], asked_for_more: Collection[str], was_extended: bool) -> Expiry:
    """Say what the end of the term means (rules 2 and 3). Source: 参考价 11(2), 11(3)."""
    if in_time:
        return Expiry(result="mean")
    if asked_for_more and not was_extended:
        return Expiry(result="extend", extended=frozenset(asked_for_more))
    return Expiry(result="failed")


def check_extension(
    at: datetime, *, deadline: datetime, was_asked: bool, was_extended: bool, has_answered: bool
) -> None:
    """Refuse more time after the answer, a second time, or after expiry (rule 2)."""
    if has_answered:
        raise ReportInAlready
    if was_asked or was_extended:
        raise ExtensionAskedTwice
    if not is_in_time(at, deadline):
        raise ExtensionAskedLate(deadline_at=deadline.isoformat())


def pauses_of(stays: Iterable[tuple[datetime, datetime]]) -> list[Pause]:
    """Give the days of all stays, those that touch made one (rule 5)."""
    merged: list[Pause] = []
    for began, ended in sorted(stays):
        first, last = local_day(began), local_day(ended)
        if merged and first <= merged[-1].last + ONE_DAY:
            first, last = merged[-1].first, max(last, merged[-1].last)
            merged.pop()
        merged.append(Pause(first, last))
    return merged
