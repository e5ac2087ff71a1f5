"""Screens of sealed prices: variance, gaps and subsets of the bids of one tender, as numbers without a scale. Pure.

1. Only prices are read: no market, no party, no date; a price enters relative to the other prices of its tender.
2. A tender with fewer than `FEWEST` prices has no screens: that is where silence is looked at instead (collusion in a room).
3. A screen that the number of prices does not allow is *not a number*; rankers take that as it is, nothing is made up.
4. Subsets: every choice of three and of four of the `SUBSET_PRICES` lowest prices, so that honest outsiders do not dilute a ring.

Source: CV, SPD, DIFFP, RD, KURT, SKEW, KS, normalised distances: Huber and Imhof 2019; subsets: Wallimann, Imhof and Huber 2022.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

FEWEST: Final = 3
SUBSET_PRICES: Final = 12
"""The lowest prices of which subsets are made: at most 220 of three and 495 of four."""
SUBSET_SIZES: Final = (3, 4)
QUANTILES: Final = (0.0, 0.1, 0.25, 0.75, 0.9, 1.0)
PLACES: Final = (3, 4, 5, 6, 7)
"""Places in the order of prices of which the distance to the lowest price is read."""
GAPS: Final = (1, 2, 3, 4)
"""Gaps between neighbours, from the lowest on, of which the share in the whole spread is read."""
NEAR_LEAD: Final = (0.02, 0.05, 0.1)
"""Parts of the lowest price: how many prices lie within each of them."""
_NEAR: Final = 1e-4
"""Two prices nearer than this part of the mean are a near tie."""
_ZERO: Final = 1e-12

TEN: Final = ("cv", "spd", "diffp", "rd", "kurt", "skew", "ks", "rdnor", "rdalt", "n")
"""The ten published screens of a tender (the last is the number of prices)."""
SHAPE: Final = (
    *("losers_cv", "below_mean", "below_median", "largest_gap", "second_gap", "near_ties", "distinct"),
    *("in_thousands", "in_hundreds"),
    *(f"quantile_{round(100 * quantile)}" for quantile in QUANTILES),
    *(f"place_{place}" for place in PLACES),
    *(f"gap_{gap}_share" for gap in GAPS),
    *("last_gap_share", "largest_gap_place", "gap_entropy", "middle_gap_share"),
    *(f"within_{round(100 * part)}" for part in NEAR_LEAD),
)
SUBSETS: Final = tuple(
    f"{screen}_{size}_{summary}"
    for size in SUBSET_SIZES
    for screen in ("cv", "diffp", "rd", "skew")
    for summary in ("min", "mean", "median", "max")
)
NAMES: Final = (*TEN, *SHAPE, *SUBSETS)

LOW_POINTS: Final[Mapping[str, int]] = MappingProxyType(
    dict.fromkeys(("cv", "spd", "losers_cv", "below_mean", "cv_3_mean", "cv_4_mean", "cv_4_max"), -1)
)
"""Screens of variance: prices that stand closer together never lower the score (rings agree on cover bids near their own)."""


def screens_of(prices: Sequence[float]) -> Numbers:
    """Give all screens of one tender, in the order of `NAMES`. Raises `AssertionError` for fewer prices than `FEWEST`."""
    ordered = np.sort(np.asarray(prices, dtype=np.float64))
    assert ordered.size >= FEWEST, f"{ordered.size} prices have no screens"
    assert ordered[0] > 0, "a price is positive"
    return np.concatenate([_ten(ordered), _shape(ordered), *(_subsets(ordered, size) for size in SUBSET_SIZES)])


def _ten(x: Numbers) -> Numbers:
    mean, spread = x.mean(), x.std(ddof=1)
    lead, losers = x[1] - x[0], x[1:].std(ddof=1)
    gaps, z = np.diff(x), (x - mean) / (spread + _ZERO)
    place = (x - x[0]) / (x[-1] - x[0] + _ZERO)
    uniform = np.abs(np.arange(1, x.size + 1) / (x.size + 1) - place).max()
    return np.array(
        [
            spread / mean,
            (x[-1] - x[0]) / x[0],
            lead / x[0],
            lead / (losers + 1e-9 * mean),
            (z**4).mean(),
            (z**3).mean(),
            uniform,
            lead / (gaps.mean() + _ZERO),
            lead / (gaps[1:].mean() + 1e-9 * mean),
            float(x.size),
        ]
    )


def _shape(x: Numbers) -> Numbers:
    mean, median, gaps, whole = x.mean(), float(np.median(x)), np.diff(x), np.round(x)
    return np.array(
        [
            x[1:].std(ddof=1) / mean,
            (mean - x[0]) / mean,
            (median - x[0]) / x[0],
            gaps.max() / (x[-1] - x[0] + _ZERO),
            gaps[1] / x[1],
            (gaps < _NEAR * mean).mean(),
            np.unique(whole).size / x.size,
            (np.mod(whole, 1000) == 0).mean(),
            (np.mod(whole, 100) == 0).mean(),
            *np.quantile(x / median, QUANTILES),
            *_places(x, gaps),
        ]
    )


def _places(x: Numbers, gaps: Numbers) -> list[float]:
    """Say where in the order the prices stand apart; not a number for places that the tender does not have."""
    shares = gaps / (x[-1] - x[0] + _ZERO)
    held = shares[shares > 0]
    return [
        *((float(x[place - 1] / x[0] - 1) if x.size >= place else np.nan) for place in PLACES),
        *((float(shares[gap - 1]) if gaps.size >= gap else np.nan) for gap in GAPS),
        float(shares[-1]),
        float(gaps.argmax() / gaps.size),
        float(-(held * np.log(held)).sum() / np.log(gaps.size)),
        float(np.median(shares)),
        *(float((x < x[0] * (1 + part)).mean()) for part in NEAR_LEAD),
    ]


@cache
def _choices(count: int, size: int) -> NDArray[np.intp]:
    return np.array(list(combinations(range(count), size)), dtype=np.intp)


def _subsets(x: Numbers, size: int) -> Numbers:
    """Summaries of four screens over every choice of ``size`` of the lowest prices; not a number where there is none."""
    if x.size < size:
        return np.full(16, np.nan)
    chosen = x[:SUBSET_PRICES][_choices(min(x.size, SUBSET_PRICES), size)]
    mean, spread = chosen.mean(axis=1), chosen.std(axis=1, ddof=1)
    lead, losers = chosen[:, 1] - chosen[:, 0], chosen[:, 1:].std(axis=1, ddof=1)
    skew = ((chosen - mean[:, None]) ** 3).mean(axis=1) / ((spread + _ZERO) ** 3)
    each = (spread / mean, lead / chosen[:, 0], lead / (losers + 1e-9 * mean), skew)
    return np.array([value for one in each for value in (one.min(), one.mean(), np.median(one), one.max())])
