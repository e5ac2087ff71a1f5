"""The text of the decision that puts a share into escrow (提存), made by the system from its terms. Pure.

1. It names plan, line, payee in full, what is set aside, the ground, the cost and who is paid it, and what stands in escrow.
2. A share is put into escrow only on a sealed document that is this text, character by character (as a plan: `plan_text`): so a decision on one
   payee's share moves no other, on no other ground and at no other cost.
3. Reasons of the case go into a document of their own.

Source: 执行款物 16, 17; 民法典 574.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from auction.fund.payouts.escrow import EscrowGround, EscrowParts
from auction.fund.plans.plan_text import KIND_NAMES
from auction.kernel.errors import Conflict

GROUND_NAMES: Final[dict[EscrowGround, str]] = {
    EscrowGround.MISSING: "收款人下落不明",
    EscrowGround.REFUSES: "收款人无正当理由拒绝领取",
    EscrowGround.DIED_HEIRS_UNKNOWN: "收款人死亡，继承人未确定",
    EscrowGround.LOST_CAPACITY: "收款人丧失行为能力，监护人未确定",
    EscrowGround.UNREACHABLE: "无法与收款人取得联系",
}
"""Grounds as the decision names them (执行款物 16)."""


class EscrowOrderDiffers(Conflict):
    """The sealed document is not the decision on this share, ground and cost, as they stand now."""

    code = "escrow_order_differs"
    article = "执行款物 16, 17"
    zh = "所选文书不是就该项应发款、该事由和费用生成的提存决定书，应当重新生成、用印。"
    en = "The document is not the decision on this share, ground and cost as they stand; it is issued and sealed anew."


@dataclass(frozen=True, slots=True)
class EscrowOrdered:
    """What the decision states; ``cost_payee`` is ``None`` exactly when there is no cost."""

    plan_number: int
    line_number: int
    kind: str
    payee: str
    ground: EscrowGround
    parts: EscrowParts
    cost_payee: str | None


def escrow_order_text(ordered: EscrowOrdered) -> str:
    """Write the decision (rules 1 and 2)."""
    parts = ordered.parts
    cost = "无" if ordered.cost_payee is None else f"{parts.cost}，由收款人负担，付给{ordered.cost_payee}"
    lines = [
        "一、应发款",
        f"第{ordered.plan_number}号分配方案第{ordered.line_number}项（{KIND_NAMES[ordered.kind]}：{ordered.payee}），余额 {parts.net + parts.cost}",
        "",
        "二、事由",
        f"{GROUND_NAMES[ordered.ground]}（执行款物管理规定16）",
        "",
        "三、决定",
        f"上述余额予以提存。提存费用：{cost}（执行款物管理规定17）。",
        f"提存金额 {parts.net}，收款人自提存之日起五年内可以领取（民法典574）。",
    ]
    return "\n".join(lines) + "\n"
