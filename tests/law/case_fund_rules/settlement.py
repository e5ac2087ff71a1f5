"""Shares: who gets what of the proceeds, and the contractor's time (Interp. 508, 514; 民法典 414; 税收征管法 45; 查扣冻 12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from auction.fund.claims import entitlements
from auction.fund.claims.claims import Claim
from auction.fund.plans import planned
from auction.fund.plans.one_asset import Assets, SoldAsset, claims_on
from auction.fund.plans.plan import compute_plan
from auction.kernel.money import ZERO, Money
from auction.law.construction import ConstructionPriorityLate, require_priority_in_time
from tests.law.case_fund_rules.shared import ON, Adapter, Given, claims_of, order_for, shares_of, uuid


def distribute(given: Given) -> object:
    """Answer what each line gets, and the surplus."""
    lines = given["lines"]
    plan = compute_plan(Money(given["proceeds_fen"]), claims_of(lines), ordinary_order=order_for(given["debtor"]))
    return shares_of(plan, lines)


def distribute_criminal(given: Given) -> object:
    """Answer what each line gets in the order of criminal judgments, and the surplus."""
    lines = given["lines"]
    plan = compute_plan(Money(given["proceeds_fen"]), claims_of(lines), ordinary_order="criminal")
    return shares_of(plan, lines)


def distribute_assets(given: Given) -> object:
    """Answer what each line gets out of all prices, and each price's surplus; prices are distributed one after the other."""
    lines, order = given["lines"], order_for(given["debtor"])
    sales = {
        one["id"]: SoldAsset(uuid(one["id"]), uuid(one["id"]), uuid(one["owner"]), Money(one["fen"]))
        for one in given["sales"]
    }
    claims = {claim.claim_id: claim for claim in claims_of(lines)}
    got = dict.fromkeys(claims, ZERO)
    surplus: dict[str, int] = {}
    waiting = dict(sales)
    for name in given.get("in_order", list(sales)):
        sold = waiting.pop(name)
        beside = Assets(tuple(waiting.values()), {uuid(one) for one in sales if one not in waiting})
        left = [
            replace(_at(claim, line, sold.lot_id), amount=claim.amount - got[claim.claim_id])
            for claim, line in zip(claims.values(), lines, strict=True)
            if claim.amount > got[claim.claim_id]
        ]
        plan = compute_plan(
            sold.money, claims_on(sold, left, beside=beside, ordinary_order=order), ordinary_order=order
        )
        for share in plan.shares:
            got[share.claim.claim_id] += share.amount
        surplus[name] = plan.surplus.fen
    return {**{line["id"]: got[uuid(line["id"])].fen for line in lines}, **surplus}


def _at(claim: Claim, line: Mapping[str, Any], lot_id: UUID) -> Claim:
    """Give a claim with the asset and the debtors that its line names; its seizure counts on the asset that was seized."""
    lot = uuid(line["of"]) if "of" in line else None
    debtors = frozenset(uuid(name) for name in line.get("debtors", ()))
    if "seizes" in line and uuid(line["seizes"]) != lot_id:
        return replace(claim, debtors=debtors, seizure_order=None, seized_on=None, elsewhere=True)
    return replace(claim, lot_id=lot, debtors=debtors)


def surplus_payable(given: Given) -> object:
    """Answer what of the surplus goes to the debtor now."""
    return planned.surplus_payable(Money(given["surplus_fen"]), still_open=given["open"]).fen


def co_owner_share(given: Given) -> object:
    """Answer how what is left after costs and taxes is split with a co-owner."""
    co_owner, debtor = entitlements.co_owner_share(
        Money(given["net_fen"]), numerator=given["numerator"], denominator=given["denominator"]
    )
    return {"co_owner_fen": co_owner.fen, "debtor_fen": debtor.fen}


def replacement_rent(given: Given) -> object:
    """Answer the rent that is left for a home."""
    rent = Money(given["rent_per_year_fen"])
    return entitlements.replacement_rent(rent, years=given["years"], on=ON).fen


def construction_in_time(given: Given) -> object:
    """Answer whether a contractor used his priority in time."""
    require_priority_in_time(given["due_on"], claimed_on=given["claimed_on"])
    return True


RULES = {
    "distribute": Adapter(distribute),
    "distribute_assets": Adapter(distribute_assets),
    "distribute_criminal": Adapter(distribute_criminal),
    "surplus_payable": Adapter(surplus_payable, {"claims_open": planned.SurplusWaits}),
    "co_owner_share": Adapter(co_owner_share),
    "replacement_rent": Adapter(replacement_rent, {"years_outside": entitlements.RentYearsOutside}),
    "construction_in_time": Adapter(construction_in_time, {"late": ConstructionPriorityLate}),
}
