"""Simple interest that a title grants at a rate of its own (一般债务利息): exact, rounded once. Pure.

1. Interest runs on principal only, never on interest: each stretch is principal × rate of a year × days ÷ days of the year.
2. Rate and days of the year are those of the title; the first and the last day of a stretch are both counted, for a title writes
   "from … to …" and its reader types the days that it counts. Source: 迟延利息解释 1(2) (this interest is worked out as the title says).
3. On no day does interest run on more than the claim's principal, however many stretches there are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from auction.kernel.errors import Malformed, Unlawful
from auction.kernel.money import ZERO, Money, total
from auction.law.prices import round_half_up

YEAR_DAYS: Final = (360, 365)
"""Days to which a title may count a year."""
PERCENT_MOST: Final = 100
_PERCENT: Final = re.compile(r"\d{1,3}(\.\d{1,6})?")


class TitleInterestMalformed(Malformed):
    """Rate, days of the year, or the days of a stretch are none."""

    code = "title_interest_malformed"
    article = "迟延利息解释 1"
    zh = "计息期间无效：年利率应当大于零且不超过100%、最多六位小数，一年按360日或者365日计，止日不得早于起日。"
    en = "The stretch is not valid: the rate is above zero and at most 100% with six decimals, a year has 360 or 365 days, the last day is not before the first."


class InterestAbovePrincipal(Unlawful):
    """On some day interest would run on more than the claim."""

    code = "interest_above_principal"
    article = "迟延利息解释 1"
    zh = "{on}的计息本金合计 {bearing}，超过该项债权的数额 {principal}：同一本金不得重复计息，利息不得再计利息。"
    en = "On {on} interest would run on {bearing}, more than the claim of {principal}: no principal bears interest twice, and interest bears none."


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleStretch:
    """A stretch in which principal and rate stayed the same; both days are counted."""

    principal: Money
    annual_percent: str
    """As the title writes it: ``3.85``."""
    year_days: int
    from_day: date
    to_day: date

    @property
    def days(self) -> int:
        """Days on which it ran."""
        return (self.to_day - self.from_day).days + 1

    @property
    def annual_rate(self) -> Fraction:
        """The rate of a year, exactly."""
        return Fraction(Decimal(self.annual_percent)) / 100


def check_stretch(one: TitleStretch) -> None:
    """Refuse a stretch that is none (`TitleInterestMalformed`)."""
    is_rate = _PERCENT.fullmatch(one.annual_percent) is not None and 0 < Decimal(one.annual_percent) <= PERCENT_MOST
    if not is_rate or one.year_days not in YEAR_DAYS or one.days < 1 or one.principal <= ZERO:
        raise TitleInterestMalformed(field="stretches")


def simple_interest(stretches: Sequence[TitleStretch]) -> Money:
    """Give the interest of all stretches, exactly, rounded once to the fen, halves up (rules 1 and 2).

    Raises `TitleInterestMalformed`.
    """
    for one in stretches:
        check_stretch(one)
    return round_half_up(sum((_exact(one) for one in stretches), Fraction(0)))


def _exact(one: TitleStretch) -> Fraction:
    return one.principal.fen * one.annual_rate * one.days / one.year_days


def require_within_principal(stretches: Sequence[TitleStretch], principal: Money) -> None:
    """Raise `InterestAbovePrincipal` if on some day the stretches bear interest on more than the claim (rule 3).

    What bears interest only grows on first days, so it is enough to look at those.
    """
    for day in sorted({one.from_day for one in stretches}):
        bearing = total([one.principal for one in stretches if one.from_day <= day <= one.to_day])
        if bearing > principal:
            raise InterestAbovePrincipal(on=day.isoformat(), bearing=bearing, principal=principal)
