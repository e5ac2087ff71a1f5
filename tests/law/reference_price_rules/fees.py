"""Fees of an appraisal, their advance and settlement (参考价 32, 33; 评估规范)."""

from __future__ import annotations

from datetime import date

from auction.kernel.money import Money
from tests.law.reference_price_rules.shared import ON, PAPER, Adapter, Given, uuid
from valuation.appraisals.rules import fees
from valuation.appraisals.rules.rates import FiledRates, RateBand


def rates(given: Given) -> FiledRates:
    """Give filed rates of one open band."""
    ratio = f"{given['rate_bp']}/10000"
    return FiledRates(
        association="评估协会",
        filed_on=date(2026, 1, 5),
        bands=(RateBand(up_to_fen=None, ratio=ratio),),
        document_sha256=PAPER,
    )


def money(given: Given, name: str) -> Money | None:
    """Give an amount, ``None`` where the example names none."""
    return Money(given[name]) if name in given else None


def first_fee(given: Given) -> Money:
    """Give the fee of the first report; an expense is due only where the outcome asks for it."""
    return fees.first_fee(
        given["outcome"],
        appraised=money(given, "appraisal_fen"),
        hammer=money(given, "hammer_fen"),
        rates=rates(given),
        expense=None if given["outcome"] == "sold" else money(given, "expense_fen"),
    )[0]


def appraisal_fee(given: Given) -> object:
    """Answer what the agency earns."""
    if given["outcome"] == "replaced":
        return fees.replaced_line(mandate_id=uuid("mandate"), agency_id=uuid("agency")).amount_fen
    return first_fee(given).fen


def appraisal_advance(given: Given) -> object:
    """Answer what the applicant advances on the estimate."""
    return fees.advance_due(Money(given["value_fen"]), rates(given), on=ON).fen


def fee_settlement(given: Given) -> object:
    """Answer what goes back, what is reimbursed, what is still due of the fee of a sold thing."""
    advances = (fees.Advance(kind="money", amount_fen=given["advanced_fen"]),)
    settled = fees.settle(Money(given["fee_fen"]), advances, outcome="sold")
    return {
        "refund_fen": settled.refund.fen,
        "reimburse_fen": settled.reimburse.fen,
        "due_fen": settled.charge.fen,
    }


RULES = {
    "appraisal_fee": Adapter(appraisal_fee),
    "reissue_fee": Adapter(lambda given: fees.reissue_fee(first_fee(given), on=ON).fen),
    "appraisal_advance": Adapter(appraisal_advance),
    "fee_settlement": Adapter(fee_settlement),
}
