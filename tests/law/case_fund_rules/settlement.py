"""Shares: who gets what of the proceeds, and the contractor's time (Interp. 508, 514; 民法典 414; 税收征管法 45)."""

from __future__ import annotations

from auction.fund.plans.plan import compute_plan
from auction.kernel.clock import day_start
from auction.kernel.money import Money
from auction.law.periods import deadline_at, is_in_time
from tests.law.case_fund_rules.shared import Adapter, Given, claims_of, legal_end, order_for, shares_of, within


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


def construction_in_time(given: Given) -> object:
    """Answer whether a contractor claimed his priority in time."""
    last = legal_end("money.construction_priority_months", given["due_on"])
    return within(is_in_time(day_start(given["claimed_on"]), deadline_at(last)))


RULES = {
    "distribute": Adapter(distribute),
    "distribute_criminal": Adapter(distribute_criminal),
    "construction_in_time": Adapter(construction_in_time, {"late": "late"}),
}
