"""Seizures: is a first seizure in force on a day, and does it outlast a step.

1. Nothing is listed, announced, opened or ruled on without a first seizure (首封) in force that outlasts the step
   (practice 1; 查扣冻 1, 27).
2. A seizure runs from its first to its last day, both included; at most 1 year for cash, 2 for movables, 3 for
   immovables and rights (Interp. 485). A renewal is a new row; a gap of one day loses the rank.
3. The first seizure is our own court's, or the court that holds it handed the sale over (法释〔2016〕6号).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from auction.kernel.errors import Conflict, NotFound, Unlawful
from auction.law.fees import SeizedKind, check_seizure
from auction.sale.cases.assets import AssetClass, is_movable

SeizureKind = Literal["seal", "detain", "freeze"]
FIRST = 1
MAX_RENEWALS = 100
"""No chain of renewals is followed further."""


class NoFirstSeizure(Unlawful):
    """No first seizure in force on the day of the step."""

    code = "no_first_seizure"
    article = "查扣冻 1; practice 1"
    zh = "{on} 没有有效的首先查封，不得处置。"
    en = "No first seizure is in force on {on}; the asset may not be sold."


class SeizureEndsBefore(Unlawful):
    """The first seizure ends before the step it must outlast."""

    code = "seizure_ends_before"
    article = "查扣冻 26, 27"
    zh = "首先查封于 {ends} 届满，早于 {needed}，请先续行查封。"
    en = "The first seizure ends on {ends}, before {needed}; renew it first."


class FirstSeizureElsewhere(Unlawful):
    """The first seizure is another court's and it has not handed the sale over."""

    code = "first_seizure_elsewhere"
    article = "首封移送批复 1"
    zh = "首先查封法院为 {court}，且未移送处分权。"
    en = "The first seizure is that of {court}, which has not handed the sale over."


class FirstSeizureTaken(Conflict):
    """Another file already holds the first seizure in this time."""

    code = "first_seizure_taken"
    article = "查扣冻 26"
    zh = "同一期间已有首先查封（{case_number}）。"
    en = "Another file ({case_number}) holds the first seizure in this time."


class SeizureUnknown(NotFound):
    """No such seizure of this asset."""

    code = "seizure_unknown"
    article = "house: a seizure is known by its id"
    zh = "没有该查封记录。"
    en = "There is no such seizure."


class SeizureOfOtherAsset(Conflict):
    """A renewal continues a seizure of the same asset only."""

    code = "seizure_of_other_asset"
    article = "查扣冻 27"
    zh = "所续行的查封不是对该项财产的查封。"
    en = "The seizure that is to be renewed is one of another asset."


@dataclass(frozen=True, slots=True, kw_only=True)
class Seizure:
    """One seizure; ``lifted_on`` is ``None`` while nobody lifted it, else the first day without it."""

    seizure_id: UUID
    court: str
    case_number: str
    rank: int
    valid_from: date
    valid_until: date
    handover_ref: str = ""
    lifted_on: date | None = None

    @property
    def ends_on(self) -> date:
        """The last day of effect."""
        if self.lifted_on is None:
            return self.valid_until
        if self.lifted_on == date.min:  # no day comes before it
            return date.min
        return min(self.valid_until, self.lifted_on - timedelta(days=1))

    def is_in_force(self, on: date) -> bool:
        """Whether the seizure binds on ``on``."""
        return self.valid_from <= on <= self.ends_on


def check_term(asset_class: AssetClass, *, valid_from: date, valid_until: date) -> None:
    """Refuse dates out of order or too far apart. Raises: `SeizureEndsBeforeStart`, `SeizureTooLong`."""
    kind = SeizedKind.MOVABLE if is_movable(asset_class) else SeizedKind.IMMOVABLE_OR_RIGHT
    check_seizure(kind, first_day=valid_from, until=valid_until)


def check_rank_free(seizures: Sequence[Seizure], new: Seizure) -> None:
    """Refuse a second first seizure of another file in the same time (`FirstSeizureTaken`)."""
    for held in seizures:
        overlaps = held.valid_from <= new.valid_until and new.valid_from <= held.ends_on
        if held.rank == new.rank == FIRST and overlaps and held.case_number != new.case_number:
            raise FirstSeizureTaken(case_number=held.case_number)


def first_in_force(seizures: Sequence[Seizure], on: date) -> Seizure | None:
    """Give the first seizure in force on ``on`` that lasts longest; ``None`` if there is none."""
    found = [each for each in seizures if each.rank == FIRST and each.is_in_force(on)]
    return max(found, key=lambda each: each.ends_on, default=None)


def covered_until(seizures: Sequence[Seizure], on: date) -> date | None:
    """Give the last day to which first seizures reach from ``on`` without a gap; ``None`` if none is in force."""
    current = first_in_force(seizures, on)
    for _ in range(MAX_RENEWALS):
        if current is None:
            return None
        following = first_in_force(seizures, current.ends_on + timedelta(days=1))
        if following is None:
            return current.ends_on
        current = following
    raise AssertionError("a chain of renewals is longer than any lawful one")


def check_outlasts(seizures: Sequence[Seizure], *, court: str, on: date, needed: date) -> None:
    """Refuse a step on ``on`` unless first seizures, ours or handed over, last through ``needed`` without a gap.

    Raises: `NoFirstSeizure`, `FirstSeizureElsewhere`, `SeizureEndsBefore`. Source: 查扣冻 1, 26, 27; 首封移送批复 1.
    """
    first = first_in_force(seizures, on)
    ends = covered_until(seizures, on)
    if first is None or ends is None:
        raise NoFirstSeizure(on=on)
    if first.court != court and not first.handover_ref:
        raise FirstSeizureElsewhere(court=first.court)
    if ends < needed:
        raise SeizureEndsBefore(ends=ends, needed=needed)
