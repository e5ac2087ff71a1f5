"""The text of the decision that releases an escrow, made by the system from objection, judgment and lines. Pure.

1. It names the objection by plan, number, objector, line and disputed amount; the judgment by number and fingerprint; the line that gets it,
   what of it, and what stays with the line that was disputed.
2. An escrow is released only on a sealed document that is this text, character by character: so a judgment on one objection never moves
   what was set aside for another.

Source: Interp. 510.
"""

from __future__ import annotations

from dataclasses import dataclass

from auction.fund.plans.plan_text import KIND_NAMES
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.money import Money

MOST_CHARACTERS = 100
"""A judgment's number is no longer than this."""


class EscrowTextDiffers(Conflict):
    """The sealed document is not the decision that follows from this objection, judgment and line."""

    code = "escrow_text_differs"
    article = "Interp. 510"
    zh = "所选文书不是就该项异议、该份判决和该项债权生成的提存款处理决定书，应当重新生成、用印。"
    en = (
        "The document is not the decision on this objection, this judgment and this line; it is issued and sealed anew."
    )


class JudgmentNumberMalformed(Malformed):
    """The judgment's number is missing or too long."""

    code = "judgment_number_malformed"
    article = "Interp. 510"
    zh = "请填写生效裁判文书的案号。"
    en = "Enter the number of the final judgment."


@dataclass(frozen=True, slots=True)
class LineNamed:
    """A line as the decision names it."""

    number: int
    kind: str
    payee: str


@dataclass(frozen=True, slots=True)
class EscrowDecided:
    """What the decision states."""

    plan_number: int
    objection_number: int
    objector: str
    disputed: LineNamed
    amount: Money
    goes_to: LineNamed
    part: Money
    judgment_number: str
    judgment_sha256: str


def escrow_text(decided: EscrowDecided) -> str:
    """Write the decision (rules 1 and 2). Raises `JudgmentNumberMalformed`."""
    number = decided.judgment_number.strip()
    if not 0 < len(number) <= MOST_CHARACTERS:
        raise JudgmentNumberMalformed(field="judgment_number")
    parts = [
        "一、异议",
        f"第{decided.plan_number}号分配方案第{decided.objection_number}号异议，异议人：{decided.objector}",
        f"争议：{_line(decided.disputed)}，提存 {decided.amount}",
        "",
        "二、依据",
        f"生效裁判文书 {number}（SHA-256 {decided.judgment_sha256}）",
        "",
        "三、决定",
        _decision(decided),
    ]
    return "\n".join(parts) + "\n"


def _decision(decided: EscrowDecided) -> str:
    whole, to = decided.amount, _line(decided.goes_to)
    if decided.part == whole:
        return f"上述提存款 {whole} 划入{to}（民诉法解释510）。"
    return f"上述提存款中 {decided.part} 划入{to}，其余 {whole - decided.part} 仍归{_line(decided.disputed)}（民诉法解释510）。"


def _line(line: LineNamed) -> str:
    return f"第{line.number}项（{KIND_NAMES[line.kind]}：{line.payee}）"
