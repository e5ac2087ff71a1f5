"""When a case is stalled, since when, and how grave it is. Pure.

1. *Idle*: no officer took a step since a day. While a round is announced or open, or a term of somebody else runs, the case waits: the days
   are counted from the end of that at the earliest.
2. *Overdue*: a clock of the case ran out; counted from its last day.
3. *Six months*: the case was not brought to an end within six months; its applicant may turn to the court above (CPL 237). Counted from
   the day on which it was put on file.
4. A level is reached on the day on which so many days are over (parameters ``oversight.*``): warning, urging, escalation. Six months urge.
5. The gravest level counts, among equals the ground that began first.

Source: CPL 237 (2023 numbering; 226 before); the other figures are the house's, for a court to set.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec

from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import legal_period


class Ground(StrEnum):
    """Why a case counts as stalled; the value is stored."""

    IDLE = "idle"  # 无办理行为
    OVERDUE = "overdue"  # 事项逾期
    SIX_MONTHS = "six_months"  # 满六个月未结


class Level(StrEnum):
    """How grave it is; the value is stored."""

    WARNED = "warned"  # 提醒
    URGED = "urged"  # 催办
    ESCALATED = "escalated"  # 督办


GRAVITY = tuple(Level)
"""The levels, the lightest first."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at: ``waits_until`` is the last day of what the case lawfully waits for, ``overdue_since`` the last day of its oldest overdue clock."""

    opened_on: date
    stepped_on: date | None
    waits_until: date | None
    overdue_since: date | None


class Stall(msgspec.Struct, frozen=True, kw_only=True):
    """A ground with its first day and the level that it has reached."""

    ground: Ground
    level: Level
    since: date

    def days(self, today: date) -> int:
        """Give how many days it lasts."""
        return (today - self.since).days


def stalls_of(standing: Standing, today: date) -> tuple[Stall, ...]:
    """Give every ground of a case that has reached a level, the gravest first (rule 5)."""
    found = (_idle(standing, today), _overdue(standing, today), _six_months(standing, today))
    return gravest_first(one for one in found if one is not None)


def gravest_first(stalls: Iterable[Stall]) -> tuple[Stall, ...]:
    """Order stalls: the gravest first, among equals the one that began first."""
    return tuple(sorted(stalls, key=lambda one: (-GRAVITY.index(one.level), one.since, one.ground)))


def levels_up_to(level: Level) -> tuple[Level, ...]:
    """Give a level and those below it, which it implies."""
    return GRAVITY[: GRAVITY.index(level) + 1]


def _idle(standing: Standing, today: date) -> Stall | None:
    waits = standing.waits_until
    if waits is not None and waits >= today:
        return None
    since = max(filter(None, (standing.opened_on, standing.stepped_on, waits)))
    return _stall(Ground.IDLE, since, today)


def _overdue(standing: Standing, today: date) -> Stall | None:
    return None if standing.overdue_since is None else _stall(Ground.OVERDUE, standing.overdue_since, today)


def _stall(ground: Ground, since: date, today: date) -> Stall | None:
    reached = [level for level in Level if (today - since).days >= days_until(ground, level, today)]
    return Stall(ground=ground, level=reached[-1], since=since) if reached else None


def days_until(ground: Ground, level: Level, on: date) -> int:
    """Give after how many days a ground reaches a level."""
    if ground is Ground.IDLE:
        days = (
            LAW.days("oversight.idle_days_warned", on=on),
            LAW.days("oversight.idle_days_urged", on=on),
            LAW.days("oversight.idle_days_escalated", on=on),
        )
    else:
        assert ground is Ground.OVERDUE, "six months are one figure of the law"
        days = (
            LAW.days("oversight.overdue_days_warned", on=on),
            LAW.days("oversight.overdue_days_urged", on=on),
            LAW.days("oversight.overdue_days_escalated", on=on),
        )
    return days[GRAVITY.index(level)]


def _six_months(standing: Standing, today: date) -> Stall | None:
    months = LAW.parameter("oversight.higher_court_months", on=today)
    end = legal_period(months, standing.opened_on, COURT_CALENDAR).end_day
    return Stall(ground=Ground.SIX_MONTHS, level=Level.URGED, since=standing.opened_on) if today > end else None
