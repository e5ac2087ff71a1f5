"""The fee of an inquiry: nearest to the sale price, equals share, nothing else is paid."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.kernel.money import Money
from tests.valuation.inquiries.test_counting import part
from valuation.inquiries.counting import PlatformPart
from valuation.inquiries.fees.fee import nothing_owed, share_fee
from valuation.inquiries.validity import AnnouncedInTime, PriceStillValid, check_lapsed, latest_sale_day


def paid(parts: list[PlatformPart], sale: int, fee: int = 900) -> dict[str, int]:
    """Who gets what."""
    shares = share_fee(parts, sale_price=Money(sale), fee=Money(fee))
    return {share.platform_id: share.amount_fen for share in shares if share.amount_fen}


@pytest.mark.parametrize(
    ("sale", "expected"),
    [
        (149, {"a": 900}),
        (150, {"a": 450, "b": 450}),
        (151, {"b": 900}),
        (99, {"a": 900}),
        (1_000, {"b": 900}),
    ],
)
def test_nearest_is_paid_and_equals_share(sale: int, expected: dict[str, int]) -> None:
    """Above or below does not matter, only how near; equally near share equally (参考价 31)."""
    assert paid([part("a", 100), part("b", 200)], sale) == expected


def test_fen_left_over_go_one_each_in_the_order_of_ids() -> None:
    """Three share 100 fen: 34, 33, 33 (V34)."""
    assert paid([part("c", 100), part("a", 100), part("b", 100)], 100, 100) == {"a": 34, "b": 33, "c": 33}


def test_wrong_late_and_founded_objections_are_not_paid() -> None:
    """A report that was wrong takes no part; one that only met an objection that failed does (V34)."""
    parts = [
        part("a", 100, flaw="found"),
        part("b", 110, objection="upheld"),
        part("c", 120, outcome="late"),
        part("d", 130, objection="rejected"),
        part("e", 900),
    ]

    assert paid(parts, 100) == {"d": 900}


@given(
    values=st.lists(st.integers(1, 1_000), min_size=1, max_size=8),
    sale=st.integers(1, 1_000),
    fee=st.integers(0, 10_000),
)
def test_shares_sum_to_the_fee(values: list[int], sale: int, fee: int) -> None:
    """Nothing is lost and nothing is made, whatever the figures; only the nearest get something."""
    shares = share_fee([part(f"p{n}", v) for n, v in enumerate(values)], sale_price=Money(sale), fee=Money(fee))
    nearest = min(abs(value - sale) for value in values)

    assert sum(share.amount_fen for share in shares) == fee
    assert all(share.amount_fen == 0 or abs(share.difference_fen) == nearest for share in shares)
    winners = [share.amount_fen for share in shares if abs(share.difference_fen) == nearest]
    assert max(winners) - min(winners) <= 1


@pytest.mark.parametrize(
    ("state", "is_sold", "why"),
    [("withdrawn", True, "withdrawn"), ("failed", False, "nobody_in_time"), ("fixed", False, "not_sold"), ("fixed", True, None)],
)  # fmt: skip
def test_when_nothing_is_owed(state: str, is_sold: bool, why: str | None) -> None:
    """After a withdrawal, where nobody reported, and while nothing is sold (参考价 31)."""
    assert nothing_owed(state, is_sold=is_sold) == why


def test_validity_and_six_months_after_it() -> None:
    """To the same date, or the month's end that lacks it (参考价 27)."""
    assert latest_sale_day(date(2027, 8, 31), fixed_on=date(2027, 3, 1)) == date(2028, 2, 29)
    assert latest_sale_day(date(2027, 3, 8), fixed_on=date(2027, 3, 1)) == date(2027, 9, 8)


@pytest.mark.parametrize(("today", "is_lapsed"), [(7, False), (8, False), (9, True)])
def test_price_lapses_on_the_day_after_its_last(today: int, is_lapsed: bool) -> None:
    """Valid through 8 March; from the 9th its reports are issued anew, unless it was announced in time (参考价 11(4))."""
    until, day = date(2027, 3, 8), date(2027, 3, today)
    if not is_lapsed:
        with pytest.raises(PriceStillValid):
            check_lapsed(until, today=day, announced_on=None)
        return
    check_lapsed(until, today=day, announced_on=None)
    check_lapsed(until, today=day, announced_on=date(2027, 3, 9))
    with pytest.raises(AnnouncedInTime):
        check_lapsed(until, today=day, announced_on=date(2027, 3, 8))
