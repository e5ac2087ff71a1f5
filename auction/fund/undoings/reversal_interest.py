"""Interest that a reversed creditor owes on what he got (孳息): rate and days from the ruling, worked out payout by payout. Pure.

1. The ruling names a rate, the days of its year, and its first and last day, both counted; it is simple, summed exactly, rounded once.
2. It runs on what he got and returns, never on what was still held for him, and not before the day on which he got it.
3. Who keeps a part keeps what he got first: what he got last falls, and bears interest, first.
4. What his share bore for its own escrow he returns, but it never came to him: it bears none.

Source: CPL 244; 执行工作规定 65 (返还已取得的财产及其孳息; number and text from general knowledge).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from auction.kernel.errors import Conflict, Malformed
from auction.kernel.money import ZERO, Money
from auction.law.title_interest import TitleStretch, simple_interest


class ReversalInterestMalformed(Malformed):
    """Rate and days of the interest are given in part only, or the last day is before the first."""

    code = "reversal_interest_malformed"
    article = "CPL 244"
    zh = "计算孳息的，年利率、起日、止日应当一并填写，止日不得早于起日；不计孳息的均不填。"
    en = "Interest needs its rate, its first and its last day, which is not before the first; without interest all three stay empty."


class NothingBearsInterest(Conflict):
    """On the days of the ruling he had nothing that he returns, or the interest is below half a fen."""

    code = "reversal_interest_of_nothing"
    article = "CPL 244"
    zh = "裁定写明的期间内，债权人没有取得应当返还的款项，或者孳息不足一分，不应写明孳息。"
    en = "On the days of the ruling the creditor had nothing that he returns, or its interest is below half a fen; the ruling names none."


@dataclass(frozen=True, slots=True)
class InterestTerms:
    """What the ruling says of interest; both days are counted."""

    annual_percent: str
    year_days: int
    from_day: date
    to_day: date


@dataclass(frozen=True, slots=True)
class PaidPart:
    """What came to the creditor on a day."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class ReversalInterest:
    """Interest as it was worked out: what bore it on which days, and what it comes to."""

    terms: InterestTerms
    stretches: tuple[TitleStretch, ...]
    amount: Money


def interest_terms(
    *, annual_percent: str, year_days: int, from_day: date | None, to_day: date | None
) -> InterestTerms | None:
    """Read what was typed; ``None``: the ruling names no interest. Raises `ReversalInterestMalformed`."""
    percent = annual_percent.strip()
    if not percent and from_day is None and to_day is None:
        return None
    if not percent or from_day is None or to_day is None or to_day < from_day:
        wanting = {"interest_percent": not percent, "interest_from": from_day is None}
        raise ReversalInterestMalformed(field=next((name for name in wanting if wanting[name]), "interest_to"))
    return InterestTerms(percent, year_days, from_day, to_day)


def last_paid_first(payouts: Sequence[PaidPart], *, fell_before: Money, falls: Money) -> tuple[PaidPart, ...]:
    """Give of payouts, the oldest first, what falls now: the last first, after what fell before (rule 3).

    What falls beyond the payouts is none of them (rule 4).
    """
    found: list[PaidPart] = []
    for one in sorted(payouts, key=lambda part: part.on, reverse=True):
        gone = min(fell_before, one.amount)
        fell_before -= gone
        part = min(falls, one.amount - gone)
        falls -= part
        if part:
            found.append(PaidPart(one.on, part))
    return tuple(reversed(found))


def reversal_interest(parts: Iterable[PaidPart], terms: InterestTerms) -> ReversalInterest:
    """Work the interest out (rules 1 and 2). Raises `NothingBearsInterest`, `TitleInterestMalformed` (rate or year are none)."""
    by_first: dict[date, Money] = {}
    for part in parts:
        first = max(part.on, terms.from_day)
        by_first[first] = by_first.get(first, ZERO) + part.amount
    stretches = tuple(
        TitleStretch(
            principal=by_first[first],
            annual_percent=terms.annual_percent,
            year_days=terms.year_days,
            from_day=first,
            to_day=terms.to_day,
        )
        for first in sorted(by_first)
        if first <= terms.to_day
    )
    amount = simple_interest(stretches)
    if not amount:
        raise NothingBearsInterest
    return ReversalInterest(terms, stretches, amount)
