"""What the adapters of case money have in common; an adapter translates and calls the product, it decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from auction.fund.claims.claims import Claim, ClaimKind, OrdinaryOrder
from auction.fund.plans.plan import Plan
from auction.kernel.money import Money
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import legal_period
from tests.law.reference_price_rules.shared import LACKING, ON, Adapter, Ended, Given, Lacking, Word, mentions, uuid

__all__ = [
    "LACKING",
    "ON",
    "Adapter",
    "Ended",
    "Given",
    "Lacking",
    "Word",
    "claims_of",
    "legal_end",
    "mentions",
    "order_for",
    "shares_of",
    "uuid",
    "within",
]

KINDS = {
    "costs": ClaimKind.SALE_COST,
    "sale_tax": ClaimKind.SALE_TAX,
    "construction": ClaimKind.CONSTRUCTION,
    "old_tax": ClaimKind.OLD_TAX,
    "mortgage": ClaimKind.MORTGAGE,
    "unregistered_mortgage": ClaimKind.MORTGAGE,
    "ordinary": ClaimKind.ORDINARY,
    "doubled_interest": ClaimKind.LATE_INTEREST,
}
CRIMINAL_KINDS = {
    "medical": ClaimKind.MEDICAL,
    "priority": ClaimKind.CONSTRUCTION,
    "restitution": ClaimKind.RESTITUTION,
    "civil": ClaimKind.ORDINARY,
    "fine": ClaimKind.FINE,
    "confiscation": ClaimKind.CONFISCATION,
}
"""What a priority is based on is not said; the contractor's needs no day."""


def legal_end(key: str, start_day: date) -> date:
    """Give the last day of a period that is a dated figure of the law and has no function of its own."""
    return legal_period(LAW.parameter(key, on=start_day), start_day, COURT_CALENDAR).end_day


def within(is_in_time: bool) -> bool:
    """Answer true, or that the product calls the act late."""
    if not is_in_time:
        raise Ended("late")
    return True


def order_for(debtor: str) -> OrdinaryOrder:
    """Give the order of ordinary claims that the officer chooses for this kind of debtor."""
    return "by_seizure" if debtor == "enterprise" else "pro_rata"


def claims_of(lines: Iterable[Mapping[str, Any]]) -> list[Claim]:
    """Put lines on record; the place in the order of seizure is that of the day among the days of seizure."""
    listed = list(lines)
    days = sorted({line["seized_on"] for line in listed if "seized_on" in line})
    return [
        Claim(
            claim_id=uuid(line["id"]),
            kind=(KINDS | CRIMINAL_KINDS)[line["kind"]],
            amount=Money(line["fen"]),
            ranked_on=line.get("registered_on", line.get("due_on")),
            seizure_order=days.index(line["seized_on"]) + 1 if "seized_on" in line else None,
            seized_on=line.get("seized_on"),
            creditor=uuid(line.get("by", line["id"])),
        )
        for line in listed
    ]


def shares_of(plan: Plan, lines: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Read from a plan what each line gets, and the debtor."""
    shares = {share.claim.claim_id: share.amount.fen for share in plan.shares}
    return {**{line["id"]: shares[uuid(line["id"])] for line in lines}, "debtor": plan.surplus.fen}
