"""Days are court days, instants are exact to the microsecond."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.kernel.clock import MICROSECOND, SHANGHAI, day_start, from_us, local, local_day, real_now, to_us

FIRST = datetime(2027, 3, 1, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "day"),
    [(FIRST - MICROSECOND, date(2027, 2, 28)), (FIRST, date(2027, 3, 1)), (FIRST + MICROSECOND, date(2027, 3, 1))],
)
def test_court_day_begins_at_midnight_in_shanghai(at: datetime, day: date) -> None:
    """A day begins at 00:00 Beijing time, whatever zone the instant is written in."""
    assert local_day(at) == local_day(at.astimezone(UTC)) == day


def test_start_and_hour_of_a_day() -> None:
    """The start of a day is its first instant; an hour is Beijing's."""
    assert day_start(date(2027, 3, 1)) == datetime(2027, 2, 28, 16, tzinfo=UTC)
    assert local(date(2027, 3, 1), 10, 30) == datetime(2027, 3, 1, 2, 30, tzinfo=UTC)
    assert local_day(day_start(date(2027, 3, 1)) - MICROSECOND) == date(2027, 2, 28)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - made aware below
def test_microseconds_go_there_and_back_exactly(at: datetime) -> None:
    """No instant loses a microsecond, before 1970 neither, and order is kept."""
    aware = at.replace(tzinfo=UTC)

    assert from_us(to_us(aware)) == aware
    assert to_us(aware + MICROSECOND) == to_us(aware) + 1
    assert to_us(aware.astimezone(SHANGHAI)) == to_us(aware)


def test_instant_without_a_zone_is_refused() -> None:
    """Nobody guesses a zone."""
    naive = datetime(2027, 3, 1)  # noqa: DTZ001 - that is the point
    for read in (local_day, to_us):
        with pytest.raises(AssertionError):
            read(naive)


def test_real_time_is_aware_and_now() -> None:
    """Real time carries its zone and is the machine's."""
    assert abs(real_now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert real_now().utcoffset() == timedelta(0)
