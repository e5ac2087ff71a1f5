"""The way of an asset to its price, step by step: one step per method that was tried.

1. Steps of an asset are numbered from 1 without a gap; at most one is open at any time.
2. A step is opened on a ground that `valuation.methods.order` gives, and ends once: with a price, without one, or withdrawn.
3. A way ends with a price. The next way begins only when no announcement may rest on that price any more: its validity is
   over (参考价 27) or a ruling set it aside (25). Requests and failures of an earlier way do not count in the next.
4. Withdrawn (参考价 29) is not failed: the same method may be taken up again; but where somebody could know the result already, the
   withdrawal counts like a failure, or a price could be tried for until it fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, NotFound

Method = Literal["agreement", "targeted_inquiry", "online_inquiry", "entrusted_appraisal"]
METHODS: tuple[Method, ...] = get_args(Method)

StepOutcome = Literal["priced", "failed", "withdrawn"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One method tried on one asset; ``ground`` is the article on which it rests."""

    step_id: UUID
    case_id: UUID
    asset_id: UUID
    ordinal: int
    method: Method
    ground: str
    opened_at: datetime
    outcome: StepOutcome | None = None
    """``None`` while it runs."""
    reason: str | None = None
    """Why it ended without a price, as a short code."""
    result_known: bool = False
    """Whether somebody could know its result when it was withdrawn."""
    ended_at: datetime | None = None


class StandingPrice(msgspec.Struct, frozen=True, kw_only=True):
    """The newest price of an asset, and whether an announcement may still rest on it."""

    step_id: UUID
    valid_until: date
    """Last day of its validity. Source: 参考价 27."""
    set_aside: bool


class StepRunning(Conflict):
    """A method is already being tried on this asset."""

    code = "method_running"
    article = "参考价 2, 4–7, 14"
    zh = "该财产正在以其他方式确定参考价，尚未结束。"
    en = "Another method is being tried on this asset and has not ended."


class PriceStands(Conflict):
    """The asset has a reference price that is still valid."""

    code = "price_stands"
    article = "参考价 27"
    zh = "该财产的参考价有效期至 {until}，不需要重新确定。"
    en = "The asset has a reference price that is valid until {until}; no new one is needed."


class StepUnknown(NotFound):
    """No such step."""

    code = "method_step_unknown"
    article = "参考价 2"
    zh = "没有该定价程序。"
    en = "There is no such step."


def this_way(steps: Sequence[Step]) -> list[Step]:
    """Give the steps of the way that is under way: those after the last price (rule 3)."""
    priced = [number for number, step in enumerate(steps) if step.outcome == "priced"]
    return list(steps[priced[-1] + 1 :]) if priced else list(steps)


def spent(steps: Sequence[Step]) -> list[Method]:
    """Give the methods of this way that are spent, each as often as it is (rules 3, 4)."""
    ended = [step for step in this_way(steps) if step.outcome == "failed" or step.result_known]
    return [step.method for step in ended]


def way_number(steps: Sequence[Step]) -> int:
    """Give the number of the way that is under way, from 1."""
    return 1 + sum(step.outcome == "priced" for step in steps)


def check_open(steps: Sequence[Step], price: StandingPrice | None, *, today: date) -> None:
    """Refuse a new step while one runs (`StepRunning`) or a price stands (`PriceStands`)."""
    if any(step.outcome is None for step in steps):
        raise StepRunning
    if price is not None and not price.set_aside and today <= price.valid_until:
        raise PriceStands(until=price.valid_until.isoformat())
