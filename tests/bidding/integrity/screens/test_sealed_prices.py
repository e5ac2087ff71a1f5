from __future__ import annotations

import numpy as np
import pytest

from bidding.integrity.screens.sealed_prices import FEWEST, NAMES, PLACES, SUBSET_PRICES, TEN, screens_of

PRICES = (100.0, 104.0, 110.0, 125.0, 131.0)


def _screen(name: str, prices: tuple[float, ...]) -> float:
    return float(screens_of(prices)[NAMES.index(name)])


def test_published_screens_follow_their_definitions() -> None:
    """Coefficient of variation, spread, relative lead and number of prices are those of the literature."""
    assert _screen("cv", PRICES) == pytest.approx(np.std(PRICES, ddof=1) / np.mean(PRICES))
    assert _screen("spd", PRICES) == pytest.approx(0.31)
    assert _screen("diffp", PRICES) == pytest.approx(0.04)
    assert len(PRICES) == _screen("n", PRICES)


def test_screens_have_no_scale_and_no_order() -> None:
    """The same tender in another currency, its prices in another order, has the same screens but those of round sums."""
    whole = [at for at, name in enumerate(NAMES) if name not in {"distinct", "in_thousands", "in_hundreds"}]

    assert screens_of([price * 1000 for price in reversed(PRICES)])[whole] == pytest.approx(
        screens_of(PRICES)[whole], nan_ok=True
    )


def test_subset_screens_of_three_need_three_prices_and_of_four_four() -> None:
    """What the number of prices does not allow is not a number; nothing is made up."""
    assert np.isfinite(_screen("cv_3_mean", PRICES[:3]))
    assert np.isnan(_screen("cv_4_mean", PRICES[:3]))
    assert np.isfinite(_screen("cv_4_mean", PRICES[:4]))


def test_a_ring_inside_a_crowd_shows_in_a_subset() -> None:
    """Four prices that stand together give a small least variation of subsets, whatever outsiders bid."""
    assert _screen("cv_4_min", (100.0, 100.4, 100.5, 100.9, 180.0, 260.0)) < 0.01


@pytest.mark.parametrize("count", [FEWEST, SUBSET_PRICES, SUBSET_PRICES + 1, 80])
def test_equal_prices_and_crowds_are_finite(count: int) -> None:
    """Prices that are all the same, and tenders of any size, give finite numbers where the screen is defined."""
    screens = screens_of([250.0] * count)

    assert np.isfinite(screens[: len(TEN)]).all()
    assert np.isfinite(screens).all() == (count >= PLACES[-1])


@pytest.mark.parametrize("prices", [(1.0, 2.0), (0.0, 1.0, 2.0)])
def test_too_few_prices_or_none_are_no_tender(prices: tuple[float, ...]) -> None:
    """Two prices, or a price of nothing, have no screens."""
    with pytest.raises(AssertionError):
        screens_of(prices)
