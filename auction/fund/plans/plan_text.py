"""The text of a distribution plan's document, made from its lines by the system. Pure.

1. One text follows from one plan: the same money, lines and payees give the same characters.
2. Each line states rank, kind, payee, what is owed and what is given, to the fen, and why it stands there with its article;
   the sum is stated and is the money.
3. Payees are named in full: the document is served on the parties and creditors only. Pages show them masked.
4. A plan of one asset's price says which.
5. Nothing else is in it, so no free text can say another amount. Reasons of the case go into a document of their own.

Source: Interp. 508, 509, 514.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from auction.fund.claims.claims import OrdinaryOrder
from auction.fund.plans.grounds import SURPLUS, reason_of
from auction.kernel.errors import Conflict
from auction.kernel.money import Money, total

KIND_NAMES: dict[str, str] = {
    "third_party": "胜诉案外人应得的变价款",
    "sale_cost": "处置费用",
    "appraisal_advance": "垫付的评估费",
    "sale_tax": "本次处置税费",
    "tax_reimbursement": "买受人垫付的税费",
    "co_owner_share": "共有人份额",
    "housing": "唯一住房租金、安置费用",
    "medical": "医疗费用",
    "construction": "建设工程价款优先权",
    "old_tax": "欠税",
    "mortgage": "抵押权等担保物权",
    "restitution": "退赔被害人损失",
    "ordinary": "普通债权",
    "late_interest": "迟延履行利息加倍部分",
    "fine": "罚金",
    "confiscation": "没收财产",
    "reward": "悬赏金",
    SURPLUS: "余款退还被执行人",
}
"""Kinds of lines as the document names them."""
_ORDERS: dict[OrdinaryOrder, str] = {
    "pro_rata": "普通债权按照占全部申请参与分配债权数额的比例受偿（民诉法解释508）。",
    "by_seizure": "普通债权按照查封的先后顺序受偿（民诉法解释514）。",
    "criminal": "按照刑事裁判涉财产部分的受偿顺序：医疗费用、优先受偿权、退赔被害人损失、其他民事债务、罚金、没收财产（刑事裁判涉财产部分执行规定13）。",
}


class PlanTextDiffers(Conflict):
    """The sealed document is not the text that follows from the plan (rule 1)."""

    code = "plan_text_differs"
    article = "Interp. 508, 509"
    zh = "所附分配方案文书与按现有款项、债权计算的方案不一致，请由系统重新生成文书并用印。"
    en = (
        "The document is not the plan that follows from the money and the claims as they stand now; have the system "
        "issue it anew, and seal that."
    )


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line as the document states it."""

    number: int
    rank: int
    kind: str
    payee: str
    owed: Money
    share: Money
    ground: str | None = None
    """Why it stands in its rank (`auction.fund.plans.grounds`); ``None``: its kind says it."""


def plan_text(
    lines: Sequence[TextLine],
    *,
    proceeds: Money,
    forfeited: Money,
    ordinary_order: OrdinaryOrder,
    objection_days: int,
    asset: str = "",
) -> str:
    """Write the document's text (rules 1 to 5); the lines sum to the money. ``asset``: whose price alone it distributes (empty: all that is paid)."""
    money = proceeds + forfeited
    assert total([line.share for line in lines]) == money, "a plan sums to what it distributes"
    parts = ["一、可供分配的款项"]
    if asset:
        parts.append(f"标的物：{asset}（本方案只分配该标的物的价款）")
    parts.append(f"处置价款：{proceeds}")
    if forfeited:
        parts.append(f"列入分配的不予退还保证金：{forfeited}（网拍规定24）")
    parts += [f"合计：{money}", "", "二、分配"]
    parts += [_line_text(line) for line in lines]
    parts += [
        f"以上 {len(lines)} 项分配数额合计 {money}，与可供分配的款项相等。",
        "前一顺位全部受偿后，后一顺位方受偿；同一顺位不足清偿的，按债权数额比例受偿。" + _ORDERS[ordinary_order],
        "",
        "三、异议",
        f"债权人、被执行人对本方案有异议的，应当自收到之日起{objection_days}日内向本院提出书面异议（民诉法解释509）。",
    ]
    return "\n".join(parts) + "\n"


def fingerprint_of_text(text: str) -> str:
    """SHA-256 of the text, as the file keeps it of every document."""
    return hashlib.sha256(text.encode()).hexdigest()


def _line_text(line: TextLine) -> str:
    owed = "" if line.kind == SURPLUS else f"，债权数额 {line.owed}"
    reason = reason_of(line.ground, line.kind)
    why = f"{reason.said.zh.removesuffix('。')}（{reason.article_zh}）"
    return f"{line.number}. 顺位{line.rank}，{KIND_NAMES[line.kind]}：{line.payee}{owed}，分配数额 {line.share}。理由：{why}"
