"""Prices: floors and ceilings that hold for every amount, to the fen."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.kernel.money import ZERO, Money, total
from auction.law import prices
from auction.law.parameters import ParameterNotInForce

ON = date(2026, 11, 2)
AMOUNTS = st.integers(1, 10**13).map(Money)
MAYBE = st.integers(0, 10**12).map(Money)


@given(reference=AMOUNTS)
def test_first_floor_is_the_least_amount_of_seventy_percent(reference: Money) -> None:
    """The floor is at least 70 %, and one fen less is not."""
    floor = prices.first_reserve_floor(reference, on=ON)

    assert 10 * floor.fen >= 7 * reference.fen > 10 * (floor.fen - 1)


@given(reference=AMOUNTS)
def test_lowest_second_start_is_fifty_six_percent(reference: Money) -> None:
    """Floor plus full cut: never less than 56 % of the appraisal, and within two fen of it."""
    first = prices.first_reserve_floor(reference, on=ON)
    second = prices.second_reserve_floor(first, on=ON)

    assert 0 <= second.fen - Fraction(56, 100) * reference.fen < 2


@given(start=AMOUNTS)
def test_deposit_band_is_the_widest_lawful_one(start: Money) -> None:
    """Minimum and maximum pass; a fen outside either is refused."""
    low, high = prices.deposit_minimum(start, on=ON), prices.deposit_maximum(start, on=ON)

    assert 20 * low.fen >= start.fen > 20 * (low.fen - 1)
    assert 5 * high.fen <= start.fen < 5 * (high.fen + 1)


@given(results=st.lists(AMOUNTS, min_size=1, max_size=7))
def test_mean_is_within_half_a_fen_and_ignores_order(results: list[Money]) -> None:
    """The rounded mean is within half a fen of the exact one, whatever the order."""
    exact = Fraction(sum(result.fen for result in results), len(results))

    mean = prices.mean_price(results)

    assert -Fraction(1, 2) < mean.fen - exact <= Fraction(1, 2)
    assert mean == prices.mean_price(results[::-1])


@given(deposit=AMOUNTS, costs=MAYBE, shortfall=MAYBE, case_debts=MAYBE, connected=MAYBE)
def test_forfeited_deposit_is_used_up_in_order(
    deposit: Money, costs: Money, shortfall: Money, case_debts: Money, connected: Money
) -> None:
    """Parts sum to the deposit, none exceeds what is owed, and nothing later is paid before an earlier one is full."""
    split = prices.split_forfeited_deposit(
        deposit, costs=costs, shortfall=shortfall, case_debts=case_debts, connected_debts=connected
    )
    uses = [split.costs, split.shortfall, split.case_debts, split.connected_debts]
    owed = [costs, shortfall, case_debts, connected]

    assert deposit == total([*uses, split.rest])
    for n, (use, due) in enumerate(zip(uses, owed, strict=True)):
        assert ZERO <= use <= due
        assert use == due or total([*uses[n + 1 :], split.rest]) == ZERO


@given(deposit=AMOUNTS, claim=MAYBE)
def test_applicant_pays_at_most_the_deposit(deposit: Money, claim: Money) -> None:
    """The difference is between nothing and the whole deposit."""
    due = prices.applicant_deposit_due(deposit, claim=claim)

    assert ZERO <= due <= deposit
    assert due == ZERO or due + claim == deposit


@pytest.mark.parametrize("amount", [Money(0), Money(-1)])
def test_price_of_nothing_is_refused(amount: Money) -> None:
    """Zero and less is no price."""
    with pytest.raises(prices.PriceNotPositive):
        prices.check_first_reserve(amount, reference=Money(100), on=ON)


def test_reserve_before_the_rule_refuses() -> None:
    """A floor is not asked for a day on which it was not law."""
    with pytest.raises(ParameterNotInForce) as refused:
        prices.first_reserve_floor(Money(100), on=date(2016, 12, 31))

    assert refused.value.facts["on"] == "2016-12-31"


@pytest.mark.parametrize(("fen", "unusual"), [(499, False), (500, False), (501, True)])
def test_large_increment_is_a_hint(fen: int, *, unusual: bool) -> None:
    """An increment above 5 % of the start is pointed out, not refused."""
    assert unusual == prices.is_increment_unusual(Money(fen), start=Money(10_000), on=ON)
    prices.check_increment(Money(fen), start=Money(10_000), on=ON)


def test_sell_off_is_prepaid_in_full() -> None:
    """A sell-off bidder pays the whole sell-off price first."""
    assert Money(56_000_000) == prices.sell_off_prepayment(Money(56_000_000), on=ON)


def test_refusal_names_floor_and_article() -> None:
    """The refusal says the price, the floor and the article, in both languages."""
    with pytest.raises(prices.ReserveBelowFloor) as refused:
        prices.check_first_reserve(Money(6_999), reference=Money(10_000), on=ON)

    assert refused.value.article == "网拍 10"
    assert "¥70.00" in refused.value.sentence("zh")
    assert "¥70.00" in refused.value.sentence("en")
