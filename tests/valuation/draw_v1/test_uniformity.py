from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import permutations
from statistics import fmean

import pytest

from tests.valuation.draw_v1.simulated_draws import simulate, told
from valuation.draw_v1.uniformity import (
    LEAST_EXPECTED,
    LEVEL,
    MOST_TOGETHER,
    DrawSeen,
    SubListSeen,
    chi_square_tail,
    look_at,
    quadratic_form,
)

CRITICAL = [
    (1, 3.841, 0.05), (1, 6.635, 0.01), (1, 10.828, 0.001),
    (2, 5.991, 0.05), (2, 13.816, 0.001),
    (5, 11.070, 0.05), (5, 1.610, 0.90),
    (10, 18.307, 0.05), (10, 29.588, 0.001), (10, 3.940, 0.95),
    (30, 43.773, 0.05), (30, 59.703, 0.001), (30, 20.599, 0.90),
    (100, 124.342, 0.05), (100, 149.449, 0.001), (100, 70.065, 0.99),
]  # fmt: skip
"""Published critical values of the chi-square distribution: degrees, value, upper tail (NIST/SEMATECH e-Handbook, 1.3.6.7.4)."""


@pytest.mark.parametrize(("degrees", "value", "tail"), CRITICAL)
def test_tail_fits_the_published_table(degrees: int, value: float, tail: float) -> None:
    """At each published critical value the tail is the one of the table, to its digits."""
    assert tail == pytest.approx(chi_square_tail(value, degrees), rel=2e-3)


def test_tail_runs_from_one_to_nothing() -> None:
    """Nothing apart is certain, far apart is next to impossible, and more is always less likely."""
    assert chi_square_tail(0, 3) == chi_square_tail(-1, 3) == 1
    assert 0 <= chi_square_tail(5000, 3) < 1e-300
    tails = [chi_square_tail(step / 4, 7) for step in range(200)]
    assert tails == sorted(tails, reverse=True)
    assert chi_square_tail(2.0, 2) == pytest.approx(0.36787944117144233, rel=1e-12)


def drawn(count: int, *, seed: int = 1, choose: Callable[[random.Random], tuple[str, ...]]) -> Iterator[DrawSeen]:
    """Give draws of one sub-list of six, three picked, as ``choose`` picks them."""
    chance = random.Random(seed)
    for _ in range(count):
        yield DrawSeen(sub_list="city", members=tuple("abcdef"), picks=choose(chance))


def fair(chance: random.Random) -> tuple[str, ...]:
    """Pick three of six fairly."""
    return tuple(chance.sample("abcdef", 3))


def favours_a(chance: random.Random) -> tuple[str, ...]:
    """Pick ``a`` a little too often."""
    picks = fair(chance)
    return ("a", *picks[1:]) if "a" not in picks and chance.random() < 0.08 else picks


def a_is_first(chance: random.Random) -> tuple[str, ...]:
    """Pick fairly, but put ``a`` before the others a little too often."""
    picks = fair(chance)
    return tuple(sorted(picks)) if chance.random() < 0.15 else picks


def only(look_of: Iterator[DrawSeen]) -> SubListSeen:
    """Give what was found of the only sub-list."""
    (seen,) = look_at(look_of, looks=1).sub_lists
    return seen


def test_equal_pools_and_one_pick_give_pearsons_statistic() -> None:
    """For the textbook's case the quadratic form is the sum of (O − E)²/E, with one degree fewer than institutions."""
    seen = only(drawn(600, choose=lambda chance: (chance.choice("abcdef"),)))
    pearson = sum((one.picked - 100) ** 2 / 100 for one in seen.agencies)

    assert [one.expected for one in seen.agencies] == pytest.approx([100] * 6)
    assert seen.tests[0].statistic == pytest.approx(pearson)
    assert seen.tests[0].degrees == 5


def test_expected_counts_follow_the_pools() -> None:
    """Who stood in more, or in smaller, pools is expected more often; who stood in none is not named."""
    draws = [DrawSeen(sub_list="x", members=tuple("abcd"), picks=tuple("abc"))] * 8
    draws += [DrawSeen(sub_list="x", members=tuple("abcde"), picks=tuple("abc"))] * 10
    agencies = {one.agency_id: one for one in only(iter(draws)).agencies}

    assert agencies["a"].expected == pytest.approx(8 * 3 / 4 + 10 * 3 / 5)
    assert agencies["a"].expected_first == pytest.approx(8 / 4 + 10 / 5)
    assert agencies["e"].expected == pytest.approx(6)
    assert (agencies["a"].pools, agencies["e"].pools) == (18, 10)
    assert (agencies["a"].picked, agencies["a"].first, agencies["e"].picked) == (18, 18, 0)


def test_statistic_has_its_mean_over_all_possible_draws() -> None:
    """Over every outcome of a pool, each equally often, the mean of the statistic is exactly its degrees of freedom."""
    outcomes = list(permutations("abcd", 2))
    found = []
    for picks in outcomes:
        one_draw = [DrawSeen(sub_list="x", members=tuple("abcd"), picks=picks)]
        expected, variance = [0.5] * 4, 0.25
        apart = [(1.0 if id_ in picks else 0.0) - e for id_, e in zip("abcd", expected, strict=True)]
        covariance = [[variance if i == j else -variance / 3 for j in range(4)] for i in range(4)]
        found.append(quadratic_form(apart, covariance))
        assert only(iter(one_draw)).tests[0].p_value is None

    assert {degrees for _, degrees in found} == {3}
    assert fmean(statistic for statistic, _ in found) == pytest.approx(3)


def test_fair_draws_raise_alarms_as_rarely_as_told() -> None:
    """In 200 looks at fair draws, no alarm is expected; p-values spread evenly instead of gathering anywhere."""
    looks = [look_at(drawn(300, seed=seed, choose=fair), looks=1) for seed in range(200)]
    p_values = [test.p_value for look in looks for test in look.sub_lists[0].tests if test.p_value is not None]

    assert len(p_values) == 400
    assert sum(look.alarms for look in looks) <= 2
    assert 0.44 < fmean(p_values) < 0.56
    assert 0.02 < sum(p < 0.05 for p in p_values) / 400 < 0.09


@pytest.mark.parametrize(("choose", "kind"), [(favours_a, "picked"), (a_is_first, "first")])
def test_draws_that_favour_somebody_raise_an_alarm(
    choose: Callable[[random.Random], tuple[str, ...]], kind: str
) -> None:
    """A small advantage, in being picked or in rank, is found in ten thousand draws."""
    look = look_at(drawn(10_000, choose=choose), looks=1)

    assert look.alarms >= 1
    assert kind in {test.kind for test in look.sub_lists[0].tests if test.is_alarm}


def test_looks_and_false_alarms_are_told() -> None:
    """Each look adds its level to the false alarms expected, and shares it among its tests."""
    look = look_at(drawn(300, choose=fair), looks=365)

    assert look.looks == 365
    assert look.false_alarms_expected == pytest.approx(0.365)
    assert look.tests == 8
    assert look.threshold == pytest.approx(LEVEL / 8)


@pytest.mark.parametrize(("count", "says"), [(9, False), (10, True), (11, True)])
def test_too_few_draws_say_nothing(count: int, *, says: bool) -> None:
    """Three of six are picked, so ten draws expect five of each; with nine nothing is said."""
    seen = only(drawn(count, choose=fair))

    assert count * 0.5 >= LEAST_EXPECTED or not says
    assert (seen.tests[0].p_value is not None) is says
    assert all((one.p_value is not None) is says for one in seen.agencies)


def test_pool_without_a_choice_says_nothing() -> None:
    """Where everybody in the pool is picked, who is picked says nothing; who is first still does."""
    chance = random.Random(1)
    draws = [DrawSeen(sub_list="x", members=tuple("abc"), picks=tuple(chance.sample("abc", 3))) for _ in range(100)]
    picked, first = only(iter(draws)).tests

    assert (picked.degrees, picked.p_value) == (0, None)
    assert first.degrees == 2
    assert first.p_value is not None


def test_no_draws_and_very_many_institutions_are_looked_at() -> None:
    """Nothing drawn yet is no alarm; a sub-list too long to be tested together is tested one by one."""
    nothing = look_at([], looks=1)
    names = tuple(f"{i:04}" for i in range(MOST_TOGETHER + 1))
    long = look_at([DrawSeen(sub_list="x", members=names, picks=names[:200])] * 40, looks=1)

    assert (nothing.draws, nothing.tests, nothing.alarms) == (0, 0, 0)
    assert {test.p_value for test in long.sub_lists[0].tests} == {None}
    assert long.alarms == MOST_TOGETHER + 1


def test_twenty_thousand_simulated_draws_show_no_deviation() -> None:
    """Draw v1 itself, with changing pools on three sub-lists, favours nobody; ``make draws`` does it a million times."""
    look = look_at(simulate(20_000, 1), looks=1)

    assert look.draws == 20_000
    assert look.tests == 54
    assert look.alarms == 0, told(look)
