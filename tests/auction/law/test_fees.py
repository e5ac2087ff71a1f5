"""Enforcement fee, doubled interest and seizures for every amount and day."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from auction.kernel.money import Money
from auction.law.fees import InterestSlice, SeizedKind, doubled_interest, enforcement_fee, latest_seizure_end, outlasts

ON = date(2026, 11, 2)
WAN = 1_000_000
"""Ten thousand yuan, in fen."""


def fee_by_hand(fen: int) -> Fraction:
    """The fee as the article tells it, band by band."""
    if fen == 0:
        return Fraction(0)
    fee = Fraction(5_000)
    edges = [(WAN, 50 * WAN, "15/1000"), (50 * WAN, 500 * WAN, "10/1000"), (500 * WAN, 1000 * WAN, "5/1000")]
    for low, high, rate in [*edges, (1000 * WAN, 10**14, "1/1000")]:
        fee += Fraction(rate) * max(0, min(fen, high) - low)
    return fee


@given(fen=st.integers(0, 10**13))
def test_fee_is_the_exact_sum_cut_to_the_fen(fen: int) -> None:
    """The fee never exceeds the exact sum and falls short by less than a fen."""
    assert 0 <= fee_by_hand(fen) - enforcement_fee(Money(fen), on=ON).fen < 1


@given(low=st.integers(1, 10**12), more=st.integers(0, 10**12))
def test_fee_never_falls_as_the_amount_rises(low: int, more: int) -> None:
    """Enforcing more never costs less."""
    assert enforcement_fee(Money(low), on=ON) <= enforcement_fee(Money(low + more), on=ON)


@given(fen=st.integers(0, 10**12), days=st.integers(0, 5000), cut=st.integers(0, 5000))
def test_interest_does_not_depend_on_how_time_is_sliced(fen: int, days: int, cut: int) -> None:
    """Cutting one stretch into two leaves the interest unchanged, to the fen."""
    start = date(2015, 1, 1)
    middle, end = start + timedelta(days=min(cut, days)), start + timedelta(days=days)
    whole = [InterestSlice(principal=Money(fen), from_day=start, to_day=end)]
    pieces = [
        InterestSlice(principal=Money(fen), from_day=start, to_day=middle),
        InterestSlice(principal=Money(fen), from_day=middle, to_day=end),
    ]

    assert doubled_interest(whole) == doubled_interest(pieces)


def test_no_slice_no_interest() -> None:
    """Nothing owed bears nothing."""
    assert Money(0) == doubled_interest([])


def test_seizure_stands_on_its_last_day() -> None:
    """A seizure outlasts a step on its last day and not on the next."""
    until = latest_seizure_end(SeizedKind.MOVABLE, date(2026, 3, 2), on=ON)

    stands = [outlasts(until, step_day=until + timedelta(days=n)) for n in (-1, 0, 1)]

    assert stands == [True, True, False]
