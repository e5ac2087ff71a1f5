"""The shape of a rush."""

from __future__ import annotations

from random import Random

import pytest

from loadtests.scenarios.rush import rush


@pytest.mark.parametrize(("seconds", "minute", "second"), [(600.0, 60.0, 1.0), (120.0, 60.0, 1.0), (30.0, 15.0, 0.25)])
def test_rush_has_its_shares(seconds: float, minute: float, second: float) -> None:
    """Of 10,000 bids 4,000 fall into the last minute and 700 of these into the last second, scaled in short runs."""
    dues = rush(bids=10_000, seconds=seconds, random=Random(3))

    assert (len(dues), dues) == (10_000, sorted(dues))
    assert sum(due >= seconds - minute for due in dues) == 4_000
    assert sum(due >= seconds - second for due in dues) == 700
    assert dues[0] >= 0
    assert dues[-1] <= seconds


def test_rush_is_fixed_by_its_seed() -> None:
    """The same seed gives the same rush."""
    assert rush(bids=50, seconds=10, random=Random(1)) == rush(bids=50, seconds=10, random=Random(1))
