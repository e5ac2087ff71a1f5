"""Money is whole fen, bounded, and splits without losing any."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.kernel.money import BOUND_FEN, AmountMalformed, AmountNotPositive, Money, total


@pytest.mark.parametrize("wrong", [1.0, "1", None, True, BOUND_FEN, -BOUND_FEN, 10**15])
def test_anything_but_bounded_whole_fen_is_refused(wrong: object) -> None:
    """Floats, texts, booleans and amounts at or beyond the bound are refused."""
    with pytest.raises(AmountMalformed):
        Money(wrong)  # type: ignore[arg-type]


def test_what_is_owed_is_at_least_one_fen() -> None:
    """One fen is an amount owed; zero and less are refused, and so is what no amount may reach."""
    assert Money.positive(1) == Money(1)
    for wrong, refusal in ((0, AmountNotPositive), (-1, AmountNotPositive), (BOUND_FEN, AmountMalformed)):
        with pytest.raises(refusal):
            Money.positive(wrong)


@pytest.mark.parametrize("text", ["1,000", "1e5", "-1", "+1", "1.5", "1.505", "01", "", " 1", "1_000", "壹"])
def test_yuan_text_with_separators_or_other_forms_is_refused(text: str) -> None:
    """Only plain yuan with no or exactly two decimals is read."""
    with pytest.raises(AmountMalformed):
        Money.parse_yuan(text)


def test_yuan_text_is_read_exactly() -> None:
    """``9244399.94`` is 924439994 fen."""
    assert Money.parse_yuan("9244399.94") == Money(924_439_994)
    assert Money.parse_yuan("0") == Money(0)


@given(st.integers(0, BOUND_FEN - 1), st.lists(st.integers(0, 10**9), min_size=1, max_size=8).filter(any))
def test_split_loses_nothing_and_is_fair(fen: int, weights: list[int]) -> None:
    """Parts sum to the whole, and each lies within one fen of its exact share."""
    parts = Money(fen).split(weights)

    assert total(parts) == Money(fen)
    exact = [Fraction(fen * weight, sum(weights)) for weight in weights]
    assert all(abs(part.fen - share) < 1 for part, share in zip(parts, exact, strict=True))
    assert all(part.fen == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_odd_fen_goes_to_the_earlier_of_equal_claims() -> None:
    """Among equal remainders the earlier weight gets the fen."""
    assert Money(100).split([1, 1, 1]) == [Money(34), Money(33), Money(33)]


@pytest.mark.parametrize(
    ("fen", "ratio", "up", "down"), [(101, Fraction(7, 10), 71, 70), (100, Fraction(7, 10), 70, 70)]
)
def test_legal_shares_round_towards_the_law(fen: int, ratio: Fraction, up: int, down: int) -> None:
    """A legal minimum rounds up, a legal maximum rounds down."""
    assert Money(fen).ceil_share(ratio) == Money(up)
    assert Money(fen).floor_share(ratio) == Money(down)
