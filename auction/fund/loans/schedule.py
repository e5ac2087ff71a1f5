"""Repayment schedules, to the fen. Pure.

1. Equal instalments (等额本息): every instalment is the same but the last, which takes what rounding left over.
2. Equal principal (等额本金): every instalment repays the same principal, rounded half up to the fen, but the last,
   which takes what rounding left over; interest falls.
3. Interest of a month is the open principal × the annual rate / 12, exact, rounded half up to the fen.
4. The principal parts sum to the loan, and the open principal ends at zero.
5. Without interest both are the same: equal parts of the principal, the rest in the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from auction.kernel.money import ZERO, Money

Method = Literal["equal_instalments", "equal_principal"]
MAX_MONTHS = 480
"""The longest term of a home loan (银发〔2026〕171号)."""
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One monthly payment: principal and interest, and what stays open after it."""

    number: int
    principal: Money
    interest: Money
    open_after: Money

    @property
    def payment(self) -> Money:
        """What is paid in that month."""
        return self.principal + self.interest


def repayment_schedule(principal: Money, *, annual_rate: Fraction, months: int, method: Method) -> list[Instalment]:
    """Give all instalments of a loan (above zero, 1 to `MAX_MONTHS` months, rate not negative)."""
    assert principal.fen > 0 and 1 <= months <= MAX_MONTHS and annual_rate >= 0, "a loan has principal, term and rate"
    rate = annual_rate / 12
    same = half_up(Fraction(principal.fen, months))
    level = level_payment(principal, rate=rate, months=months)
    schedule: list[Instalment] = []
    still_open = principal
    for number in range(1, months + 1):
        interest = half_up(still_open.fen * rate)
        if number == months:
            part = still_open
        elif method == "equal_principal":
            part = min(same, still_open)
        else:
            part = max(ZERO, min(level - interest, still_open))
        still_open -= part
        schedule.append(Instalment(number, part, interest, still_open))
    return schedule


def level_payment(principal: Money, *, rate: Fraction, months: int) -> Money:
    """Give the equal monthly payment at a monthly rate, rounded half up."""
    if not rate:
        return half_up(Fraction(principal.fen, months))
    growth = (1 + rate) ** months
    return half_up(principal.fen * rate * growth / (growth - 1))


def half_up(amount: Fraction) -> Money:
    """Round an exact number of fen, half upwards."""
    return Money(int((amount + _HALF) // 1))
