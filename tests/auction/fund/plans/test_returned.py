"""What a reversed creditor returns in parts comes back to the prices that paid him (F84)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from auction.fund.plans.returned import laid_on_prices
from auction.kernel.money import Money

PRICES = some.lists(some.integers(min_value=0, max_value=10_000), min_size=1, max_size=6).filter(any)


def laid(came: int, paid: list[int]) -> list[int]:
    """Lay fen on prices."""
    return [one.fen for one in laid_on_prices(Money(came), [Money(fen) for fen in paid])]


@pytest.mark.parametrize(
    ("came", "parts"),
    [
        (0, [0, 0, 0]),
        (1, [0, 0, 1]),
        (99, [33, 33, 33]),
        (100, [33, 33, 34]),
        (101, [33, 34, 34]),
        (300, [100, 100, 100]),
    ],
)
def test_parts_are_cut_and_the_last_has_the_rest(came: int, parts: list[int]) -> None:
    """Of three equal prices, to the fen."""
    assert laid(came, [100, 100, 100]) == parts


def test_one_price_has_all_and_nothing_paid_has_nothing() -> None:
    """A price that paid nothing gets nothing back."""
    assert laid(77, [0, 50, 0]) == [0, 77, 0]
    assert laid(0, [0, 0]) == [0, 0]


@given(paid=PRICES, came=some.integers(min_value=0, max_value=60_000))
def test_nothing_is_lost_and_no_price_ever_gives_back(paid: list[int], came: int) -> None:
    """The parts are what came; one fen more takes from none; all of it back gives each exactly what it paid."""
    now, then = laid(came, paid), laid(came + 1, paid)

    assert sum(now) == came
    assert all(later >= earlier for earlier, later in zip(now, then, strict=True))
    assert laid(sum(paid), paid) == paid
