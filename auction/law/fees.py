"""Enforcement fee, doubled interest, and the longest lawful seizures.

1. The enforcement fee is the exact sum over marginal bands, cut to whole fen (auction/DECISIONS L8); it is paid after
   enforcement and borne by the judgment debtor (诉讼费用办法 14(1), 20, 38).
2. Doubled interest is simple: principal x 7/40000 x days, summed exactly over all slices of principal and rounded
   once (auction/DECISIONS L9). The last day for performance is not counted, the stopping day is; stays for a review of
   the title that the debtor did not ask for, and stays in a retrial, are deducted. No slice begins before the rate was law.
3. A seizure has a longest length by kind of asset (Interp. 485); the dates in the ruling govern within it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import msgspec

from auction.kernel.errors import Malformed, Unlawful
from auction.kernel.money import ZERO, Money
from auction.law.parameters import LAW, Band
from auction.law.periods import add_months
from auction.law.prices import round_half_up


class SeizureTooLong(Unlawful):
    """The seizure would last longer than the law allows for this kind of asset."""

    code = "seizure_too_long"
    article = "Interp. 485"
    zh = "查封期限至 {until} 超过法定最长期限 {latest}。"
    en = "A seizure until {until} is longer than the law allows (until {latest})."


class FeeOutsideBounds(Unlawful):
    """The court may not fix so much, or so little, for a case without an amount."""

    code = "fee_outside_bounds"
    article = "诉讼费用办法 14(1)"
    zh = "没有执行金额的案件，申请执行费应当在 {least} 至 {most} 之间。"
    en = "The enforcement fee of a case without an amount lies between {least} and {most}."


class SeizureEndsBeforeStart(Malformed):
    """The last day of a seizure lies before its first."""

    code = "seizure_ends_before_start"
    article = "Interp. 485"
    zh = "查封止日 {until} 早于起日 {first}。"
    en = "The seizure ends on {until}, before it begins on {first}."


class InterestDaysInvalid(Malformed):
    """Interest stops before it begins, or more days are deducted than ran."""

    code = "interest_days_invalid"
    article = "迟延利息解释 2"
    zh = "迟延履行利息的起止日或者扣除日数无效。"
    en = "The days of doubled interest are not valid: it stops before it begins, or too many days are deducted."


class SeizedKind(StrEnum):
    """Kinds of asset by the longest length of their seizure."""

    CASH = "cash"
    """Deposits with banks (银行存款)."""
    MOVABLE = "movable"
    IMMOVABLE_OR_RIGHT = "immovable_or_right"


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestSlice:
    """One stretch in which the unpaid principal stayed the same."""

    principal: Money
    from_day: date
    """The last day for performance, or the day of the part payment before: not counted."""
    to_day: date
    """The day of payment, or on which the sale ruling takes effect: counted."""
    deducted_days: int = 0
    """Days of a stay or deferral to review the title that the debtor did not ask for, or of a stay in a retrial."""


def enforcement_fee(enforced: Money, *, on: date) -> Money:
    """Give the enforcement fee for the amount enforced; zero when nothing was.

    Source: 诉讼费用办法 14(1).
    """
    assert enforced >= ZERO, "what was enforced is not negative"
    if not enforced:
        return ZERO
    exact, below = Fraction(0), 0
    for band in LAW.bands("fees.enforcement_bands", on=on):
        exact += _band_fee(band, enforced.fen, below)
        if band.up_to_fen is None or enforced.fen <= band.up_to_fen:
            break
        below = band.up_to_fen
    return Money(exact.numerator // exact.denominator)


class BandPart(msgspec.Struct, frozen=True, kw_only=True):
    """What of an amount lies in one band, with the band's flat fee and rate (exact text, as ``3/200``)."""

    above_fen: int
    amount_fen: int
    flat_fen: int
    rate: str

    @property
    def percent(self) -> str:
        """The rate as people read it: ``1.5%``."""
        rate = Fraction(self.rate) * 100
        return f"{Decimal(rate.numerator) / Decimal(rate.denominator)}%"


def bands_of_fee(enforced: Money, *, on: date) -> tuple[BandPart, ...]:
    """Split an amount over the bands of the enforcement fee, for the bill to show. Source: 诉讼费用办法 14(1)."""
    parts, below = [], 0
    for band in LAW.bands("fees.enforcement_bands", on=on):
        top = enforced.fen if band.up_to_fen is None else min(enforced.fen, band.up_to_fen)
        if top <= below:
            break
        parts.append(BandPart(above_fen=below, amount_fen=top - below, flat_fen=band.flat_fen, rate=str(band.rate)))
        below = top
    return tuple(parts)


def check_fee_without_amount(fee: Money, *, on: date) -> None:
    """Refuse a fee outside the bounds for a case without an amount (`FeeOutsideBounds`). Source: 诉讼费用办法 14(1)."""
    least, most = (LAW.amount(f"fees.enforcement_no_amount_{end}", on=on) for end in ("min", "max"))
    if not least <= fee <= most:
        raise FeeOutsideBounds(least=least, most=most)


def _band_fee(band: Band, amount_fen: int, below_fen: int) -> Fraction:
    top = amount_fen if band.up_to_fen is None else min(amount_fen, band.up_to_fen)
    return band.flat_fen + band.rate * (top - below_fen)


def interest_days(part: InterestSlice) -> int:
    """Count the days on which doubled interest ran.

    Raises: `InterestDaysInvalid`. Source: 迟延利息解释 2–3; CPL 85.
    """
    days = (part.to_day - part.from_day).days - part.deducted_days
    if part.deducted_days < 0 or days < 0:
        raise InterestDaysInvalid
    return days


def doubled_interest(slices: Sequence[InterestSlice]) -> Money:
    """Give the doubled part of interest (加倍部分债务利息) over all slices, exactly, rounded once to the fen.

    Raises: `InterestDaysInvalid`; `ParameterNotInForce` for a slice that begins before 1 August 2014 (art. 7: the
    earlier rules hold for it). Source: 迟延利息解释 1–3, 7.
    """
    return round_half_up(sum((_exact_interest(part) for part in slices), Fraction(0)))


def _exact_interest(part: InterestSlice) -> Fraction:
    assert part.principal >= ZERO, "principal is not negative"
    days = interest_days(part)
    first_counted = min(part.from_day + timedelta(days=1), part.to_day)
    rate = LAW.ratio("money.double_interest_daily", on=first_counted)
    assert rate == LAW.ratio("money.double_interest_daily", on=part.to_day), "a slice is cut where the rate changes"
    return rate * part.principal.fen * days


def latest_seizure_end(kind: SeizedKind, first_day: date, *, on: date) -> date:
    """Give the last day that a seizure from ``first_day`` may name. Source: Interp. 485."""
    return add_months(first_day, 12 * LAW.years(f"seizure.{kind.value}_years", on=on))


def check_seizure(kind: SeizedKind, *, first_day: date, until: date) -> None:
    """Refuse a seizure that is longer than the law allows.

    Raises: `SeizureEndsBeforeStart`, `SeizureTooLong`. Source: Interp. 485.
    """
    if until < first_day:
        raise SeizureEndsBeforeStart(first=first_day.isoformat(), until=until.isoformat())
    latest = latest_seizure_end(kind, first_day, on=first_day)
    if until > latest:
        raise SeizureTooLong(until=until.isoformat(), latest=latest.isoformat())


def outlasts(until: date, *, step_day: date) -> bool:
    """Whether a seizure in force until ``until`` (included) still stands on ``step_day``."""
    return step_day <= until
