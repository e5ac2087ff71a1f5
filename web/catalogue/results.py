"""How rounds ended, counted from committed outcomes: by court, class of asset and kind of round.

1. A round counts on the Beijing day on which its session closed; a default or a setting aside later does not unmake that it was sold,
   and is counted beside.
2. The success rate is sold rounds among all that closed; the premium is what sold rounds brought over their reserve prices, in sum.
3. A round ran over when its session closed later than the notice said: late bids, or a clock that stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, case, func, or_, select

from auction.kernel.clock import day_start, local_day
from auction.kernel.db import Transaction
from web.catalogue.tables import RESULTS

GROUPS_MOST: Final = 200
ROUNDS_MOST: Final = 5_000
_R = RESULTS.c
TENTHS: Final = 1_000
"""Shares are told in tenths of a percent, rounded down."""


class Heading(StrEnum):
    """By what results are grouped."""

    COURT = "court"
    ASSET_CLASS = "class"
    KIND = "round"


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one group of rounds; amounts in fen."""

    name: str
    closed: int
    sold: int
    bids: int
    ran_over: int
    undone: int
    reserve_fen: int
    hammer_fen: int

    @property
    def success_tenths(self) -> int:
        """Sold rounds among all that closed, in tenths of a percent (rule 2)."""
        return self.sold * TENTHS // self.closed

    @property
    def premium_tenths(self) -> int | None:
        """What sold rounds brought over their reserve prices, in tenths of a percent; ``None``: nothing was sold."""
        return (self.hammer_fen - self.reserve_fen) * TENTHS // self.reserve_fen if self.reserve_fen else None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How one round ended; amounts in fen."""

    round_id: UUID
    lot_id: UUID
    case_number: str
    court: str
    province: str
    city: str
    asset_class: str
    kind: str
    number: int
    result: str
    reserve_fen: int
    hammer_price_fen: int | None
    bid_count: int
    closed_at: datetime
    ran_over: bool
    defaulted: bool
    was_set_aside: bool


async def figures(tx: Transaction, heading: Heading, *, year: int) -> list[Figures]:
    """Give the figures of a year by groups, the busiest first, at most `GROUPS_MOST`."""
    by = {Heading.COURT: _R.court, Heading.ASSET_CLASS: _R.asset_class, Heading.KIND: _R.kind}[heading]
    is_sold = _R.result == "sold"
    counted = select(
        by.label("name"),
        func.count().label("closed"),
        func.count().filter(is_sold).label("sold"),
        func.sum(_R.bid_count).label("bids"),
        func.count().filter(_R.ran_over).label("ran_over"),
        func.count().filter(or_(_R.defaulted, _R.was_set_aside)).label("undone"),
        func.sum(case((is_sold, _R.reserve_fen), else_=0)).label("reserve_fen"),
        func.sum(func.coalesce(_R.hammer_price_fen, 0)).label("hammer_fen"),
    ).where(*_in_year(year))
    rows = await tx.session.execute(counted.group_by(by).order_by(func.count().desc(), by).limit(GROUPS_MOST))
    return [_figures(row) for row in rows]


async def results(tx: Transaction, *, year: int, most: int = ROUNDS_MOST) -> list[Result]:
    """Give how the rounds of a year ended, the newest first, at most ``most``."""
    asked = select(RESULTS).where(*_in_year(year)).order_by(_R.closed_at.desc(), _R.round_id).limit(most)
    return [Result(**row) for row in (await tx.session.execute(asked)).mappings()]


def year_of(now: datetime, asked: str) -> int:
    """Read the year that was asked for; the present one where none was, or none that may have results."""
    present = local_day(now).year
    year = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else present
    return year if 2000 <= year <= present else present


def _in_year(year: int) -> Sequence[ColumnElement[bool]]:
    return (_R.closed_at >= day_start(date(year, 1, 1)), _R.closed_at < day_start(date(year + 1, 1, 1)))


def _figures(row: Any) -> Figures:  # noqa: ANN401 - a row
    return Figures(
        name=row.name, **{name: int(getattr(row, name)) for name in Figures.__struct_fields__ if name != "name"}
    )
