"""The fee of an online inquiry (询价费): who gets it. Pure.

1. The fee is per use and goes only to the platform whose result is nearest to the actual sale price (参考价 31).
2. Platforms equally near share it equally. Each gets whole fen; the fen left over go one each in the order of the
   platforms' ids, so that the shares sum to the fee (V34).
3. Results that take part: reported in time, and neither found wrong nor met by a founded objection unless corrected. A
   report that stayed out of the mean only because an objection met it, takes part: it did what was asked (V34).
4. Nothing is owed where nobody reported or corrected in time, where the inquiry was withdrawn, and while there is no
   actual sale price (31; the last is a reading, V34).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from auction.kernel.errors import Conflict
from auction.kernel.money import Money
from valuation.inquiries.counting import PlatformPart, standing_reports

NothingBecause = Literal["withdrawn", "nobody_in_time", "not_sold"]


class FeeNotRipe(Conflict):
    """The fee is settled once the asset is sold, or the inquiry is over without a price."""

    code = "inquiry_fee_not_ripe"
    article = "参考价 31"
    zh = "财产尚未成交，网络询价费用尚不能确定。"
    en = "The asset is not sold yet, so nobody's fee can be told."


class NearestShare(msgspec.Struct, frozen=True, kw_only=True):
    """What one platform gets, and how far its result lies from the sale price."""

    platform_id: str
    value_fen: int
    difference_fen: int
    """Result less sale price; the sign says on which side it lies."""
    amount_fen: int


def sharing(parts: Sequence[PlatformPart]) -> list[PlatformPart]:
    """Give the reports that take part in the comparison (rule 3)."""
    return [part for part in standing_reports(parts) if part.objection != "upheld" and part.value_fen is not None]


def share_fee(parts: Sequence[PlatformPart], *, sale_price: Money, fee: Money) -> tuple[NearestShare, ...]:
    """Split the fee (rules 1 and 2): every report that takes part, with nothing for those that are not nearest.

    The amounts sum to the fee whenever any report takes part. Source: 参考价 31.
    """
    offered = sorted((part.platform_id, part.value_fen or 0) for part in sharing(parts))
    nearest = min((abs(value - sale_price.fen) for _, value in offered), default=0)
    winners = [name for name, value in offered if abs(value - sale_price.fen) == nearest]
    each, left = divmod(fee.fen, len(winners) or 1)
    amounts = {name: each + (1 if place < left else 0) for place, name in enumerate(winners)}
    return tuple(
        NearestShare(
            platform_id=name,
            value_fen=value,
            difference_fen=value - sale_price.fen,
            amount_fen=amounts.get(name, 0),
        )
        for name, value in offered
    )


def nothing_owed(state: str, *, is_sold: bool) -> NothingBecause | None:
    """Say why nothing is owed (rule 4), ``None`` where the fee is owed."""
    if state == "withdrawn":
        return "withdrawn"
    if state == "failed":
        return "nobody_in_time"
    return None if is_sold else "not_sold"
