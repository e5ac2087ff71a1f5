"""Doubled interest and the enforcement fee (迟延利息解释 1–3; 诉讼费用办法 14, 20, 38)."""

from __future__ import annotations

from auction.fund.bills.bills import BillKind, place_of
from auction.kernel.money import Money, total
from auction.law import fees
from tests.law.case_fund_rules.shared import ON, Adapter, Given


def doubled_interest(given: Given) -> object:
    """Answer the doubled part over all slices."""
    slices = [
        fees.InterestSlice(
            principal=Money(part["principal_fen"]),
            from_day=part["from_day"],
            to_day=part["to_day"],
            deducted_days=part.get("deducted_days", 0),
        )
        for part in given["slices"]
    ]
    return fees.doubled_interest(slices).fen


def enforcement_fee(given: Given) -> object:
    """Answer the fee for all that was enforced."""
    return fees.enforcement_fee(total([Money(fen) for fen in given["enforced"]]), on=ON).fen


def fee_due_when(given: Given) -> object:
    """Answer the fee that is due for what was enforced so far."""
    return fees.enforcement_fee(Money(given["enforced_fen"]), on=ON).fen


def fee_without_amount(given: Given) -> object:
    """Answer whether the court may fix this fee for a case without an amount."""
    fees.check_fee_without_amount(Money(given["fee_fen"]), on=ON)
    return True


def fee_place(given: Given) -> object:
    """Answer who bears the enforcement fee, and whether a plan pays it; its amount decides neither."""
    place = place_of(BillKind.ENFORCEMENT_FEE)
    return {"bearer": place.bearer, "in_plan": place.in_plan}


RULES = {
    "doubled_interest": Adapter(doubled_interest),
    "enforcement_fee": Adapter(enforcement_fee),
    "fee_due_when": Adapter(fee_due_when),
    "fee_without_amount": Adapter(fee_without_amount, {"fee_outside": fees.FeeOutsideBounds}),
    "fee_place": Adapter(fee_place),
}
