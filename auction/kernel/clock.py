"""The one clock.

1. Business time is PostgreSQL's clock: every transaction reads ``kernel.now_at()`` once (`Transaction.now`),
   so all that one transaction does has one time. Rooms use Redis's clock inside the function (bid-core 9).
2. Only an installation stamped *test* or *demo* can move its clock, forward only, or freeze it; the database
   refuses it elsewhere (security 1, bid-core 14).
3. Tickets, sign-in sessions and provider signatures use real time: `real_now`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""Court days are days of Beijing time."""

MICROSECOND = timedelta(microseconds=1)


def real_now() -> datetime:
    """The machine's time, which nobody moves: for tickets, sign-in sessions and provider signatures only."""
    return datetime.now(UTC)


def local_day(at: datetime) -> date:
    """The court day (Asia/Shanghai) in which ``at`` (aware) falls."""
    assert at.tzinfo is not None, "an instant without a zone has no day"
    return at.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """The first instant of a court day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """Beijing time ``hour:minute`` on ``day``, as an instant in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def to_us(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exactly."""
    assert at.tzinfo is not None, "an instant without a zone has no microsecond count"
    delta = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_us(at_us: int) -> datetime:
    """The instant of a microsecond count since 1970, in UTC, exactly."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
