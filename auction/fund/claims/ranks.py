"""The order in which claims are paid, and why each stands where it does. Pure.

1. What comes off the price before anybody is paid: costs of the sale with the appraisal fee that somebody advanced, then the
   taxes of this sale with what a buyer advanced of them (执行工作规定 34; 参考价 33; 网拍 30).
2. What never was the debtor's, or is left to him by law: a co-owner's share, the rent for his housing (查扣冻 12;
   异议复议规定 20).
3. Beside a criminal judgment, medical costs of injured persons come before every priority (刑事财产规定 13).
4. A contractor's priority goes before mortgages (建工解释一 36).
5. Mortgages and pledges by the day of registration, the same day in proportion (Civil Code 414, 415). An old tax debt goes
   before security that was created after the tax fell due (Tax Collection Law 45); on the same day the security goes first.
6. Security registered after a creditor seized cannot be held against him (查扣冻 24): it stands with the ordinary claims,
   by order of seizure behind every seizure older than its registration. On one and the same day it keeps its rank.
7. Security of movables that was never registered cannot be held against creditors who seized or joined (担保制度解释 54;
   Civil Code 403): it stands with the ordinary claims, by order of seizure behind all that are seized for.
8. Restitution to victims goes before other civil debts (刑事财产规定 13).
9. Ordinary claims in proportion (Interp. 508), or, against an enterprise without bankruptcy, by the order of
   seizure (Interp. 514); the doubled part of late interest after all judgment debts (迟延利息解释 4).
10. Fine and confiscation come last (刑事财产规定 13). What is left goes back to the debtor (执行工作规定 34).
11. Before all of them, what a third party who won after the sale is to have: the thing was his (法释〔2025〕10号 6).
12. In another thing's price a priority is none, nor is a seizure of something else a place in the order: what a priority lacks
   stands with the ordinary claims, by order of seizure behind all that are seized for (民法典 413, from memory: what the thing does not cover the debtor still owes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from auction.fund.claims.claims import (
    CRIMINAL_KINDS,
    SEIZURE_ORDER_MOST,
    Claim,
    ClaimIncomplete,
    ClaimKind,
    OrderNotCriminal,
    OrdinaryOrder,
    require_complete,
)
from auction.kernel.sentences import Said


class Ground(StrEnum):
    """Why a claim stands in its rank, where its kind alone does not say it; stored, stable."""

    AFTER_SEIZURE = "mortgage_after_seizure"  # rule 6
    UNREGISTERED = "mortgage_unregistered"  # rule 7
    BY_SEIZURE = "ordinary_by_seizure"  # rule 9
    CIVIL_DEBT = "ordinary_beside_criminal"  # rule 8
    OF_OTHER_ASSET = "priority_in_other_asset"  # rule 12


class Place(NamedTuple):
    """Where a claim stands; claims of one place share one rank."""

    group: int
    order: int = 0
    day: date = date.min
    behind: int = 0


class Ranked(NamedTuple):
    """A claim with its place; ``ground`` names a `Ground`, or the kind of the claim where that says it all."""

    claim: Claim
    place: Place
    ground: str


_GROUPS: dict[ClaimKind, int] = {
    ClaimKind.THIRD_PARTY: -1,
    ClaimKind.SALE_COST: 0,
    ClaimKind.APPRAISAL_ADVANCE: 0,
    ClaimKind.SALE_TAX: 1,
    ClaimKind.TAX_REIMBURSEMENT: 1,
    ClaimKind.CO_OWNER_SHARE: 2,
    ClaimKind.HOUSING: 3,
    ClaimKind.MEDICAL: 4,
    ClaimKind.CONSTRUCTION: 5,
    ClaimKind.MORTGAGE: 10,
    ClaimKind.OLD_TAX: 10,
    ClaimKind.RESTITUTION: 15,
    ClaimKind.ORDINARY: 20,
    ClaimKind.LATE_INTEREST: 30,
    ClaimKind.FINE: 40,
    ClaimKind.CONFISCATION: 41,
}
_SECURED, _ORDINARY = _GROUPS[ClaimKind.MORTGAGE], _GROUPS[ClaimKind.ORDINARY]
_NOT_SEIZED = SEIZURE_ORDER_MOST + 1


def ranked(claims: Sequence[Claim], *, ordinary_order: OrdinaryOrder) -> list[list[Ranked]]:
    """Put claims into their ranks, first to be paid first; within a rank they share in proportion. Rewards have none.

    Raises `ClaimIncomplete` where the order of seizure rules and an ordinary claim has no place in it, `OrderNotCriminal`.
    """
    if ordinary_order != "criminal" and any(claim.kind in CRIMINAL_KINDS for claim in claims):
        raise OrderNotCriminal
    by_place: dict[Place, list[Ranked]] = {}
    for claim in claims:
        if claim.kind is not ClaimKind.REWARD:
            found = _rank(claim, claims, ordinary_order)
            by_place.setdefault(found.place, []).append(found)
    return [by_place[place] for place in sorted(by_place)]


def common_ranks(claims: Sequence[Claim], *, ordinary_order: OrdinaryOrder) -> dict[UUID, int]:
    """Number the ranks of these claims, 1 first, so that lines of several plans can be compared; a reward stands with what it comes out of.

    Raises what `ranked` raises.
    """
    groups = ranked(claims, ordinary_order=ordinary_order)
    ranks = {member.claim.claim_id: number for number, group in enumerate(groups, start=1) for member in group}
    rewards = {claim.claim_id: claim.out_of for claim in claims if claim.kind is ClaimKind.REWARD}
    last = len(groups) + 1
    return ranks | {reward: last if out_of is None else ranks.get(out_of, last) for reward, out_of in rewards.items()}


def older_seizures(security: Claim, claims: Sequence[Claim]) -> list[Claim]:
    """Give the ordinary claims whose creditors seized before this security was registered (rule 6)."""
    registered = security.ranked_on
    if security.kind is not ClaimKind.MORTGAGE or registered is None:
        return []
    return [
        claim
        for claim in claims
        if claim.kind is ClaimKind.ORDINARY
        and claim.seized_on is not None
        and claim.seized_on < registered
        and (claim.creditor is None or claim.creditor != security.creditor)
    ]


def _rank(claim: Claim, claims: Sequence[Claim], ordinary_order: OrdinaryOrder) -> Ranked:
    if claim.elsewhere:
        return _elsewhere(claim, ordinary_order)
    if claim.kind is ClaimKind.MORTGAGE:
        return _security(claim, claims, ordinary_order)
    if claim.kind is ClaimKind.OLD_TAX:
        require_complete(claim.kind, ranked_on=claim.ranked_on)
        assert claim.ranked_on is not None, "required above"
        return Ranked(claim, Place(_SECURED, day=claim.ranked_on, behind=1), claim.kind.value)
    if claim.kind is ClaimKind.ORDINARY:
        return _ordinary(claim, ordinary_order)
    return Ranked(claim, Place(_GROUPS[claim.kind]), claim.kind.value)


def _elsewhere(claim: Claim, ordinary_order: OrdinaryOrder) -> Ranked:
    place = Place(_ORDINARY, _NOT_SEIZED if ordinary_order == "by_seizure" else 0)
    if claim.kind is not ClaimKind.ORDINARY:
        return Ranked(claim, place, Ground.OF_OTHER_ASSET.value)
    return Ranked(claim, place, _ordinary(replace(claim, seizure_order=_NOT_SEIZED), ordinary_order).ground)


def _security(claim: Claim, claims: Sequence[Claim], ordinary_order: OrdinaryOrder) -> Ranked:
    if claim.ranked_on is None:
        order = (claim.seizure_order or _NOT_SEIZED) if ordinary_order == "by_seizure" else 0
        return Ranked(claim, Place(_ORDINARY, order), Ground.UNREGISTERED.value)
    older = older_seizures(claim, claims)
    if not older:
        return Ranked(claim, Place(_SECURED, day=claim.ranked_on), claim.kind.value)
    if ordinary_order != "by_seizure":
        return Ranked(claim, Place(_ORDINARY), Ground.AFTER_SEIZURE.value)
    last = max(seized.seizure_order or _NOT_SEIZED for seized in older)
    return Ranked(claim, Place(_ORDINARY, last, day=claim.ranked_on), Ground.AFTER_SEIZURE.value)


def _ordinary(claim: Claim, ordinary_order: OrdinaryOrder) -> Ranked:
    if ordinary_order == "pro_rata":
        return Ranked(claim, Place(_ORDINARY), claim.kind.value)
    if ordinary_order == "criminal":
        return Ranked(claim, Place(_ORDINARY), Ground.CIVIL_DEBT.value)
    if claim.seizure_order is None:
        raise ClaimIncomplete(missing=Said("查封顺序", "its place in the order of seizure"))
    return Ranked(claim, Place(_ORDINARY, claim.seizure_order), Ground.BY_SEIZURE.value)
