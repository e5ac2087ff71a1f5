"""Shares that nobody can be given: on which grounds they are set aside, at whose cost, and until when they are claimed. Pure.

1. A share goes into escrow on a listed ground only, on the court's sealed decision; a decision on one share moves no other.
2. The payee bears the cost: what stands in escrow is his share less it, and something is left.
3. It is claimed within five years, and paid by a new chain of four persons after an approval of its own.

Source: 执行款物 16, 17; 民法典 574.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted, Unlawful
from auction.kernel.money import Money
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from auction.law.periods import deadline_at, is_in_time, legal_period


class EscrowGround(StrEnum):
    """Why a share is set aside (执行款物 16)."""

    MISSING = "missing"
    REFUSES = "refuses"
    DIED_HEIRS_UNKNOWN = "died_heirs_unknown"
    LOST_CAPACITY = "lost_capacity"
    UNREACHABLE = "unreachable"


class NoEscrowGround(Unlawful):
    """None of the grounds for an escrow is named."""

    code = "no_escrow_ground"
    article = "执行款物 16"
    zh = "不属于可以提存的法定情形。"
    en = "This is none of the grounds on which a share is put into escrow."


class EscrowCostWrong(Malformed):
    """The cost is less than nothing, or eats up the share."""

    code = "escrow_cost_wrong"
    article = "执行款物 17"
    zh = "提存费用不得为负，且应小于提存的款项 {share}。"
    en = "The cost of the escrow is not below zero, and below the share of {share}."


class EscrowCostPayeeMissing(Malformed):
    """A cost names who is paid for it, and no cost names nobody."""

    code = "escrow_cost_payee_missing"
    article = "执行款物 17"
    zh = "有提存费用的，应当写明费用的收款人；没有费用的，不填收款人。"
    en = "A cost of the escrow names who is paid for it; without a cost nobody is named."


class EscrowClaimLate(Unlawful):
    """Five years are over: the right to claim the money in escrow is gone."""

    code = "escrow_claim_late"
    article = "民法典 574"
    zh = "领取提存款的权利已于 {last_day} 届满消灭。"
    en = "The right to claim this money in escrow ended on {last_day}."


class EscrowUnknown(NotFound):
    """There is no such escrow, or it was claimed."""

    code = "escrow_unknown"
    article = "执行款物 16"
    zh = "没有该笔提存，或者已经领取。"
    en = "There is no such escrow, or it was claimed already."


class EscrowDecisionUsed(Conflict):
    """The decision has put another share into escrow."""

    code = "escrow_decision_used"
    article = "执行款物 16"
    zh = "所引提存决定已用于另一项应发款；每项应发款的提存须有其自己的决定。"
    en = "This decision has put another share into escrow; each share has a decision of its own."


class NothingLeftOfShare(Conflict):
    """Of this share nothing is left, or all of it is set aside for a payout."""

    code = "nothing_left_of_share"
    article = "执行款物 12"
    zh = "该项应发款没有余额。"
    en = "Nothing is left of this share."


class UnclaimedUnknown(NotFound):
    """There is no such money made public, or its payment was approved."""

    code = "unclaimed_unknown"
    article = "执行款物 10"
    zh = "没有该笔公示款项，或者已经批准发放。"
    en = "There is no such money made public, or its payment was approved already."


class UnclaimedNotApproved(Unlawful):
    """The share was made public as unclaimed; it is paid after an approval of its own."""

    code = "unclaimed_not_approved"
    article = "house: unclaimed money made public is paid after strict approval (local rules of enforcement funds)"
    zh = "该款项已作为无人认领案款公示，须先经执行局局长或者主管院领导批准，才能办理发放。"
    en = "This share was made public as unclaimed; bureau head or vice-president approves its payment first."


class OwnRequest(NotPermitted):
    """Nobody approves what he himself asked for."""

    code = "own_request_not_approved"
    article = "执行款物 10(2), 12"
    zh = "提出人不得批准本人提出的事项，须由另一人批准。"
    en = "Nobody approves what he himself asked for; another person does."


@dataclass(frozen=True, slots=True)
class EscrowParts:
    """How a share splits into what stands in escrow and its cost."""

    net: Money
    cost: Money


def require_escrow_ground(ground: str) -> EscrowGround:
    """Give the ground, or refuse what is none of the list (`NoEscrowGround`). Source: 执行款物 16."""
    if ground not in set(EscrowGround):
        raise NoEscrowGround
    return EscrowGround(ground)


def split_escrow(share: Money, cost: Money) -> EscrowParts:
    """Take the cost off the share (rule 2). Raises `EscrowCostWrong`. Source: 执行款物 17."""
    if not 0 <= cost.fen < share.fen:
        raise EscrowCostWrong(share=share)
    return EscrowParts(net=share - cost, cost=cost)


def claim_until(deposited_on: date, calendar: Calendar) -> date:
    """Give the last day on which money in escrow is claimed. Source: 民法典 574."""
    return legal_period(LAW.parameter("money.escrow_claim_years", on=deposited_on), deposited_on, calendar).end_day


def require_claim_in_time(last_day: date, *, now: datetime) -> None:
    """Refuse a claim after the five years (`EscrowClaimLate`)."""
    if not is_in_time(now, deadline_at(last_day)):
        raise EscrowClaimLate(last_day=last_day)
