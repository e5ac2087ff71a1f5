"""The register of inquiry platforms: listed, late, removed, barred. Pure.

1. A platform is asked while it is listed: from its listing on, until it is removed (参考价 8, 10).
2. A result that is late, or never came, counts as late on the day after its term, once per inquiry, unless the court
   accepted the platform's reason (9). More time that was granted is not late.
3. Five late results in a year, any twelve months in a row (law L12), to the same date of the next year: removal (9).
4. Refusing without a reason that the court accepts, collusion, fraud, leaks, a failed review: removal (9).
5. Who was removed is barred for five years, to the same date; on the day after it may be listed again (9).
6. Removal is decided by a person on a stated ground; the count itself removes nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.law.parameters import LAW
from auction.law.periods import add_months

RemovalGround = Literal["refused", "late", "collusion", "fraud", "leak", "failed_review", "other"]
ONE_DAY = timedelta(days=1)


class PlatformBarred(Unlawful):
    """A removed platform is not listed again before its bar is over."""

    code = "platform_barred"
    article = "参考价 9"
    zh = "该平台被除名后禁止入库至 {barred_until}。"
    en = "This platform was removed and is barred until {barred_until}."


class PlatformListedAlready(Conflict):
    """The platform is on the list."""

    code = "platform_listed_already"
    article = "参考价 8"
    zh = "该平台已在名单库中。"
    en = "This platform is on the list already."


class PlatformNotListed(NotFound):
    """The platform is not on the list."""

    code = "platform_not_listed"
    article = "参考价 8, 9, 10"
    zh = "名单库中没有该平台。"
    en = "This platform is not on the list."


class PlatformUnconnected(Conflict):
    """A platform on the list has no connection, so not all listed platforms can be asked."""

    code = "listed_platform_unconnected"
    article = "参考价 10"
    zh = "名单库中的平台未接入，不能同时委托全部平台：{platforms}。"
    en = "Listed platforms are not connected, so not all can be asked at once: {platforms}."


class RemovalUnfounded(Unlawful):
    """What the ground needs is not on record."""

    code = "platform_removal_unfounded"
    article = "参考价 9"
    zh = "除名事由不成立：{ground}（记录 {recorded}，需要 {needed}）。"
    en = "The ground for removal is not met: {ground} ({recorded} on record, {needed} needed)."


class ListingDayWrong(Malformed):
    """The day of a listing or removal is still to come."""

    code = "platform_listing_day_wrong"
    article = "house: the register records what has happened"
    zh = "日期 {day} 晚于今天。"
    en = "The day {day} is still to come."


class Lateness(msgspec.Struct, frozen=True, kw_only=True):
    """Late results of a platform: how many count now, and the most that ever fell into one year."""

    in_last_year: int
    worst_year: int
    limit: int

    @property
    def is_due(self) -> bool:
        """Whether the law asks for removal (rule 3)."""
        return self.worst_year >= self.limit


def late_on(deadline_day: date) -> date:
    """Give the day on which a result that was due on ``deadline_day`` is late (rule 2)."""
    return deadline_day + ONE_DAY


def lateness(late_days: Collection[date], *, today: date) -> Lateness:
    """Count late results of which no reason was accepted (rules 2 and 3). Source: 参考价 9."""
    days = sorted(late_days)
    return Lateness(
        in_last_year=sum(1 for day in days if day <= today <= _year_after(day)),
        worst_year=max((_within_a_year(days, first) for first in days), default=0),
        limit=LAW.count("reference_price.platform_late_limit_per_year", on=today),
    )


def _within_a_year(days: Sequence[date], first: date) -> int:
    return sum(1 for day in days if first <= day <= _year_after(first))


def _year_after(day: date) -> date:
    return add_months(day, 12)


def barred_until(removed_on: date) -> date:
    """Give the last day of the bar (rule 5). Source: 参考价 9."""
    return add_months(removed_on, 12 * LAW.years("reference_price.ban_years", on=removed_on))


def check_removal(ground: RemovalGround, *, late: Lateness, refusals: int) -> None:
    """Refuse a removal whose ground the register itself contradicts (rules 3, 4, 6); other grounds rest on papers."""
    if ground == "late" and not late.is_due:
        raise RemovalUnfounded(ground=ground, recorded=late.worst_year, needed=late.limit)
    if ground == "refused" and refusals == 0:
        raise RemovalUnfounded(ground=ground, recorded=0, needed=1)


def check_listing(on: date, *, bar: date | None, is_listed: bool) -> None:
    """Refuse to list who is listed, or barred on that day (rule 5); ``bar`` is its last day, ``None`` without one."""
    if is_listed:
        raise PlatformListedAlready
    if bar is not None and on <= bar:
        raise PlatformBarred(barred_until=bar.isoformat())


def check_day(day: date, *, today: date) -> None:
    """Refuse a day that has not come."""
    if day > today:
        raise ListingDayWrong(day=day.isoformat())
