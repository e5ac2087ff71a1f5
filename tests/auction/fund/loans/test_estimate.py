from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from auction.fund.loans.estimate import (
    LoanWish,
    OwnMoneyExceedsPrice,
    RateMalformed,
    TermMalformed,
    estimate_loan,
    parse_rate,
    parse_years,
)
from auction.kernel.money import Money

DAY = date(2026, 11, 22)


def _wish(price: int, own: int, years: int = 30) -> LoanWish:
    return LoanWish(Money(price), Money(own), Fraction(31, 1000), years, "equal_instalments")


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("3.1", Fraction(31, 1000)),
        ("0", Fraction(0)),
        ("36", Fraction(36, 100)),
        ("3.", Fraction(3, 100)),
        (" 4.0001 ", Fraction(40001, 1000000)),
    ],
)
def test_rate_is_read_exactly(text: str, rate: Fraction) -> None:
    """A percentage is an exact ratio; nothing passes through a float."""
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", ".", "36.0001", "-1", "3,1", "1e1", "3.12345", "٣", "3.1.1", "100000000"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    """Signs, exponents, other decimals and more than 36 per cent are refused by name of the field."""
    with pytest.raises(RateMalformed) as caught:
        parse_rate(text)
    assert caught.value.facts["field"] == "rate"


@pytest.mark.parametrize(("text", "years"), [("1", 1), ("40", 40), (" 30 ", 30)])
def test_term_is_read(text: str, years: int) -> None:
    """One to forty years."""
    assert parse_years(text) == years


@pytest.mark.parametrize("text", ["", "0", "41", "-1", "1.5", "三十", "999"])
def test_what_is_no_term_is_refused(text: str) -> None:
    """None, a part of a year, or longer than any loan."""
    with pytest.raises(TermMalformed):
        parse_years(text)


@pytest.mark.parametrize(("own", "exceeds"), [(15_00, False), (14_99, True), (15_01, False)])
def test_home_needs_fifteen_per_cent_of_own_money(own: int, exceeds: bool) -> None:
    """首付比例通知: 15 % of ¥100 is ¥15; one fen less is more than is usually lent."""
    found = estimate_loan(_wish(100_00, own), asset_class="home", on=DAY)

    assert (found.most, found.exceeds) == (Money(85_00), exceeds)


@pytest.mark.parametrize(
    ("on", "years", "exceeds"),
    [(date(2026, 8, 27), 30, False), (date(2026, 8, 27), 31, True), (date(2026, 8, 28), 40, False)],
)
def test_longest_term_is_that_of_the_day(on: date, years: int, exceeds: bool) -> None:
    """银发〔2026〕171号: 40 years from 28 August 2026, 30 before."""
    assert estimate_loan(_wish(100_00, 50_00, years), asset_class="home", on=on).exceeds is exceeds


def test_vehicle_and_others() -> None:
    """A used car: 70 %; for a class without a figure none is named, and nothing exceeds it."""
    car = estimate_loan(_wish(100_00, 29_99, 3), asset_class="vehicle", on=DAY)
    shares = estimate_loan(_wish(100_00, 1, 3), asset_class="equity", on=DAY)

    assert (car.most, car.exceeds) == (Money(70_00), True)
    assert (shares.most, shares.longest_years, shares.exceeds) == (None, None, False)


def test_estimate_sums() -> None:
    """What is paid is the loan and its interest, to the fen."""
    found = estimate_loan(_wish(2_100_000_00, 630_000_00), asset_class="home", on=DAY)

    assert found.loan == Money(1_470_000_00)
    assert sum(instalment.payment.fen for instalment in found.schedule) == (found.loan + found.interest).fen
    assert found.schedule[-1].open_after == Money(0)


@pytest.mark.parametrize("own", [100_00, 100_01])
def test_there_must_be_something_to_borrow(own: int) -> None:
    """Own money that covers the price leaves no loan."""
    with pytest.raises(OwnMoneyExceedsPrice):
        estimate_loan(_wish(100_00, own), asset_class="home", on=DAY)
