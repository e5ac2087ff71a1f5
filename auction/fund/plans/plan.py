"""The distribution plan, computed: rank by rank, in proportion within a rank, to the fen. Pure.

1. A rank is paid in full before the next gets anything.
2. A rank that cannot be paid in full shares by the amounts owed, by largest remainder, ties to the earlier claim.
3. Nobody gets more than he is owed, nor a third party who won more than is here of his own lot's price; what is left when all are paid is the surplus.
4. The shares and the surplus sum to the proceeds, exactly.
5. A reward comes out of the share of the claim that it names, never more than that share; for the debtor the share is
   paid in full (财产调查规定 24). Several rewards out of one share are taken in the order of recording.

Source: Interp. 508, 514; 执行工作规定 34, 55; 财产调查规定 24.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auction.fund.claims.claims import MAX_CLAIMS, Claim, ClaimKind, OrdinaryOrder, TooManyClaims
from auction.fund.claims.ranks import ranked
from auction.kernel.errors import Conflict, NotFound
from auction.kernel.money import ZERO, Money, total


class TaxesNotAssessed(Conflict):
    """A sale's taxes are neither assessed nor reserved for."""

    code = "taxes_not_assessed"
    article = "网拍 30"
    zh = "尚未取得税费核定，也未预留税费，不能制作分配方案。"
    en = "The taxes of a sale are neither assessed nor reserved for; no plan can be drawn."


class PlanOutdated(Conflict):
    """What is owed or held is not what the plan was drawn on: to settle it would pay what nobody is owed, or pass somebody over."""

    code = "plan_outdated"
    article = "Interp. 507, 509"
    zh = "方案制作后，债权登记、核定税费或者可供分配的价款已有变化，应当重新制作方案并送达。"
    en = "The claims, the taxes or the money are not what this plan was drawn on any more; it is drawn and served anew."


class PlanUnknown(NotFound):
    """There is no such plan."""

    code = "plan_unknown"
    article = "Interp. 509"
    zh = "没有该份分配方案。"
    en = "There is no such distribution plan."


@dataclass(frozen=True, slots=True)
class Share:
    """What one claim gets, in which rank (1 first), and why it stands there (`auction.fund.claims.ranks.Ranked`)."""

    claim: Claim
    rank: int
    amount: Money
    ground: str
    rewards: Money = ZERO
    """What of its share goes to rewards instead; the debtor owes it no more (rule 5)."""

    @property
    def unpaid(self) -> Money:
        """What stays owed."""
        return self.claim.amount - self.amount - self.rewards


@dataclass(frozen=True, slots=True)
class Plan:
    """Who gets what; the surplus goes back to the debtor."""

    proceeds: Money
    shares: tuple[Share, ...]
    surplus: Money

    def __post_init__(self) -> None:
        """Assert rules 3 and 4 (rewards are shares of their own)."""
        given = total([share.amount for share in self.shares])
        assert given + self.surplus == self.proceeds, "a plan sums to its proceeds"
        assert self.surplus.fen >= 0, "a plan gives no more than there is"
        assert all(0 <= share.amount.fen <= share.claim.amount.fen for share in self.shares), "nobody gets too much"


def compute_plan(proceeds: Money, claims: Sequence[Claim], *, ordinary_order: OrdinaryOrder) -> Plan:
    """Distribute proceeds (not negative) over claims (each above zero).

    Raises `ClaimIncomplete`, `TooManyClaims`, `OrderNotCriminal`.
    """
    if len(claims) > MAX_CLAIMS:
        raise TooManyClaims(limit=MAX_CLAIMS)
    left = proceeds
    shares: list[Share] = []
    for rank, members in enumerate(ranked(claims, ordinary_order=ordinary_order), start=1):
        amounts = _pay_rank(left, [member.claim.payable for member in members])
        left -= total(amounts)
        shares += [
            Share(member.claim, rank, amount, member.ground) for member, amount in zip(members, amounts, strict=True)
        ]
    return Plan(proceeds, tuple(_with_rewards(shares, claims)), left)


def _with_rewards(shares: Sequence[Share], claims: Sequence[Claim]) -> list[Share]:
    """Take the rewards out of the shares of the claims that they name (rule 5)."""
    found: list[Share] = []
    for share in shares:
        own: list[Share] = []
        left = share.amount
        for reward in claims:
            if reward.kind is ClaimKind.REWARD and reward.out_of == share.claim.claim_id:
                part = min(reward.amount, left)
                left -= part
                own.append(Share(reward, share.rank, part, reward.kind.value))
        found += [replace(share, amount=left, rewards=share.amount - left), *own]
    return found


def _pay_rank(left: Money, owed: Sequence[Money]) -> list[Money]:
    if total(owed) <= left:
        return list(owed)
    return left.split([amount.fen for amount in owed])
