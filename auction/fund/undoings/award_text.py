"""The text of the decision that gives a price to a third party who won (案外人胜诉), made by the system from its terms. Pure.

1. It names the judgment by number and fingerprint, the sale, the third party in full, the amount, what is held of it, and who returns the rest.
2. A price is given on only by a sealed document that is this text, character by character: so a judgment about one thing or one person moves
   no other money, however it was read.

Source: 法释〔2025〕10号 6; 民法典 574.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from auction.kernel.errors import Conflict, Malformed
from auction.kernel.money import Money

MOST_CHARACTERS: Final = 100
"""A judgment's number is no longer than this."""


class AwardTextDiffers(Conflict):
    """The sealed document is not the decision that follows from this judgment, sale, person and amount, as they stand now."""

    code = "award_text_differs"
    article = "法释〔2025〕10号 6"
    zh = "所选文书不是就该份判决、该项成交、该案外人和该金额生成的变价款给付决定书，应当重新生成、用印。"
    en = "The document is not the decision on this judgment, sale, person and amount as they stand; it is issued and sealed anew."


class AwardJudgmentNumberMalformed(Malformed):
    """The judgment's number is missing or too long."""

    code = "award_judgment_number_malformed"
    article = "法释〔2025〕10号 6"
    zh = "请填写案外人执行异议之诉生效裁判文书的案号。"
    en = "Enter the number of the final judgment for the third party."


@dataclass(frozen=True, slots=True)
class AwardDecided:
    """What the decision states; ``owed``: who returns how much of it, by name."""

    judgment_number: str
    judgment_sha256: str
    asset: str
    reference: str
    price: Money
    third_party: str
    amount: Money
    held: Money
    owed: Sequence[tuple[str, Money]]
    refuses: bool


def award_text(decided: AwardDecided) -> str:
    """Write the decision (rules 1 and 2). Raises `AwardJudgmentNumberMalformed`."""
    number = decided.judgment_number.strip()
    if not 0 < len(number) <= MOST_CHARACTERS:
        raise AwardJudgmentNumberMalformed(field="judgment_number")
    lines = [
        "一、依据",
        f"生效裁判文书 {number}（SHA-256 {decided.judgment_sha256}）",
        "",
        "二、成交",
        f"{_asset(decided.asset)}附言编号 {decided.reference}，成交价 {decided.price}",
        "",
        "三、决定",
        f"上述变价款中的 {decided.amount} 归案外人{decided.third_party}，{_way(refuses=decided.refuses)}。",
        f"尚在本案案款账户的 {decided.held}，即予{'提存' if decided.refuses else '列入分配方案给付'}；{_owed(decided.owed)}。",
    ]
    return "\n".join(lines) + "\n"


def _asset(title: str) -> str:
    return f"“{title}”，" if title else ""


def _way(*, refuses: bool) -> str:
    if refuses:
        return "其拒绝受领，予以提存，自提存之日起五年内可以领取（民法典574）"
    return "予以给付（异议之诉解释6）"


def _owed(owed: Sequence[tuple[str, Money]]) -> str:
    if not owed:
        return "没有已经发放的款项"
    return "已经发放的，责令返还：" + "、".join(f"{name} {amount}" for name, amount in owed)
