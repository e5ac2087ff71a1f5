"""The buyer's own limit: his own money and what a lender approved for him. Pure.

1. He states his own money himself; nobody else reads it (it is stored sealed, and no officer's page shows it).
2. His limit is his own money and the pre-approvals that still hold when the bidding ends, at most the price whose least own
   money he has: above it no lender commits, whatever he approved. It takes no right from him: the law's is the deposit.
3. Only if he asks for it the room refuses bids above it. That refusal is his own; it is no part of the sale and of its journal.
4. A lower limit, and one that is enforced from now on, hold at once. While it is enforced, more own money or its end hold after a
   pause, so that a limit set with a cool head is not raised in the heat of the last minute.
5. A bid above the limit depends on money that nobody has promised: the product says so before the bid, and that a loan
   refused after the sale is a default like any other (网拍 24). Whoever asked for a loan and stated no own money is told, too:
   he is taken to have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from auction.kernel.errors import Conflict, Malformed
from auction.kernel.money import BOUND_FEN, Money

LIMIT_PAUSE: Final = timedelta(minutes=10)
"""How long a limit that the room enforces still holds after it was raised or given up (rule 4)."""
LIMITS_MOST: Final = 1_000
"""Most statements of one registration."""


class OwnMoneyMalformed(Malformed):
    """The own money is no amount."""

    code = "own_money_malformed"
    article = "house: the buyer's own limit"
    zh = "自有资金应为不小于零、低于技术上限的金额。"
    en = "The own money is an amount from zero up to the technical bound."


class LimitsTooMany(Conflict):
    """The limit was stated too often."""

    code = "spending_limits_too_many"
    article = "house: every queue has a limit"
    zh = "限额修改次数已达上限。"
    en = "The limit was changed too often."


class OwnLimitExceeded(Conflict):
    """The bid is above the limit that the bidder had the room enforce."""

    code = "own_limit_exceeded"
    article = "house: the buyer's own limit, enforced at his own wish"
    zh = "出价超过您自己设定的限额，未提交。您可以调整限额，调高须等待{minutes}分钟。"
    en = "The bid is above your own limit and was not placed. You may change the limit; a higher one holds after {minutes} minutes."


class OwnLimit(msgspec.Struct, frozen=True, kw_only=True):
    """What a bidder stated."""

    own_fen: int
    enforced: bool


@dataclass(frozen=True, slots=True)
class SpendingPlan:
    """A bidder's own limit as it stands."""

    own: Money
    approved: Money
    """Pre-approvals that still hold when the bidding ends."""
    waits: bool
    """Whether an application is not answered yet."""
    enforced: bool
    coming: OwnLimit | None = None
    """A statement that holds only after the pause."""
    coming_at: datetime | None = None
    carried: Money | None = None
    """The highest price whose least own money is there; ``None``: no figure for the class, or nothing approved."""
    stated: bool = True
    """Whether he stated own money; otherwise it counts as none."""

    @property
    def limit(self) -> Money:
        """Own money and pre-approvals together, as far as his own money carries a loan (rule 2)."""
        both = self.own + self.approved
        return both if self.carried is None else max(self.own, min(both, self.carried))

    @property
    def room_limit_fen(self) -> int | None:
        """What the room holds him to; ``None``: it does not (rule 3)."""
        return self.limit.fen if self.enforced else None

    def depends_on_loan(self, amount: Money) -> bool:
        """Whether a bid of this amount depends on a loan that nobody has approved (rule 5)."""
        return amount > self.limit


def check_own_money(own_fen: int) -> None:
    """Refuse what is no amount (`OwnMoneyMalformed`)."""
    if not 0 <= own_fen < BOUND_FEN:
        raise OwnMoneyMalformed(field="own_fen")


def effective_at(now: datetime, *, held: OwnLimit | None, stated: OwnLimit) -> datetime:
    """Give when a new statement holds (rule 4)."""
    if held is None or not held.enforced:
        return now
    loosens = not stated.enforced or stated.own_fen > held.own_fen
    return now + LIMIT_PAUSE if loosens else now


def require_within_own(plan: SpendingPlan | None, amount: Money) -> None:
    """Raise `OwnLimitExceeded` if the bidder had himself held to less (rule 3)."""
    if plan is not None and plan.enforced and amount > plan.limit:
        raise OwnLimitExceeded(minutes=int(LIMIT_PAUSE.total_seconds() // 60))
