"""What the terms of a reversal or an escrow come to now, shown above the form before its paper is written and before it is carried out (W-75)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from auction.fund.payouts.escrow import claim_until
from auction.fund.payouts.put_in_escrow import escrow_order
from auction.fund.plans import store as plan_store
from auction.fund.undoings.undoings import Fallen
from auction.fund.undoings.work_out_reversal import work_out_reversal
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.money import Money, total
from auction.law.calendar import COURT_CALENDAR
from auction.law.title_interest import TitleStretch
from web.pages.steps.fields import Field, Kind, Part, Typed, read_parts
from web.pages.steps.known import Known
from web.texts import _

T = TypeVar("T")


class ReversalTyped(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of a reversal as they stand in the fields."""

    case_id: UUID
    claim_id: UUID
    keeps_fen: int = 0
    interest_percent: str = ""
    interest_year_days: int = 365
    interest_from: date | None = None
    interest_to: date | None = None


class EscrowTyped(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of an escrow as they stand in the fields."""

    line_id: UUID
    ground: str
    cost_fen: int = 0
    cost_party_id: UUID | None = None


class LineFalling(msgspec.Struct, frozen=True, kw_only=True):
    """What would fall of one line of a plan."""

    name: str
    held: Money
    paid: Money


class ReversalShown(msgspec.Struct, frozen=True, kw_only=True):
    """What a reversal would do: what is taken back and returned, line by line, and the interest with its working."""

    held: Money
    paid: Money
    keeps: Money
    interest: Money | None
    lines: tuple[LineFalling, ...]
    stretches: tuple[TitleStretch, ...]


class EscrowShown(msgspec.Struct, frozen=True, kw_only=True):
    """What an escrow would set aside, and until when it could be claimed if it were set aside today."""

    left: Money
    cost: Money
    net: Money
    claim_until: date


def terms_in(parts: Sequence[Part], known: Known, typed: Typed, kind: type[T]) -> T | None:
    """Read terms from the fields; ``None`` while one of them cannot be read, or names what is not offered."""
    read = read_parts(parts, typed)
    if read.refusals or not all(_is_offered(part, known, typed) for part in parts):
        return None
    return msgspec.convert({"case_id": known.case_id, **read.body}, kind)


def _is_offered(part: Part, known: Known, typed: Typed) -> bool:
    if not isinstance(part, Field) or part.kind is not Kind.CHOICE or part.options is None:
        return True
    chosen = typed.get(part.name, "").strip()
    return not chosen or chosen in {option.value for option in part.options(known)}


async def reversal_shown(tx: Transaction, known: Known, terms: ReversalTyped | None) -> Mapping[str, Any]:
    """Give what a reversal on these terms would do now, or why it cannot be."""
    if terms is None:
        return {"worked": None, "why_not": None}
    try:
        worked = await work_out_reversal(tx, terms)
    except Refusal as refusal:
        return {"worked": None, "why_not": refusal}
    lines = tuple(_falling(known, one) for one in worked.fallen)
    shown = ReversalShown(
        held=total([line.held for line in lines]),
        paid=total([line.paid for line in lines]),
        keeps=Money(terms.keeps_fen),
        interest=None if worked.interest is None else worked.interest.amount,
        lines=lines,
        stretches=() if worked.interest is None else worked.interest.stretches,
    )
    return {"worked": shown, "why_not": None}


def _falling(known: Known, one: Fallen) -> LineFalling:
    return LineFalling(name=_line_name(known, one.line.line_id), held=one.held + one.in_escrow, paid=one.paid)


def _line_name(known: Known, line_id: UUID) -> str:
    for plan in known.file.plans:
        for line in plan.lines:
            if line.line_id == line_id:
                return _("第{plan}号方案第{line}项").format(plan=plan.number, line=line.number)
    return ""


async def escrow_shown(tx: Transaction, known: Known, terms: EscrowTyped | None) -> Mapping[str, Any]:
    """Give what an escrow on these terms would set aside now, or why it cannot be."""
    if terms is None:
        return {"worked": None, "why_not": None}
    try:
        line, plan = await plan_store.settled_line(tx, terms.line_id)
        parts = (await escrow_order(tx, line, plan, terms)).parts
    except Refusal as refusal:
        return {"worked": None, "why_not": refusal}
    shown = EscrowShown(
        left=parts.net + parts.cost,
        cost=parts.cost,
        net=parts.net,
        claim_until=claim_until(known.today, COURT_CALENDAR),
    )
    return {"worked": shown, "why_not": None}
