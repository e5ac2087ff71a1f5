"""Which method comes next, and why: the lawful order and its lawful jumps.

1. Agreement, then targeted inquiry, then online inquiry, then entrusted appraisal (参考价 4–7, 14).
2. Both parties may agree in writing to go straight to online inquiry, or straight to appraisal (7(2), 14).
3. A method that the law does not put next is refused; the file keeps the ground on which the present one rests.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from auction.kernel.errors import Unlawful

Side = Literal["applicant", "judgment_debtor"]
SIDES: tuple[Side, ...] = ("applicant", "judgment_debtor")


class MethodOutOfOrder(Unlawful):
    """The law puts another method before this one, and not both parties agreed to skip it."""

    code = "method_out_of_order"
    article = "参考价 4–7"
    zh = "尚不能直接进行网络询价：缺少{missing}的书面同意。"
    en = "Online inquiry is not next: written consent is missing from {missing}."


def ground_for_online_inquiry(agreed: Collection[Side]) -> str:
    """Give the article that allows online inquiry at once; refuses unless both parties agreed in writing."""
    missing = [side for side in SIDES if side not in agreed]
    if missing:
        raise MethodOutOfOrder(missing=", ".join(missing))
    return "参考价 7(2)"
