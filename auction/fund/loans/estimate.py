"""An estimate of an auction loan for whoever thinks of bidding: least own money, instalments, interest. Pure; binds nobody.

1. The most that may be lent is a share of the price, by class of asset; for a home the longest term is the law's of that day.
2. Beyond either the estimate is still worked out, and says so: a lender decides, not this page.
3. No loan fits the prepaid sell-off without bridge money, and a loan refused after the sale is a default like any other (law.md §7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from auction.fund.loans.applications import HOME, longest_months, most_of_price
from auction.fund.loans.schedule import MAX_MONTHS, Instalment, Method, repayment_schedule
from auction.kernel.errors import Malformed
from auction.kernel.money import ZERO, Money, total

RATE_MOST: Final = Decimal(36)
"""Highest rate that is taken, in percent a year."""
RATE_SIGNS: Final = 8


class RateMalformed(Malformed):
    """The rate is no percentage of at most four decimals between 0 and 36."""

    code = "loan_rate_malformed"
    article = "house: an estimate needs a rate"
    zh = "年利率应为0至{most}之间的百分数，最多四位小数，如 3.1。"
    en = "The annual rate is a percentage from 0 to {most} with at most four decimals, such as 3.1."


class TermMalformed(Malformed):
    """The term is no number of years that a loan runs."""

    code = "loan_term_malformed"
    article = "住房贷款期限通知 term"
    zh = "贷款年限应为1至{most}之间的整数。"
    en = "The term is a whole number of years from 1 to {most}."


class OwnMoneyExceedsPrice(Malformed):
    """Nothing is left to borrow."""

    code = "loan_own_money_exceeds_price"
    article = "house: an estimate needs a loan"
    zh = "自有资金应当少于总价。"
    en = "Own money is less than the price."


@dataclass(frozen=True, slots=True)
class LoanWish:
    """What is asked: a price, own money, a rate and a term."""

    price: Money
    own: Money
    annual_rate: Fraction
    years: int
    method: Method


@dataclass(frozen=True, slots=True)
class LoanEstimate:
    """What follows from a wish."""

    loan: Money
    schedule: tuple[Instalment, ...]
    most: Money | None
    """The most that is usually lent on this price; ``None`` where no figure is known for the class."""
    longest_years: int | None
    """The longest term; ``None`` where none is known."""

    @property
    def interest(self) -> Money:
        """All interest together."""
        return total([instalment.interest for instalment in self.schedule])

    @property
    def exceeds(self) -> bool:
        """Whether more is wished than is usually lent, or for longer."""
        too_long = self.longest_years is not None and len(self.schedule) > 12 * self.longest_years
        return too_long or (self.most is not None and self.loan > self.most)


def parse_rate(text: str) -> Fraction:
    """Read a percentage such as ``3.1`` as an exact ratio. Raises `RateMalformed`."""
    whole, _, decimals = text.strip().partition(".")
    is_number = (whole + decimals).isascii() and (whole + decimals).isdecimal() and bool(whole)
    if not is_number or len(text) > RATE_SIGNS or len(decimals) > 4 or Decimal(text.strip().rstrip(".")) > RATE_MOST:
        raise RateMalformed(field="rate", most=int(RATE_MOST))
    return Fraction(Decimal(text.strip().rstrip("."))) / 100


def parse_years(text: str) -> int:
    """Read a term in years. Raises `TermMalformed`."""
    most = MAX_MONTHS // 12
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdecimal()) or len(stripped) > 2 or not 1 <= int(stripped) <= most:
        raise TermMalformed(field="years", most=most)
    return int(stripped)


def estimate_loan(wish: LoanWish, *, asset_class: str, on: date) -> LoanEstimate:
    """Work an estimate out, for what is lent on a day. Raises `OwnMoneyExceedsPrice`. Source: law.md §7; parameters ``loan.*``."""
    loan = wish.price - wish.own
    if loan <= ZERO:
        raise OwnMoneyExceedsPrice(field="own")
    schedule = repayment_schedule(loan, annual_rate=wish.annual_rate, months=12 * wish.years, method=wish.method)
    return LoanEstimate(loan, tuple(schedule), most_of_price(wish.price, asset_class, on=on), _longest(asset_class, on))


def _longest(asset_class: str, on: date) -> int | None:
    return longest_months(asset_class, on=on) // 12 if asset_class == HOME else None
