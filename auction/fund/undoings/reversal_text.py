"""The operative part of a ruling that reverses enforcement (执行回转), made by the system from its terms. Pure.

1. It names the claim by creditor, kind, amount and title, what becomes of the title, and of each line what is taken back and what is returned.
2. Interest stands with its rate, days and working; a ruling that names none says so.
3. A claim is reversed only on a sealed ruling whose operative part is this text, character by character (`auction.fund.rulings`): so a ruling
   on one creditor takes nothing of another, and none carries an amount or days that it does not name.

Source: CPL 157, 244.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auction.fund.plans.plan_text import KIND_NAMES
from auction.fund.rulings import numbered
from auction.fund.undoings.reversal_interest import ReversalInterest
from auction.kernel.money import ZERO, Money, total
from auction.law.title_interest import TitleStretch


@dataclass(frozen=True, slots=True)
class LineReversed:
    """What falls of one line: what is taken back at once, and what was paid out and is returned."""

    plan_number: int
    line_number: int
    held: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class ReversalRuled:
    """What the ruling orders; ``keeps`` is zero where the title was set aside whole."""

    creditor: str
    kind: str
    recorded: Money
    basis: str
    keeps: Money
    lines: Sequence[LineReversed]
    interest: ReversalInterest | None


def reversal_text(ruled: ReversalRuled) -> str:
    """Write the operative part (rules 1 and 2)."""
    held = total([line.held for line in ruled.lines])
    paid = total([line.paid for line in ruled.lines])
    return numbered(
        f"{ruled.creditor}的{KIND_NAMES[ruled.kind]}（登记数额 {ruled.recorded}，{ruled.basis}）的执行依据{_title(ruled.keeps)}，予以执行回转（民事诉讼法244）；",
        f"{_lines(ruled.lines)}；尚未发放的共 {held}，予以收回；",
        f"责令{ruled.creditor}返还已经取得的 {paid}；",
        f"{_interest(ruled)}；",
        "收回和返还的款项由本院依法另行分配。",
    )


def _title(keeps: Money) -> str:
    return "已被撤销" if keeps == ZERO else f"已被变更，减少为 {keeps}"


def _lines(lines: Sequence[LineReversed]) -> str:
    if not lines:
        return "该项债权没有应当收回的应发款"
    return "；".join(
        f"第{line.plan_number}号分配方案第{line.line_number}项，尚未发放 {line.held}，已经发放 {line.paid}"
        for line in lines
    )


def _interest(ruled: ReversalRuled) -> str:
    found = ruled.interest
    if found is None:
        return "不计孳息"
    working = " + ".join(_stretch(one) for one in found.stretches)
    days = f"自{found.terms.from_day}至{found.terms.to_day}，首尾两日均计入"
    return f"责令{ruled.creditor}支付孳息 {found.amount}（{days}：{working}）"


def _stretch(one: TitleStretch) -> str:
    return f"{one.principal}×年利率{one.annual_percent}%×{one.days}日÷{one.year_days}"
