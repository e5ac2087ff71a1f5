"""Chance: exact and seeded probabilities for the cross-lot screens. Pure.

1. What can be enumerated is exact; what is drawn is drawn from a generator seeded by what is tested, so it comes out the same again.
2. A drawn probability counts the observation itself: with B draws it is never below 1/(B + 1).
3. Where several things were tested, probabilities are corrected for all of them, also for those that were never worked out (Benjamini
   and Hochberg 1995: the share of false findings among all).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]

MOST_ENUMERATED = 20_000
"""As many outcomes are gone through one by one; beyond, outcomes are drawn."""
DRAWS = (1_999, 49_999, 499_999)
"""How many are drawn; more when fewer than `_ENOUGH` of the draws were as extreme."""
_ENOUGH = 20
_AT_ONCE = 4_000_000
_CLOSE = 1e-9


def seeded(*words: str) -> np.random.Generator:
    """Give the generator of what is tested: the same words, the same draws."""
    digest = hashlib.sha256("|".join(words).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


@cache
def _log_choose(total: int, taken: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(taken + 1) - math.lgamma(total - taken + 1)


@cache
def hypergeometric(total: int, marked: int, taken: int, odds: float = 1.0) -> Weights:
    """Give the chances of 0, 1, … marked ones among ``taken`` of ``total``; ``odds``: how much likelier a marked one is (Fisher)."""
    low, high = max(0, taken - (total - marked)), min(taken, marked)
    logs = [
        _log_choose(marked, k) + _log_choose(total - marked, taken - k) + k * math.log(odds)
        for k in range(low, high + 1)
    ]
    top = max(logs)
    shares = [math.exp(log - top) for log in logs]
    whole = math.fsum(shares)
    return np.array([0.0] * low + [share / whole for share in shares])


def together(parts: Iterable[Weights]) -> Weights:
    """Give the chances of the sum of independent counts."""
    whole: Weights = np.array([1.0])
    for part in parts:
        whole = np.convolve(whole, part)
    return whole


def at_least(chances: Weights, count: int) -> float:
    """Give the chance of ``count`` or more."""
    return float(min(1.0, chances[max(count, 0) :].sum())) if count > 0 else 1.0


def of_trials(shares: Iterable[float]) -> Weights:
    """Give the chances of 0, 1, … successes in independent trials with these shares (Poisson's binomial)."""
    return together(np.array([1.0 - share, share]) for share in shares)


def sum_p(tables: Sequence[Weights], observed: float, rng: np.random.Generator, *, low: bool = False) -> float:
    """Give the chance that a sum, with one value drawn evenly from each table, is as high (or as low) as observed."""
    sign = -1.0 if low else 1.0
    signed = [sign * table for table in tables if len(table) > 1]
    limit = sign * observed - sum(sign * float(table[0]) for table in tables if len(table) == 1) - _CLOSE
    if not signed:
        return 1.0
    if math.prod(len(table) for table in signed) <= MOST_ENUMERATED:
        return float(np.mean(_every_sum(signed) >= limit))
    p_value = 1.0
    for draws in DRAWS:
        hits = _drawn(signed, limit, draws, rng)
        p_value = (hits + 1) / (draws + 1)
        if hits >= _ENOUGH:
            break
    return p_value


def _every_sum(tables: Sequence[Weights]) -> Weights:
    sums: Weights = np.zeros(1)
    for table in tables:
        sums = np.add.outer(sums, table).ravel()
    return sums


def _drawn(tables: Sequence[Weights], limit: float, draws: int, rng: np.random.Generator) -> int:
    hits, left = 0, draws
    while left > 0:
        now = min(left, max(1, _AT_ONCE // len(tables)))
        sums = np.zeros(now)
        for table in tables:
            sums += table[rng.integers(0, len(table), now)]
        hits += int(np.count_nonzero(sums >= limit))
        left -= now
    return hits


def corrected(p_values: Sequence[float], tested: int) -> list[float]:
    """Correct probabilities for ``tested`` tests in all, of which these are the smallest (Benjamini and Hochberg)."""
    assert tested >= len(p_values), f"more were worked out ({len(p_values)}) than tested ({tested})"
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    adjusted, least = [1.0] * len(p_values), 1.0
    for rank, place in zip(range(len(order), 0, -1), order, strict=True):
        least = min(least, p_values[place] * tested / rank)
        adjusted[place] = least
    return adjusted


def simes(p_values: Sequence[float]) -> float:
    """Join the probabilities of several tests of one thing, which may move together (Simes 1986)."""
    ordered = sorted(p_values)
    return min(1.0, *(p_value * len(ordered) / rank for rank, p_value in enumerate(ordered, start=1)))


def fisher(p_values: Sequence[float]) -> float:
    """Join the probabilities of independent tests (Fisher 1925); of none, 1."""
    if not p_values:
        return 1.0
    half = -math.fsum(math.log(max(p_value, 1e-300)) for p_value in p_values)
    term, whole = 1.0, 0.0
    for step in range(len(p_values)):
        whole += term
        term *= half / (step + 1)
    return min(1.0, math.exp(-half) * whole)


def strength(p_value: float) -> float:
    """Give minus the decimal logarithm of a corrected probability, to three decimals and at most 12."""
    return round(abs(math.log10(max(min(p_value, 1.0), 1e-12))), 3)
