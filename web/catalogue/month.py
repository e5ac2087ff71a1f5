"""A month of lots: on how many lots bidding runs each day. Pure, but for the one question to the database.

1. Days are Beijing days. A day counts what the list shows for it: lots whose bidding has an hour on that day, to the end that is known.
2. Months are written ``2027-03``; what cannot be read, and what lies further than `YEARS` from today, is the present month.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Date, case, cast, func, or_, select

from auction.kernel.clock import day_start
from auction.kernel.db import Transaction
from web.catalogue.tables import CatalogueRow

YEARS: Final = 3
_E = CatalogueRow


class Stretch(NamedTuple):
    """How many lots open on one day and end on another, both included."""

    opens_on: date
    ends_on: date
    lots: int


class Day(NamedTuple):
    """A day of the month's page."""

    on: date
    is_in_month: bool
    opening: int
    running: int


def first_of_month(asked: str, today: date) -> date:
    """Read which month was asked for (rule 2)."""
    try:
        first = date.fromisoformat(f"{asked}-01") if len(asked) == 7 else today.replace(day=1)
    except ValueError:
        first = today.replace(day=1)
    return first if abs(first.year - today.year) <= YEARS else today.replace(day=1)


def month_beside(first: date, *, later: bool) -> str:
    """Give the month before or after, as an address has it."""
    other = first + timedelta(days=31) if later else first - timedelta(days=1)
    return f"{other:%Y-%m}"


def weeks_of(first: date, stretches: Iterable[Stretch]) -> list[list[Day]]:
    """Give the weeks of a month, Monday first, with what runs on each of its days."""
    all_of_them = list(stretches)
    return [
        [
            Day(
                on,
                on.month == first.month,
                sum(one.lots for one in all_of_them if one.opens_on == on),
                sum(one.lots for one in all_of_them if one.opens_on <= on <= one.ends_on),
            )
            for on in week
        ]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]


async def stretches_of(tx: Transaction, first: date) -> list[Stretch]:
    """Give the lots whose bidding touches a month or the rest of its first and last week, by their days."""
    begins, ends = first - timedelta(days=7), first + timedelta(days=38)
    end = case((_E.standing == "ended", _E.ended_at), else_=_E.closes_at)
    opens_on, ends_on = (cast(func.timezone("Asia/Shanghai", at), Date) for at in (_E.opens_at, end))
    told = opens_on.label("opens_on"), ends_on.label("ends_on"), func.count().label("lots")
    is_near = or_(_E.standing != "ended", _E.ended_at >= day_start(begins))
    asked = select(*told).where(_E.opens_at < day_start(ends), is_near, end >= day_start(begins))
    return [
        Stretch(row.opens_on, row.ends_on, row.lots)
        for row in (await tx.session.execute(asked.group_by(opens_on, ends_on))).all()
    ]
