"""How reference prices compare with what was really paid, over sold lots: by class, place and source. Pure.

1. Figures are exact: ratios are fractions of fen; percentages are rounded half up to a tenth when they are written.
2. A figure of fewer than `SMALL` lots is shown, and said to be of few lots; of none there is no figure.
3. The median and the quartiles are the middle values of the sorted ratios; between two, their mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from auction.kernel.sentences import Said

SMALL = 10
"""Below so many lots a figure says little."""
Grouped = Literal["all", "class", "place", "source"]
NEAR, WIDE = Fraction(1, 10), Fraction(1, 5)
UNKNOWN_PLACE = "—"
_PLACE_ENDS = ("区", "县", "旗")
_CITY = "市"
_PROVINCES = ("省", "自治区", "特别行政区")


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """One sold lot by one source: what the source said it was worth, and the hammer price."""

    reference_fen: int
    hammer_fen: int
    asset_class: str
    place: str
    source: str
    """A method, a platform or an institution, by name."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One group of sold lots; ratios are hammer to reference, in per cent with one decimal."""

    by: Grouped
    name: str
    n: int
    median: str
    lower_quartile: str
    upper_quartile: str
    lowest: str
    highest: str
    within_10: str
    """Share of lots whose hammer price lies within ±10 % of the reference."""
    within_20: str
    remark: Said

    @property
    def spread(self) -> str:
        """The middle half of the ratios."""
        return f"{self.lower_quartile}–{self.upper_quartile}"


def compare(sold: Sequence[Sold], *, groups: Sequence[Grouped] = ("all", "class", "place", "source")) -> list[Compared]:
    """Compare by each kind of group, the largest group first; lots without a positive reference stay out."""
    usable = [one for one in sold if one.reference_fen > 0 and one.hammer_fen > 0]
    found: list[Compared] = []
    for by in groups:
        names = sorted({_key(one, by) for one in usable})
        rows = [_compared(by, name, [one for one in usable if _key(one, by) == name]) for name in names]
        found += sorted(rows, key=lambda row: (-row.n, row.name))
    return found


def _key(one: Sold, by: Grouped) -> str:
    return {"all": "", "class": one.asset_class, "place": one.place, "source": one.source}[by]


def _compared(by: Grouped, name: str, sold: Sequence[Sold]) -> Compared:
    ratios = sorted(Fraction(one.hammer_fen, one.reference_fen) for one in sold)
    return Compared(
        by=by,
        name=name,
        n=len(ratios),
        median=percent(quantile(ratios, Fraction(1, 2))),
        lower_quartile=percent(quantile(ratios, Fraction(1, 4))),
        upper_quartile=percent(quantile(ratios, Fraction(3, 4))),
        lowest=percent(ratios[0]),
        highest=percent(ratios[-1]),
        within_10=percent(_share_within(ratios, NEAR)),
        within_20=percent(_share_within(ratios, WIDE)),
        remark=_remark(len(ratios)),
    )


def quantile(ordered: Sequence[Fraction], part: Fraction) -> Fraction:
    """Give the value below which ``part`` of the sorted values lie, between two of them in proportion (rule 3)."""
    place = part * (len(ordered) - 1)
    below = place.numerator // place.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _share_within(ratios: Sequence[Fraction], away: Fraction) -> Fraction:
    return Fraction(sum(1 for ratio in ratios if abs(ratio - 1) <= away), len(ratios))


def percent(ratio: Fraction) -> str:
    """Write a ratio in per cent with one decimal, rounded half up (rule 1)."""
    tenths = ratio * 1000
    rounded = (2 * tenths.numerator + tenths.denominator) // (2 * tenths.denominator)
    sign, rounded = ("-", -rounded) if rounded < 0 else ("", rounded)
    return f"{sign}{rounded // 10}.{rounded % 10}"


def _remark(n: int) -> Said:
    if n >= SMALL:
        return Said("", "")
    return Said(f"仅{n}件，数量过少，不足以说明偏差", f"{n} lots only: too few to tell a bias from chance")


def place_of(address: str) -> str:
    """Give city and district of an address, as far as it names them; the rest of it is left out."""
    rest = address.strip()
    for end in _PROVINCES:
        if end in rest[:10]:
            rest = rest.split(end, 1)[1]
    found = ""
    if _CITY in rest[:12]:
        city, rest = rest.split(_CITY, 1)
        found = city + _CITY
    ends = [rest.index(end) for end in _PLACE_ENDS if end in rest[:12]]
    if ends:
        found += rest[: min(ends) + 1]
    return found or UNKNOWN_PLACE


def total_of(rows: Iterable[Compared]) -> int:
    """Give how many lots were compared."""
    return sum(row.n for row in rows if row.by == "all")
