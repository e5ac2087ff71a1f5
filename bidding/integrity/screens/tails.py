"""Tails: what a measure was in many rounds, kept as quantiles that are dense where it is extreme. Pure.

1. A probability is a share of the controls with one added to both counts: it is never zero, and few controls never look like many.
2. A thinned tail keeps its extremes whole, so that a rare value has the same rank after storing as before.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise

import msgspec

_WHOLE = 400
"""How many of the highest and of the lowest values are kept as they are."""
_BETWEEN = 200
"""How many quantiles are kept between them."""


class Tail(msgspec.Struct, frozen=True):
    """Values in order and the rank of each among the ``count`` values that were measured."""

    values: tuple[float, ...]
    ranks: tuple[int, ...]
    count: int

    def at_least(self, value: float) -> float:
        """Give the share of controls with this value or a higher one."""
        place = bisect_left(self.values, value)
        below = self.ranks[place] if place < len(self.ranks) else self.count
        return (self.count - below + 1) / (self.count + 1)

    def at_most(self, value: float) -> float:
        """Give the share of controls with this value or a lower one."""
        place = bisect_right(self.values, value)
        upto = self.ranks[place] if place < len(self.ranks) else self.count
        return (upto + 1) / (self.count + 1)

    def quantile(self, share: float) -> float | None:
        """Give the value below which this share of the controls lies, `None` without controls."""
        if not self.values:
            return None
        place = bisect_right(self.ranks, share * (self.count - 1)) - 1
        return self.values[max(place, 0)]


def tail_of(values: Iterable[float]) -> Tail:
    """Keep the order of these values; the order in which they are given does not matter."""
    ordered = sorted(values)
    ranks = _kept(len(ordered))
    return Tail(values=tuple(ordered[rank] for rank in ranks), ranks=tuple(ranks), count=len(ordered))


def _kept(count: int) -> list[int]:
    if count <= 2 * _WHOLE + _BETWEEN:
        return list(range(count))
    middle = (_WHOLE + step * (count - 2 * _WHOLE) // _BETWEEN for step in range(_BETWEEN))
    kept = [*range(_WHOLE), *middle, *range(count - _WHOLE, count)]
    assert all(first < second for first, second in pairwise(kept)), "ranks rise"
    return kept
