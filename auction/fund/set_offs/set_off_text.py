"""The text of the decision on a set-off, as it follows from its working. Pure.

1. It names the sale by its price and reference, the buyer in full, every claim with its rank and share, and the amount; and what stands for
   other prices of the case already.
2. A set-off is fixed only on a sealed document that is this text, character by character (as a plan: `plan_text`): the decision binds the amount
   and the sale, and nobody changes either behind it.

Source: 拍变 20; Interp. 508, 514.
"""

from __future__ import annotations

from collections.abc import Sequence

from auction.fund.claims.claims import OrdinaryOrder
from auction.fund.plans.plan_text import KIND_NAMES
from auction.fund.set_offs.set_offs import Ceiling
from auction.kernel.errors import Conflict
from auction.kernel.money import Money

_ORDERS: dict[OrdinaryOrder, str] = {
    "pro_rata": "普通债权按比例受偿",
    "by_seizure": "普通债权按查封先后受偿",
    "criminal": "按照刑事裁判涉财产部分的受偿顺序",
}


class SetOffTextDiffers(Conflict):
    """The sealed document is not the decision that follows from the claims as they stand, on this amount and sale."""

    code = "set_off_text_differs"
    article = "拍变 20"
    zh = "所选文书不是按现有债权和所填数额生成的抵价决定书，应当重新生成、用印。"
    en = "The document is not the decision that follows from the claims as they stand and this amount; it is issued and sealed anew."


def set_off_text(
    ceiling: Ceiling,
    amount: Money,
    *,
    buyer: str,
    reference: str,
    creditors: Sequence[str],
    ordinary_order: OrdinaryOrder,
) -> str:
    """Write the decision; ``creditors`` name the lines of the working in order."""
    own = set(ceiling.own)
    lines = [
        f"{number}. 顺位{share.rank}，{KIND_NAMES[share.claim.kind.value]}：{creditor}，债权数额 {share.claim.amount}，应受偿 {share.amount}"
        + ("（买受人）" if share in own else "")
        for number, (share, creditor) in enumerate(zip(ceiling.plan.shares, creditors, strict=True), start=1)
    ]
    parts = [
        f"买受人：{buyer}",
        f"成交价：{ceiling.plan.proceeds}（附言编号 {reference}）",
        "",
        "一、按成交价计算的受偿顺位",
        *lines,
        _ORDERS[ordinary_order] + "。",
        *(
            [f"买受人的债权此前已抵作本案其他成交价款 {ceiling.elsewhere}，上列债权数额为该等价款分配之后的余额。"]
            if ceiling.elsewhere
            else []
        ),
        "",
        "二、决定",
        f"买受人应受偿 {ceiling.amount}，其中 {amount} 抵作本次成交的价款，其余价款以现金付足（拍卖变卖规定20）。",
    ]
    return "\n".join(parts) + "\n"
