"""Proof that a buyer is eligible to buy where purchases are limited: without a gap from the registration to the ruling. Pure.

1. Each record says of a span of days, first and last included, that he was eligible or was not, and on which paper.
2. Of two records about a day the later one counts: what the city answers corrects a paper that the buyer brought.
3. Every day from his registration to the ruling is proven; else there is no ruling (法释〔2021〕18号 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from auction.kernel.errors import Malformed

ProofSource = Literal["documents", "city", "officer"]
"""Papers of the buyer, the answer of the city's housing office, or what the officer found himself."""
LONGEST_DAYS = 3 * 366
"""No span that is looked at is longer: a sale does not take three years from its notice to the ruling."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """One record, in the order in which they were made."""

    source: ProofSource
    document_ref: str
    from_on: date
    to_on: date
    is_eligible: bool


class Unproven(msgspec.Struct, frozen=True, kw_only=True):
    """The first days that are not proven, first and last included; ``denied``: a record says that he was not eligible."""

    from_on: date
    to_on: date
    denied: bool


class ProofDates(Malformed):
    """The span ends before it begins, ends after today, or is longer than any sale."""

    code = "eligibility_dates_out_of_order"
    article = "法释〔2021〕18号 3; house: what is proven has happened"
    zh = "证明期间的起止日期有误：截止日期不得早于起始日期，也不得晚于今日。"
    en = "The days of the proof are out of order: it ends no earlier than it begins, and not after today."


def check_span(from_on: date, to_on: date, *, today: date) -> None:
    """Refuse a span that cannot be (`ProofDates`)."""
    if not from_on <= to_on <= today or (to_on - from_on).days > LONGEST_DAYS:
        raise ProofDates


def unproven(proofs: Sequence[Proof], *, first: date, last: date) -> Unproven | None:
    """Give the first gap between two days, both included; ``None``: all of them are proven."""
    if (last - first).days > LONGEST_DAYS:
        return Unproven(from_on=first, to_on=last, denied=False)
    gap: Unproven | None = None
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        said = next((each for each in reversed(proofs) if each.from_on <= day <= each.to_on), None)
        denied = said is not None and not said.is_eligible
        if (said is not None and said.is_eligible) or (gap is not None and gap.denied != denied):
            if gap is not None:
                return gap
            continue
        gap = Unproven(from_on=day if gap is None else gap.from_on, to_on=day, denied=denied)
    return gap
