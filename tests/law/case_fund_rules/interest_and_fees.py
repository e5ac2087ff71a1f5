"""Interest, doubled and by the title, and the enforcement fee (迟延利息解释 1–3; 诉讼费用办法 14, 20, 38)."""

from __future__ import annotations

from auction.fund.bills.bills import BillKind, place_of
from auction.kernel.money import Money, total
from auction.law import fees
from auction.law.title_interest import (
    InterestAbovePrincipal,
    TitleInterestMalformed,
    TitleStretch,
    require_within_principal,
    simple_interest,
)
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


def title_interest(given: Given) -> object:
    """Answer the interest by the title over all stretches, within the claim that bears it."""
    stretches = [
        TitleStretch(
            principal=Money(part["principal_fen"]),
            annual_percent=part["annual_percent"],
            year_days=part["year_days"],
            from_day=part["from_day"],
            to_day=part["to_day"],
        )
        for part in given["stretches"]
    ]
    found = simple_interest(stretches)
    require_within_principal(stretches, Money(given["claim_fen"]))
    return found.fen


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
    "title_interest": Adapter(
        title_interest, {"above_principal": InterestAbovePrincipal, "malformed": TitleInterestMalformed}
    ),
    "enforcement_fee": Adapter(enforcement_fee),
    "fee_due_when": Adapter(fee_due_when),
    "fee_without_amount": Adapter(fee_without_amount, {"fee_outside": fees.FeeOutsideBounds}),
    "fee_place": Adapter(fee_place),
}
