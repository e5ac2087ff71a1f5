"""Enforcement supervision of a price (执行监督): the way that is left when objections are over.

1. It is asked with evidence, before the first auction is announced or a direct sell-off begins (参考价 25).
2. Its ground fits how the price came: fraud, duress or collusion in an agreement, a false answer to a targeted inquiry, a
   wrong outcome of objections to an inquiry or an appraisal.
3. Founded, it sets the price aside: no announcement may rest on it, and the next way to a price may begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, Protocol
from uuid import UUID

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Malformed, NotFound, Unlawful
from auction.law.periods import is_in_time
from valuation.methods.steps import Method

SupervisionGround = Literal["fraud_or_duress", "collusion", "false_answer", "wrong_outcome"]
FITTING: Final[Mapping[Method, frozenset[SupervisionGround]]] = {
    "agreement": frozenset({"fraud_or_duress", "collusion"}),
    "targeted_inquiry": frozenset({"false_answer"}),
    "online_inquiry": frozenset({"wrong_outcome"}),
    "entrusted_appraisal": frozenset({"wrong_outcome"}),
}


class Announcements(Protocol):
    """When the first auction of an asset was announced; the sale knows."""

    async def first_announced_at(self, tx: Transaction, asset_id: UUID, *, since: datetime) -> datetime | None:
        """Give the first instant from ``since`` on (an earlier one rests on another price); ``None`` if there is none."""
        ...


class SupervisionTooLate(Unlawful):
    """The first auction was announced: supervision can no longer be asked in this way."""

    code = "price_supervision_too_late"
    article = "参考价 25"
    zh = "一拍公告已于 {announced_at} 发布，不再按执行监督程序处理。"
    en = "The first auction was announced on {announced_at}; enforcement supervision of the price is over."


class SupervisionGroundUnfit(Malformed):
    """The ground is not one that the law has for a price of this kind."""

    code = "price_supervision_ground_unfit"
    article = "参考价 25"
    zh = "该事由不适用于以此方式确定的参考价。"
    en = "This ground does not concern a price that came this way."


class SupervisionUnknown(NotFound):
    """There is no such open supervision, or no such price."""

    code = "price_supervision_unknown"
    article = "参考价 25"
    zh = "没有待处理的该项执行监督，或者没有该参考价。"
    en = "There is no such open supervision, or no such price."


def check_supervision(
    at: datetime, *, method: Method, ground: SupervisionGround, announced_at: datetime | None
) -> None:
    """Refuse supervision on an unfit ground, or from the first announcement on, to the microsecond (rules 1, 2)."""
    if ground not in FITTING[method]:
        raise SupervisionGroundUnfit
    if announced_at is not None and not is_in_time(at, announced_at):
        raise SupervisionTooLate(announced_at=local_day(announced_at).isoformat())
