"""Chance: probabilities equal those of going through every outcome, and corrections keep their promise."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.integrity.screens import chance


@given(st.integers(1, 7), st.data())
def test_a_hypergeometric_chance_is_that_of_every_choice(total: int, data: st.DataObject) -> None:
    """Marked ones among those taken come out as often as in all choices."""
    marked, taken = data.draw(st.integers(0, total)), data.draw(st.integers(0, total))
    ways = Counter(sum(one < marked for one in choice) for choice in combinations(range(total), taken))

    found = chance.hypergeometric(total, marked, taken)

    assert [ways[k] / ways.total() for k in range(len(found))] == pytest.approx(found.tolist())
    assert pytest.approx(1.0) == found.sum()


def test_odds_weigh_the_marked_ones() -> None:
    """Odds of two make each choice as many times as likely as two to the number of marked ones in it."""
    weights = Counter[int]()
    for choice in combinations(range(6), 3):
        weights[sum(one < 2 for one in choice)] += 2 ** sum(one < 2 for one in choice)
    whole = sum(weights.values())

    found = chance.hypergeometric(6, 2, 3, 2.0)

    assert [weights[k] / whole for k in range(3)] == pytest.approx(found.tolist())


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6), st.integers(0, 7))
def test_trials_come_out_as_every_outcome_says(shares: list[float], count: int) -> None:
    """As many successes or more are as likely as in the sum over all outcomes."""
    exact = sum(
        math.prod(share if hit else 1 - share for share, hit in zip(shares, outcome, strict=True))
        for outcome in product((0, 1), repeat=len(shares))
        if sum(outcome) >= count
    )

    assert pytest.approx(exact, abs=1e-9) == chance.at_least(chance.of_trials(shares), count)


@given(st.lists(st.lists(st.integers(-3, 3), min_size=1, max_size=4), min_size=1, max_size=4), st.booleans())
def test_a_sum_is_compared_with_every_sum(values: list[list[int]], low: bool) -> None:
    """Small tables are gone through one by one, on either side."""
    tables = [np.array(table, dtype=np.float64) for table in values]
    sums = [sum(outcome) for outcome in product(*values)]
    observed = sum(table[0] for table in values)
    exact = sum(one <= observed if low else one >= observed for one in sums) / len(sums)

    assert pytest.approx(exact) == chance.sum_p(tables, observed, chance.seeded("test"), low=low)


def test_a_drawn_sum_is_near_the_exact_one_and_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables too large to go through are drawn: near the truth, never zero, and the same with the same words."""
    tables = [np.arange(4, dtype=np.float64)] * 6
    exact = chance.sum_p(tables, 14, chance.seeded("a"))
    monkeypatch.setattr(chance, "MOST_ENUMERATED", 10)

    drawn, again = (chance.sum_p(tables, 14, chance.seeded("a")) for _ in range(2))
    never = chance.sum_p([np.arange(4, dtype=np.float64)] * 40, 120, chance.seeded("b"))

    assert drawn == again
    assert pytest.approx(exact, rel=0.15) == drawn
    assert 1 / (chance.DRAWS[-1] + 1) == never


def test_correction_counts_what_was_never_worked_out() -> None:
    """Two of ten tests are corrected for ten, and a correction never reverses an order."""
    assert chance.corrected([0.001, 0.02], 10) == pytest.approx([0.01, 0.1])
    assert chance.corrected([0.03, 0.02], 2) == pytest.approx([0.03, 0.03])
    assert chance.corrected([0.9], 10) == [1.0]
    assert chance.corrected([], 0) == []


def test_joined_probabilities_are_fisher_and_simes() -> None:
    """Independent tests join by Fisher's rule, tests that move together by Simes'."""
    assert pytest.approx(0.05 * 0.04 * (1 - math.log(0.05 * 0.04))) == chance.fisher([0.05, 0.04])
    assert chance.fisher([]) == 1.0
    assert pytest.approx(0.03) == chance.simes([0.03, 0.01, 0.03])


def test_strength_is_the_logarithm_and_has_an_end() -> None:
    """One in a hundred is two; what cannot be told from zero is twelve."""
    assert [chance.strength(p) for p in (1.0, 0.01, 0.0)] == [0.0, 2.0, 12.0]
