"""What a plan pays and what it sets aside, by what became of the objections to it. Pure.

1. An objection takes its disputed amount out of one line, in the order of the objections, never more than the line still has.
2. Nobody opposed it: the amount goes where the objector asked for it. Withdrawn, or no suit in time: the plan stands as drawn.
3. While a suit runs the amount is set aside, the rest is paid; a judgment sends it to the line that it names, or a part of it, and leaves the
   rest with its own line (`Dispute.kept`).
4. What is paid and what is set aside sum to the plan, exactly.
5. No judgment gives a claim more than it is still owed; what is above is the next creditor's, or the debtor's (`require_owed`).

Source: Interp. 510.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from auction.kernel.errors import Conflict, Malformed
from auction.kernel.money import ZERO, Money, total

Line = TypeVar("Line", bound=Hashable)


class EscrowAboveClaim(Conflict):
    """The line would get more than its claim is still owed."""

    code = "escrow_above_claim"
    article = "Interp. 510"
    zh = "判归数额 {amount} 超过该项债权尚未受偿的 {owed}；超出部分应当留在原分配项，或者按判决另行分配。"
    en = "{amount} is more than the {owed} that this claim is still owed; what is above stays with its line, or goes where the judgment says."


class EscrowPartWrong(Malformed):
    """A part of an escrow is above zero and at most all of it; all of it where it goes back to its own line."""

    code = "escrow_part_wrong"
    article = "Interp. 510"
    zh = "判归数额应大于零且不超过提存款 {held}；归还原分配项的应为全额。"
    en = "The amount is above zero and at most the {held} that is held; all of it where it goes back to its own line."


class Standing(StrEnum):
    """What became of an objection."""

    UNOPPOSED = "unopposed"  # 未提出反对意见
    DROPPED = "dropped"  # 撤回，或者逾期未起诉
    PENDING = "pending"  # 诉讼中
    DECIDED = "decided"  # 判决生效


@dataclass(frozen=True, slots=True)
class Dispute(Generic[Line]):
    """An amount of a line that is disputed; ``goes_to``: the line that gets it when it is unopposed or decided, else ``None``.

    ``kept``: what of it a judgment leaves with its own line.
    """

    line: Line
    amount: Money
    standing: Standing
    goes_to: Line | None = None
    kept: Money = ZERO

    def __post_init__(self) -> None:
        """Assert that money has a place exactly where it moves (rules 2 and 3)."""
        moves = self.standing in (Standing.UNOPPOSED, Standing.DECIDED)
        assert moves == (self.goes_to is not None), f"{self.standing} and its line do not fit"


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Line]):
    """What each line is paid in all up to now, and what is set aside for each dispute, in their order."""

    pay: Mapping[Line, Money]
    set_aside: tuple[Money, ...]

    @property
    def escrow(self) -> Money:
        """All that is set aside."""
        return total(self.set_aside)


def plan_outcome(shares: Mapping[Line, Money], disputes: Sequence[Dispute[Line]]) -> Outcome[Line]:
    """Give what a plan of these shares pays and sets aside (rules 1 to 4)."""
    pay = dict(shares)
    left = dict(shares)
    set_aside: list[Money] = []
    for dispute in disputes:
        taken = ZERO if dispute.standing is Standing.DROPPED else min(dispute.amount, left[dispute.line])
        left[dispute.line] -= taken
        pay[dispute.line] -= taken
        if dispute.goes_to is not None:
            kept = min(dispute.kept, taken)
            pay[dispute.line] += kept
            pay[dispute.goes_to] += taken - kept
        set_aside.append(taken if dispute.standing is Standing.PENDING else ZERO)
    assert total([*pay.values(), *set_aside]) == total([*shares.values()]), "an outcome sums to its plan"
    return Outcome(pay, tuple(set_aside))


def part_of(held: Money, asked: Money | None, *, is_own: bool) -> Money:
    """Give what of an escrow moves to the line that a judgment names; ``None``: all of it; ``is_own``: the line from which it was taken.

    Raises `EscrowPartWrong`. Source: Interp. 510.
    """
    part = held if asked is None else asked
    if not ZERO < part <= held or (is_own and part != held):
        raise EscrowPartWrong(field="amount_fen", held=held)
    return part


def require_owed(part: Money, *, owed: Money) -> None:
    """Refuse to send a claim more than it is still owed (rule 5; `EscrowAboveClaim`)."""
    if part > owed:
        raise EscrowAboveClaim(amount=part, owed=owed)
