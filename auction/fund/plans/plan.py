"""The distribution plan, computed: rank by rank, in proportion within a rank, to the fen. Pure.

1. A rank is paid in full before the next gets anything.
2. A rank that cannot be paid in full shares by the amounts owed, by largest remainder, ties to the earlier claim.
3. Nobody gets more than he is owed; what is left when all are paid is the surplus.
4. The shares and the surplus sum to the proceeds, exactly.

Source: Interp. 508, 514; 执行工作规定 34, 55.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auction.fund.claims.claims import MAX_CLAIMS, Claim, OrdinaryOrder, TooManyClaims, ranked
from auction.kernel.errors import Conflict, NotFound
from auction.kernel.money import Money, total


class TaxesNotAssessed(Conflict):
    """A sale's taxes are neither assessed nor reserved for."""

    code = "taxes_not_assessed"
    article = "网拍 30"
    zh = "尚未取得税费核定，也未预留税费，不能制作分配方案。"
    en = "The taxes of a sale are neither assessed nor reserved for; no plan can be drawn."


class PlanUnknown(NotFound):
    """There is no such plan."""

    code = "plan_unknown"
    article = "Interp. 509"
    zh = "没有该份分配方案。"
    en = "There is no such distribution plan."


@dataclass(frozen=True, slots=True)
class Share:
    """What one claim gets, and in which rank (1 first)."""

    claim: Claim
    rank: int
    amount: Money

    @property
    def unpaid(self) -> Money:
        """What stays owed."""
        return self.claim.amount - self.amount


@dataclass(frozen=True, slots=True)
class Plan:
    """Who gets what; the surplus goes back to the debtor."""

    proceeds: Money
    shares: tuple[Share, ...]
    surplus: Money

    def __post_init__(self) -> None:
        """Assert rules 3 and 4."""
        given = total([share.amount for share in self.shares])
        assert given + self.surplus == self.proceeds, "a plan sums to its proceeds"
        assert self.surplus.fen >= 0, "a plan gives no more than there is"
        assert all(0 <= share.amount.fen <= share.claim.amount.fen for share in self.shares), "nobody gets too much"


def compute_plan(proceeds: Money, claims: Sequence[Claim], *, ordinary_order: OrdinaryOrder) -> Plan:
    """Distribute proceeds (not negative) over claims (each above zero). Raises `ClaimIncomplete`, `TooManyClaims`."""
    if len(claims) > MAX_CLAIMS:
        raise TooManyClaims(limit=MAX_CLAIMS)
    left = proceeds
    shares: list[Share] = []
    for rank, members in enumerate(ranked(claims, ordinary_order=ordinary_order), start=1):
        amounts = _pay_rank(left, [claim.amount for claim in members])
        left -= total(amounts)
        shares += [Share(claim, rank, amount) for claim, amount in zip(members, amounts, strict=True)]
    return Plan(proceeds, tuple(shares), left)


def _pay_rank(left: Money, owed: Sequence[Money]) -> list[Money]:
    if total(owed) <= left:
        return list(owed)
    return left.split([amount.fen for amount in owed])
