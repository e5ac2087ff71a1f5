"""Whether a reference price is plausible: signals for the judge's eyes, which decide nothing. Pure.

1. A signal is a sentence with its figures; it refuses, changes and delays nothing (D6).
2. Sources differ: the distance between highest and lowest result, in per cent of the lowest.
3. One source of three or more stands apart: its distance from the median of all.
4. Distance from comparable sales: sold lots of the same class and place, by price per square metre where both have an
   area. Above what was paid it may be overvalued (低值高估), below it undervalued (高值低估).
5. The source's own record: how its results of this class came out at the hammer.
6. Fewer than `COMPARABLE_LEAST` comparable sales give no signal but the remark that they are too few.
The thresholds are the house's and stand here; no law names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from auction.contracts import ClosedLot
from auction.kernel.money import Money
from auction.kernel.sentences import Said
from valuation.plausibility.comparing import SMALL, Compared, percent, place_of, quantile

SPREAD_ALERT = Fraction(3, 10)
APART_ALERT = Fraction(1, 4)
DISTANCE_ALERT = Fraction(1, 5)
COMPARABLE_LEAST = 3
COMPARABLE_MOST = 50
"""Newest comparable sales that are looked at."""
CM2_PER_M2 = 10_000
MEDIAN = Fraction(1, 2)

Kind = Literal["spread", "apart", "overvalued", "undervalued", "consistent", "few_comparable", "record"]
Tone = Literal["quiet", "warn"]


class SourceValue(msgspec.Struct, frozen=True, kw_only=True):
    """One source's figure for the asset."""

    name: str
    value_fen: int


class Valued(msgspec.Struct, frozen=True, kw_only=True):
    """The asset that was valued; ``area_cm2`` is ``None`` for what has no area."""

    asset_class: str
    place: str
    area_cm2: int | None
    amount_fen: int


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One signal; ``said`` explains it with its figures."""

    kind: Kind
    tone: Tone
    said: Said


def look_at(
    valued: Valued, sources: Sequence[SourceValue], sales: Sequence[ClosedLot], record: Sequence[Compared] = ()
) -> list[Signal]:
    """Give all signals of one price (rules 2–6)."""
    found = [*_spread(sources), *_apart(sources)]
    found += _against_sales(valued, comparable(valued, sales))
    found += _own_record(sources, record)
    return found


def comparable(valued: Valued, sales: Sequence[ClosedLot]) -> list[ClosedLot]:
    """Give the newest sold lots of the same class and place with an area, where the asset has one (rule 4)."""
    if not valued.area_cm2:
        return []
    found = [
        sale
        for sale in sales
        if sale.asset_class == valued.asset_class and sale.area_cm2 and place_of(sale.address) == valued.place
    ]
    return sorted(found, key=lambda sale: sale.closed_on, reverse=True)[:COMPARABLE_MOST]


def _spread(sources: Sequence[SourceValue]) -> list[Signal]:
    if len(sources) < 2:
        return []
    ordered = sorted(sources, key=lambda one: one.value_fen)
    low, high = ordered[0], ordered[-1]
    away = Fraction(high.value_fen - low.value_fen, low.value_fen)
    is_wide = away > SPREAD_ALERT
    zh = f"最高{_yuan(high)}与最低{_yuan(low)}相差{percent(away)}%（提示界限{percent(SPREAD_ALERT)}%）"
    en = f"highest {_yuan(high)} and lowest {_yuan(low)} differ by {percent(away)} % (alert above {percent(SPREAD_ALERT)} %)"
    return [Signal(kind="spread", tone="warn" if is_wide else "quiet", said=Said(zh, en))]


def _yuan(one: SourceValue) -> str:
    return f"{one.name} {Money(one.value_fen)}"


def _apart(sources: Sequence[SourceValue]) -> list[Signal]:
    found = []
    for one in sources if len(sources) > 2 else ():
        middle = quantile(sorted(Fraction(other.value_fen) for other in sources), MEDIAN)
        away = (one.value_fen - middle) / middle
        if abs(away) > APART_ALERT:
            zh = f"{one.name}的结果偏离全部结果的中位数{percent(away)}%（提示界限±{percent(APART_ALERT)}%）"
            en = f"the result of {one.name} lies {percent(away)} % from the median of all (alert beyond ±{percent(APART_ALERT)} %)"
            found.append(Signal(kind="apart", tone="warn", said=Said(zh, en)))
    return found


def _against_sales(valued: Valued, sales: Sequence[ClosedLot]) -> list[Signal]:
    if len(sales) < COMPARABLE_LEAST or not valued.area_cm2:
        n = len(sales)
        said = Said(
            f"同类同地的成交仅{n}件，不足{COMPARABLE_LEAST}件，不作比较",
            f"{n} comparable sales of this class and place, fewer than {COMPARABLE_LEAST}: no comparison",
        )
        return [Signal(kind="few_comparable", tone="quiet", said=said)]
    paid = sorted(Fraction(sale.hammer_fen * CM2_PER_M2, sale.area_cm2 or 1) for sale in sales)
    middle, asked = quantile(paid, MEDIAN), Fraction(valued.amount_fen * CM2_PER_M2, valued.area_cm2)
    away = (asked - middle) / middle
    kind: Kind = "consistent"
    if abs(away) > DISTANCE_ALERT:
        kind = "overvalued" if away > 0 else "undervalued"
    said = _distance(kind, len(sales), middle=middle, asked=asked, away=away)
    return [Signal(kind=kind, tone="quiet" if kind == "consistent" else "warn", said=said)]


def _distance(kind: Kind, n: int, *, middle: Fraction, asked: Fraction, away: Fraction) -> Said:
    words = {
        "overvalued": Said("可能低值高估", "the asset may be overvalued (低值高估)"),
        "undervalued": Said("可能高值低估", "the asset may be undervalued (高值低估)"),
        "consistent": Said("与同类成交相符", "in line with comparable sales"),
    }[kind]
    here, there = Money(round(asked)), Money(round(middle))
    return Said(
        f"{words.zh}：每平方米{here}，同类同地{n}件成交的中位数{there}，相差{percent(away)}%（提示界限±{percent(DISTANCE_ALERT)}%）",
        f"{words.en}: {here} per m² against a median of {there} over {n} sales of this class and place, {percent(away)} % away "
        f"(alert beyond ±{percent(DISTANCE_ALERT)} %)",
    )


def _own_record(sources: Sequence[SourceValue], record: Sequence[Compared]) -> list[Signal]:
    names = {one.name for one in sources}
    return [
        Signal(
            kind="record",
            tone="quiet",
            said=Said(
                f"{row.name}以往{row.n}件的成交价为其结果的{row.median}%（中位数）{'' if row.n >= SMALL else '，' + row.remark.zh}",
                f"past results of {row.name}: {row.n} lots sold at a median of {row.median} % of its figure"
                f"{'' if row.n >= SMALL else '; ' + row.remark.en}",
            ),
        )
        for row in record
        if row.by == "source" and row.name in names
    ]
