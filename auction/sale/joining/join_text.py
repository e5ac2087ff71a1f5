"""The text of the court's decision on an application to join, made from what was decided. Pure.

Source: Interp. 506–507; CPL 236 (objection to an act of enforcement).
"""

from __future__ import annotations

from auction.fund.plans.plan_text import KIND_NAMES
from auction.kernel.money import Money


def join_text(
    *, applicant: str, title_number: str, kind: str, amount: Money, admitted: bool, reason: str, article: str
) -> str:
    """Write the decision; the applicant is named in full, for it is served on him."""
    title = f"，执行依据 {title_number}" if title_number else ""
    parts = [
        f"申请人：{applicant}",
        f"申请参与分配的债权：{KIND_NAMES[kind]} {amount}{title}",
        "",
        "本院经审查认为：" + reason,
        f"依照{article}，决定：" + ("准许申请人参与分配。" if admitted else "不予准许申请人参与分配。"),
    ]
    if not admitted:
        parts.append("申请人不服的，可以向本院提出书面异议（民事诉讼法236）。")
    return "\n".join(parts) + "\n"
