"""Shares: who gets what of the proceeds, and the contractor's time (Interp. 508, 514; 民法典 414; 税收征管法 45; 查扣冻 12)."""

from __future__ import annotations

from auction.fund.claims import entitlements
from auction.fund.plans import planned
from auction.fund.plans.plan import compute_plan
from auction.kernel.money import Money
from auction.law.construction import ConstructionPriorityLate, require_priority_in_time
from tests.law.case_fund_rules.shared import ON, Adapter, Given, claims_of, order_for, shares_of


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
    "distribute_criminal": Adapter(distribute_criminal),
    "surplus_payable": Adapter(surplus_payable, {"claims_open": planned.SurplusWaits}),
    "co_owner_share": Adapter(co_owner_share),
    "replacement_rent": Adapter(replacement_rent, {"years_outside": entitlements.RentYearsOutside}),
    "construction_in_time": Adapter(construction_in_time, {"late": ConstructionPriorityLate}),
}
