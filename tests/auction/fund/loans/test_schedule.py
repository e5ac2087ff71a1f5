from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.fund.loans.schedule import Method, repayment_schedule
from auction.kernel.money import Money


def test_worked_example_of_equal_instalments() -> None:
    """¥1,200,000 at 3.85 % over 30 years: ¥5,625.70 a month (the usual annuity), the last instalment takes the rest."""
    schedule = repayment_schedule(
        Money.yuan(1_200_000), annual_rate=Fraction(385, 10_000), months=360, method="equal_instalments"
    )

    assert schedule[0].interest == Money(385_000)
    assert schedule[0].payment == Money(562_570)
    assert {instalment.payment for instalment in schedule[:-1]} == {Money(562_570)}
    assert abs(schedule[-1].payment.fen - 562_570) < 400
    assert schedule[-1].open_after == Money(0)


def test_worked_example_of_equal_principal() -> None:
    """¥120,000 at 6 % over a year: ¥10,000 principal a month, interest ¥600 falling by ¥50."""
    schedule = repayment_schedule(
        Money.yuan(120_000), annual_rate=Fraction(6, 100), months=12, method="equal_principal"
    )

    assert [instalment.payment for instalment in schedule[:3]] == [
        Money(1_060_000),
        Money(1_055_000),
        Money(1_050_000),
    ]
    assert sum(instalment.interest.fen for instalment in schedule) == 390_000


@pytest.mark.parametrize("method", ["equal_instalments", "equal_principal"])
def test_without_interest_only_principal_is_paid(method: Method) -> None:
    """At a rate of zero the instalments sum to the loan, and the last takes what rounding left over."""
    schedule = repayment_schedule(Money(100), annual_rate=Fraction(0), months=3, method=method)

    assert [instalment.payment.fen for instalment in schedule] == [33, 33, 34]


def test_equal_principal_is_the_same_every_month_but_the_last() -> None:
    """A loan of 1,000 fen over 7 months repays 143 a month (1,000 / 7 = 142.86) and 142 at the end."""
    schedule = repayment_schedule(Money(1_000), annual_rate=Fraction(6, 100), months=7, method="equal_principal")

    assert [instalment.principal.fen for instalment in schedule] == [143] * 6 + [142]


@given(
    st.integers(1, 10**12),
    st.fractions(0, Fraction(1, 2), max_denominator=10_000),
    st.integers(1, 120),
    st.sampled_from(["equal_instalments", "equal_principal"]),
)
def test_principal_parts_sum_to_the_loan(fen: int, rate: Fraction, months: int, method: Method) -> None:
    """For any loan the parts sum to it, the open principal falls to zero, and interest is exact to the fen."""
    schedule = repayment_schedule(Money(fen), annual_rate=rate, months=months, method=method)

    assert sum(instalment.principal.fen for instalment in schedule) == fen
    assert len(schedule) == months
    still_open = fen
    for instalment in schedule:
        assert instalment.principal.fen >= 0
        assert abs(instalment.interest.fen - still_open * rate / 12) <= Fraction(1, 2)
        still_open -= instalment.principal.fen
        assert instalment.open_after.fen == still_open
    assert still_open == 0
