"""Auction loans: schedules, limits and terms (house loans; 首付比例通知; 汽车贷款通知; 住房贷款期限通知)."""

from __future__ import annotations

from fractions import Fraction

from auction.fund.loans.estimate import LoanWish, estimate_loan
from auction.fund.loans.schedule import Instalment, Method, repayment_schedule
from auction.kernel.money import Money
from auction.sale.cases.assets import AssetClass
from tests.law.case_fund_rules.shared import ON, Adapter, Ended, Given, Lacking

METHODS: dict[str, Method] = {"equal_instalment": "equal_instalments", "equal_principal": "equal_principal"}
CLASSES = {15: AssetClass.HOME, 30: AssetClass.BUILDING, 0: AssetClass.VEHICLE}
"""The class of the asset, by the own money that the example asks for."""


def schedule_of(given: Given) -> list[Instalment]:
    """Give the schedule of a loan."""
    return repayment_schedule(
        Money(given["principal_fen"]),
        annual_rate=Fraction(given["annual_ppm"], 1_000_000),
        months=given["months"],
        method=METHODS[given["method"]],
    )


def loan_schedule(given: Given) -> object:
    """Answer principal and interest of every month."""
    return [[month.principal.fen, month.interest.fen] for month in schedule_of(given)]


def loan_first_payment(given: Given) -> object:
    """Answer what is paid in the first month."""
    return schedule_of(given)[0].payment.fen


def wish(price: int, loan: int, years: int) -> LoanWish:
    """Wish for a loan on a price."""
    return LoanWish(Money(price), Money(price - loan), Fraction(0), years, "equal_principal")


def loan_limit(given: Given) -> object:
    """Answer that so much is lent."""
    asset_class = CLASSES[given["down_percent"]]
    asked = wish(given["price_fen"], given["asked_fen"], 1)
    if estimate_loan(asked, asset_class=asset_class, on=ON).exceeds:
        raise Ended("exceeds")
    return True


def loan_term(given: Given) -> object:
    """Answer that it is lent for so long."""
    years, months = divmod(given["months"], 12)
    if months:
        raise Lacking("a wish counts whole years")
    asked = wish(100_000_000, 50_000_000, years)
    if estimate_loan(asked, asset_class=AssetClass.HOME, on=given["contract_on"]).exceeds:
        raise Ended("exceeds")
    return True


RULES = {
    "loan_schedule": Adapter(loan_schedule),
    "loan_first_payment": Adapter(loan_first_payment),
    "loan_limit": Adapter(loan_limit, {"above_limit": "exceeds"}),
    "loan_term": Adapter(loan_term, {"term_too_long": "exceeds"}),
}
