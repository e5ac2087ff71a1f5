"""The texts of the court's rulings on an objection: not docketed, upheld, rejected; made from what was decided. Pure.

Source: CPL 157, 236, 238; 异议复议规定 2, 17.
"""

from __future__ import annotations

from typing import Final

import msgspec

from auction.sale.objections.objections import Capacity, ObjectionKind

KIND_NAMES: Final = {ObjectionKind.ACT: "执行行为异议", ObjectionKind.THIRD_PARTY_CLAIM: "案外人异议"}
CAPACITY_NAMES: Final = {
    Capacity.PARTY: "当事人",
    Capacity.INTERESTED: "利害关系人",
    Capacity.BIDDER: "竞买人",
    Capacity.THIRD_PARTY: "案外人",
}
SEALED_BIDDER: Final = "竞买人（身份信息见副卷）"
"""A bidder is not named in a paper that officers of the case read while a round may run (rule 7)."""
_REVIEW: Final = "如不服本裁定，可以自收到之日起{days}日内向上一级人民法院申请复议。"
_SUIT: Final = (
    "如不服本裁定，可以自收到之日起{days}日内向本院提起执行异议之诉；认为原判决、裁定错误的，依照审判监督程序办理。"
)


class RulingText(msgspec.Struct, frozen=True, kw_only=True):
    """What a ruling is made of; ``number`` is empty for an objection that was not docketed."""

    kind: ObjectionKind
    capacity: Capacity
    objector: str
    case_number: str
    number: str
    asks: str
    grounds: str
    reason: str
    article: str
    operative: str
    days: int
    panel: tuple[tuple[str, bool], ...] = ()
    """Names of the panel, each with whether he presides."""


def ruling_text(text: RulingText) -> str:
    """Write the ruling."""
    is_suit = bool(text.number) and text.kind is ObjectionKind.THIRD_PARTY_CLAIM
    objector = (
        SEALED_BIDDER if text.capacity is Capacity.BIDDER else f"{text.objector}（{CAPACITY_NAMES[text.capacity]}）"
    )
    parts = [
        *([f"案号：{text.number}"] if text.number else []),
        f"异议人：{objector}",
        f"执行案件：{text.case_number}",
        f"异议种类：{KIND_NAMES[text.kind]}",
        "",
        f"异议请求：{text.asks}",
        *([f"事实和理由：{text.grounds}"] if text.capacity is not Capacity.BIDDER else []),
        "",
        f"本院经审查认为：{text.reason}",
        f"依照{text.article}，裁定如下：",
        text.operative,
        "",
        (_SUIT if is_suit else _REVIEW).format(days=text.days),
        *(f"{'审判长' if presides else '审判员'}：{name}" for name, presides in text.panel),
    ]
    return "\n".join(parts) + "\n"
