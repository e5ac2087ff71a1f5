"""Which claims take part in the price of one asset, and how each stands there. Pure.

1. A priority is in one thing: mortgage, contractor's priority, what a sale itself costs, its taxes. It ranks in that thing's price only; what
   it lacks there is an ordinary claim in the other things of its debtor (民法典 386, 413, from memory; 执行工作规定 31).
2. What it lacks is known when its thing is sold: of a thing whose price waits it is what that price would leave of it; of a thing that is not sold
   nothing takes part yet, and its creditor who would not wait gives the priority up and has his claim recorded as an ordinary one.
3. A co-owner's share, a home's rent and what a third party won are of one price; nobody owes them beyond it.
4. A claim takes part in the things of those who owe it. Security given for another's debt takes part in its own thing all the same.
5. A reward goes with the claim out of whose share it is paid.
6. A price that is taken to be distributed before another one leaves of every claim what its plan would leave (`left_after`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from auction.fund.claims.claims import NO_DEBT, Claim, ClaimKind, OrdinaryOrder
from auction.fund.plans.plan import compute_plan
from auction.kernel.errors import Conflict
from auction.kernel.money import ZERO, Money


class AssetNotNamed(Conflict):
    """Several assets of the case were or will be sold, and a claim does not say in which it has its priority."""

    code = "claim_asset_not_named"
    article = "Civil Code 386; 执行工作规定 31"
    zh = "本案处置多项财产，尚有 {count} 项抵押权等优先债权没有写明标的物，应当先予写明。"
    en = "The case sells several assets, and {count} claims with a priority do not say in which of them; that is recorded first."


@dataclass(frozen=True, slots=True)
class SoldAsset:
    """One asset that was sold: in which round, whose it was (``None``: one debtor owns all, or it is not known), what of its price waits."""

    lot_id: UUID
    round_id: UUID
    owner: UUID | None
    money: Money


@dataclass(frozen=True, slots=True)
class Assets:
    """The assets of a case beside the one whose price is distributed: whose price waits, and which prices were distributed."""

    waiting: Sequence[SoldAsset] = ()
    distributed: Collection[UUID] = ()


def claims_on(
    sold: SoldAsset, claims: Sequence[Claim], *, beside: Assets, ordinary_order: OrdinaryOrder
) -> tuple[Claim, ...]:
    """Give the claims that take part in the price of one asset, each as it stands there (rules 1 to 5).

    Raises what `compute_plan` raises.
    """
    lacks = {
        claim.claim_id: claim
        for other in beside.waiting
        if other.lot_id != sold.lot_id
        for claim in _lacking(other, claims, ordinary_order)
    }
    known = {one.lot_id for one in beside.waiting} | set(beside.distributed)
    found = [_stands(sold, lacks.get(claim.claim_id, claim), known) for claim in claims]
    taking_part = {claim.claim_id for claim in found if claim is not None}
    return tuple(claim for claim in found if claim is not None and claim.out_of in (None, *taking_part))


def left_after(
    sold: SoldAsset, claims: Sequence[Claim], *, beside: Assets, ordinary_order: OrdinaryOrder
) -> tuple[Claim, ...]:
    """Give all claims of a case as a plan of one price would leave them, those that are still owed (rule 6). Raises what `compute_plan` raises."""
    found = claims_on(sold, claims, beside=beside, ordinary_order=ordinary_order)
    shares = compute_plan(sold.money, found, ordinary_order=ordinary_order).shares
    given = {share.claim.claim_id: share.amount + share.rewards for share in shares}
    left = (replace(claim, amount=claim.amount - given.get(claim.claim_id, ZERO)) for claim in claims)
    return tuple(claim for claim in left if claim.amount)


def is_owed_by(claim: Claim, owner: UUID | None) -> bool:
    """Whether somebody owes a claim; a claim that names nobody all debtors owe."""
    return not claim.debtors or owner in claim.debtors


def is_of_other(claim: Claim, sold: SoldAsset) -> bool:
    """Whether a claim's thing, or its sale, is another one."""
    return claim.lot_id not in (None, sold.lot_id) or claim.only_of not in (None, sold.round_id)


def _stands(sold: SoldAsset, claim: Claim, known: Collection[UUID]) -> Claim | None:
    if not is_of_other(claim, sold):
        return claim if claim.lot_id is not None or is_owed_by(claim, sold.owner) else None
    if claim.kind in NO_DEBT or claim.lot_id not in known or not is_owed_by(claim, sold.owner) or not claim.amount:
        return None
    return replace(claim, ranked_on=None, seizure_order=None, seized_on=None, elsewhere=True)


def _lacking(sold: SoldAsset, claims: Sequence[Claim], ordinary_order: OrdinaryOrder) -> list[Claim]:
    """Give the claims of a thing whose price waits at what that price would leave of them (rule 2)."""
    there = [_stands(sold, claim, ()) for claim in claims if claim.kind is not ClaimKind.REWARD]
    plan = compute_plan(sold.money, [claim for claim in there if claim is not None], ordinary_order=ordinary_order)
    return [replace(share.claim, amount=share.unpaid) for share in plan.shares if share.claim.lot_id == sold.lot_id]
