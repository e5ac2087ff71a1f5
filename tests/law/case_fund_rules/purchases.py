"""The price: when it is paid, and what a creditor who buys may set off (拍变 20; 执行规定 55)."""

from __future__ import annotations

from datetime import date

from auction.fund.deposits.deposits import split_receipt
from auction.fund.set_offs.set_offs import SetOffExceedsShare, ceiling_of, require_within
from auction.kernel.money import ZERO, Money
from auction.sale.title.title import PriceNotPaid, check_paid, title_passed
from tests.law.case_fund_rules.shared import Adapter, Given, claims_of, order_for, uuid


def ruling_allowed(given: Given) -> object:
    """Answer what goes back of the payments when the price is complete."""
    price, held, back = Money(given["hammer_fen"]), ZERO, ZERO
    for fen in given["applied"].values():
        kept, above = split_receipt(amount=price, received_before=held, receipt=Money(fen))
        held, back = held + kept, back + above
    check_paid(held, price)
    return {"refund_fen": back.fen}


def set_off(given: Given) -> object:
    """Answer what the buyer may set off, and what he pays."""
    price = Money(given["hammer_fen"])
    ceiling = ceiling_of(
        price, claims_of(given["lines"]), {uuid(given["buyer"])}, ordinary_order=order_for(given["debtor"])
    ).amount
    asked = Money(given["asked_fen"]) if "asked_fen" in given else ceiling
    require_within(asked, ceiling=ceiling, missing=price)
    return {"set_off_fen": asked.fen, "pay_fen": (price - asked).fen}


def title(given: Given) -> object:
    """Answer whether title has passed."""
    return title_passed(is_ruled="ruled_on" in given, served_on=given.get("served_on"), on=given.get("on", date.max))


RULES = {
    "title_passed": Adapter(title),
    "ruling_allowed": Adapter(ruling_allowed, {"price_open": PriceNotPaid}),
    "set_off": Adapter(set_off, {"more_than_share": SetOffExceedsShare}),
}
