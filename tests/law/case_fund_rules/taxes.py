"""Taxes of the sale: who bears them, what a buyer who advanced them gets back, and what may be planned (网拍 30)."""

from __future__ import annotations

from auction.fund.claims import taxes
from auction.fund.plans import planned
from auction.fund.plans.plan import TaxesNotAssessed
from auction.kernel.money import Money
from tests.law.case_fund_rules.shared import Adapter, Given


def tax_bearer(given: Given) -> object:
    """Answer who bears a tax; its name decides nothing."""
    return taxes.bearer_of(given["law_says"], given.get("court_says"))


def tax_reimbursement(given: Given) -> object:
    """Answer what goes back to the buyer."""
    return taxes.reimbursed(
        sellers_assessed=Money(given["sellers_assessed_fen"]),
        buyers_assessed=Money(given["buyers_assessed_fen"]),
        paid=Money(given["paid_by_buyer_fen"]),
    ).fen


def plan_with_tax(given: Given) -> object:
    """Answer what may be planned beside the taxes."""
    reserve, assessed = (Money(given[key]) if key in given else None for key in ("reserve_fen", "assessed_fen"))
    return {"planned_fen": planned.to_plan(Money(given["proceeds_fen"]), reserve=reserve, assessed=assessed).fen}


RULES = {
    "tax_bearer": Adapter(
        tax_bearer, {"law_decides": taxes.LawDecidesTax, "court_must_decide": taxes.TaxBearerUndecided}
    ),
    "tax_reimbursement": Adapter(tax_reimbursement),
    "plan_with_tax": Adapter(
        plan_with_tax, {"tax_unknown": TaxesNotAssessed, "plan_too_large": planned.ReserveExceeded}
    ),
}
