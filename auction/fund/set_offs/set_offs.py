"""Set-off by a creditor who buys: what of his price his own share may stand for. Pure.

1. Only a creditor on record of this case, and only for the price that he himself owes.
2. What he may set off is what a plan of this price would give him: costs, the taxes of this sale and every claim before his own come
   first, in money; so his set-off is never more than his share, and never more than what is still missing.
3. The court fixes the amount, by a sealed decision; the rest is paid in. There is one set-off for a purchase.
4. One claim stands for one amount, however many lots he buys. What he set off against another price of the case he has of that price's
   plan, and everybody his share of it: the working here begins with what those plans leave of every claim (`one_asset.left_after`). What
   stands there and is in no price (a share that waits for a judgment) is off his claims, the one paid first first: off what he is owed, never
   off his share.
5. A later plan that gives him less than was set off cannot be drawn, and one whose share is disputed not settled, before he has paid the
   difference in: what he pays for a purchase that is paid goes to his set-off as far as it is open.

Source: 拍变 20 (full payment or approved set-off before the ruling); Interp. 508, 514 (order of shares); practice 22.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from auction.fund.claims.claims import Claim, OrdinaryOrder
from auction.fund.plans.plan import Plan, Share, compute_plan
from auction.kernel.errors import Conflict, NotPermitted, Unlawful
from auction.kernel.money import ZERO, Money, total


class BuyerIsNoCreditor(NotPermitted):
    """The buyer has no claim on record in this case."""

    code = "buyer_is_no_creditor"
    article = "拍变 20"
    zh = "买受人在本案没有已登记的债权，不能以债权抵价。"
    en = "The buyer has no claim on record in this case; he has nothing to set off."


class SetOffExceedsShare(Unlawful):
    """More than the buyer's share of the price after everything that comes before him."""

    code = "set_off_exceeds_share"
    article = "Interp. 508"
    zh = "抵价数额超过买受人的应受偿数额：依法先清偿在先款项后，其应受偿 {share}。"
    en = "The set-off is more than the buyer's share, which is {share} after everything that comes before him."


class SetOffExceedsBalance(Conflict):
    """More than what is still missing to the hammer price."""

    code = "set_off_exceeds_balance"
    article = "拍变 20"
    zh = "抵价数额超过尚欠价款 {balance}。"
    en = "The set-off is more than the {balance} that is still owed."


class SetOffFixed(Conflict):
    """The set-off of this purchase was fixed before."""

    code = "set_off_already_fixed"
    article = "拍变 20"
    zh = "该笔成交款的抵价数额已经确定。"
    en = "The set-off of this purchase was fixed before."


class SetOffDisputed(Conflict):
    """A share that was set off is disputed before a court: the plan would leave the price unpaid if it were lost."""

    code = "set_off_disputed"
    article = "Interp. 510"
    zh = "买受人已抵作价款的 {set_off} 中，方案无争议部分仅 {share}；争议了结或者买受人补足现金前，方案不得入账。"
    en = (
        "Of the {set_off} that the buyer set off only {share} is undisputed; the plan is not settled before the dispute is over or "
        "he has paid the difference in."
    )


class ClaimSetOff(Conflict):
    """The claim stands for a price."""

    code = "claim_set_off"
    article = "拍变 20"
    zh = "该债权人的债权已抵作价款且尚未由方案冲抵；待其以现金补足抵作的价款，或者方案入账之后，再行撤销登记或者执行回转。"
    en = (
        "This creditor's claim stands for a price that no plan has used up yet; it is withdrawn or reversed once he has paid that part in "
        "money, or the plan is settled."
    )


class SetOffUncovered(Conflict):
    """The plan gives the buyer less than he set off."""

    code = "set_off_uncovered"
    article = "Interp. 508"
    zh = "方案分配给买受人的 {share} 少于其已抵作价款的 {set_off}，差额应先行处理。"
    en = "The plan gives the buyer {share}, less than the {set_off} that he set off; the difference is settled first."


class SetOffFirst(Conflict):
    """The plan would pay in money what stands for another price of the case."""

    code = "set_off_price_first"
    article = "拍变 20"
    zh = "买受人以本案债权抵作另一成交价款（附言编号 {reference}）{set_off}，本方案先行分配后，该价款的方案仅能分配给其 {share}：应当先分配该价款，或者由其补足现金。"
    en = (
        "{set_off} of a claim of this case stands for another price ({reference}); after this plan that price would give its buyer only "
        "{share}: that price is distributed first, or he pays the difference in."
    )


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What the buyer may set off, with the plan that says so."""

    plan: Plan
    own: tuple[Share, ...]
    """The buyer's own lines of it."""
    elsewhere: Money = ZERO
    """What stands for other prices of the case already: the claims are what is left after those (rule 4)."""

    @property
    def amount(self) -> Money:
        """The most that he may set off."""
        return total([share.amount for share in self.own])


def ceiling_of(
    price: Money, claims: Sequence[Claim], own: Collection[UUID], *, ordinary_order: OrdinaryOrder, used: Money = ZERO
) -> Ceiling:
    """Give what the claims named ``own`` get out of a price; ``used`` of them stands for something else.

    Raises `BuyerIsNoCreditor`, `ClaimIncomplete`, `TooManyClaims`.
    """
    if not any(claim.claim_id in own for claim in claims):
        raise BuyerIsNoCreditor
    plan = compute_plan(price, claims, ordinary_order=ordinary_order)
    if used:
        plan = compute_plan(price, _less(used, plan, claims, own), ordinary_order=ordinary_order)
    return Ceiling(plan, tuple(share for share in plan.shares if share.claim.claim_id in own))


def _less(used: Money, plan: Plan, claims: Sequence[Claim], own: Collection[UUID]) -> list[Claim]:
    """Give the claims, the buyer's own less what stands for something else, in the order in which they are paid (rule 4)."""
    amounts = {claim.claim_id: claim.amount for claim in claims}
    for share in plan.shares:
        if share.claim.claim_id in own:
            part = min(used, share.claim.amount)
            amounts[share.claim.claim_id] -= part
            used -= part
    left = (replace(claim, amount=amounts[claim.claim_id]) for claim in claims)
    return [claim for claim in left if claim.amount and claim.out_of in (None, *_owed(amounts))]


def _owed(amounts: Mapping[UUID, Money]) -> list[UUID]:
    return [claim_id for claim_id, amount in amounts.items() if amount]


def require_within(amount: Money, *, ceiling: Money, missing: Money) -> None:
    """Refuse more than the share (`SetOffExceedsShare`) or than what is missing (`SetOffExceedsBalance`)."""
    if amount > ceiling:
        raise SetOffExceedsShare(share=ceiling)
    if amount > missing:
        raise SetOffExceedsBalance(balance=missing)


def require_undisputed(set_off: Money, *, undisputed: Money) -> None:
    """Refuse to settle a plan whose undisputed shares do not reach what the buyer set off (`SetOffDisputed`)."""
    if undisputed < set_off:
        raise SetOffDisputed(set_off=set_off, share=undisputed)


def require_distributed_first(standing: Money, *, before: Money, after: Money, reference: str) -> None:
    """Refuse a plan after which a buyer's share of another price is less than stands for it, and less than before (`SetOffFirst`)."""
    if after < min(standing, before):
        raise SetOffFirst(set_off=standing, share=after, reference=reference)


def require_covered(set_off: Money, shares: Iterable[Money]) -> None:
    """Refuse a plan whose shares for the buyer do not reach what he set off (`SetOffUncovered`)."""
    share = total(list(shares))
    if share < set_off:
        raise SetOffUncovered(share=share, set_off=set_off)
