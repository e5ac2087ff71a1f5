"""Auction loans: schedules, limits and terms (house loans; 首付比例通知; 汽车贷款通知; 住房贷款期限通知)."""

from __future__ import annotations

from fractions import Fraction

from auction.fund.loans import applications as rules
from auction.fund.loans.lender import BridgeMoney
from auction.fund.loans.schedule import Instalment, Method, repayment_schedule
from auction.kernel.money import Money
from auction.law.parameters import LAW
from auction.sale.cases.assets import AssetClass
from auction.sale.title.registry import registry_steps as steps_at_registry
from tests.law.case_fund_rules.shared import ON, Adapter, Given

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


def loan_limit(given: Given) -> object:
    """Answer that so much is lent, at the share that the product takes for the class."""
    asset_class = CLASSES[given["down_percent"]]
    share = rules.default_share(asset_class, on=ON)
    assert share == Fraction(given["share_percent"], 100), "the default is the example's"
    price, value = Money(given["price_fen"]), Money(given["value_fen"])
    rules.require_share(rules.Asked(Money(given["asked_fen"]), price, value, asset_class), share=share, on=ON)
    return True


def loan_term(given: Given) -> object:
    """Answer that it is lent for so long."""
    rules.require_term(given["months"], AssetClass.HOME, on=given["contract_on"])
    return True


def income_test(given: Given) -> object:
    """Answer that the income bears payment and debts."""
    income, payment, debt = (Money(given[name]) for name in ("income_fen", "payment_fen", "other_debt_fen"))
    rules.require_income(income, payment, debt, on=ON)
    return True


def loan_fits(given: Given) -> object:
    """Answer that a loan fits this kind of sale."""
    rules.require_fits(is_prepaid=given["sale"] == "sell_off", is_bridged=given["bridge"])
    return True


def bridge_confirmed(given: Given) -> object:
    """Answer whether a letter confirms the bridge money that a loan needs."""
    letter = BridgeMoney(reference=given["letter"], amount_fen=given["letter_fen"], available_until=given["until"])
    return rules.is_bridged(
        letter, reference=given["named"], approved=Money(given["approved_fen"]), ends_on=given["ends_on"]
    )


def age_and_term(given: Given) -> object:
    """Answer that the borrower is young enough for the term."""
    limit = LAW.years("loan.age_and_term_max_years", on=ON)
    rules.require_age(given["age_years"], 12 * given["term_years"], limit_years=limit)
    return True


def loan_application(given: Given) -> object:
    """Answer that the application is early enough."""
    days = LAW.days("loan.apply_before_working_days", on=given["asked_on"])
    rules.require_in_time(given["asked_on"], given["closes_on"], working_days=days)
    return True


def registry_steps(given: Given) -> object:
    """Answer what is filed together."""
    return [step.value for step in steps_at_registry(old_mortgages=given["old_mortgages"], has_loan=given["loan"])]


RULES = {
    "loan_schedule": Adapter(loan_schedule),
    "loan_first_payment": Adapter(loan_first_payment),
    "loan_limit": Adapter(loan_limit, {"above_limit": rules.LoanAboveValue}),
    "loan_term": Adapter(loan_term, {"term_too_long": rules.LoanTermTooLong}),
    "income_test": Adapter(
        income_test, {"payment_too_high": rules.LoanPaymentTooHigh, "debt_too_high": rules.LoanDebtTooHigh}
    ),
    "bridge_confirmed": Adapter(bridge_confirmed),
    "loan_fits": Adapter(loan_fits, {"price_prepaid": rules.PricePrepaid, "nothing_to_bridge": rules.NothingToBridge}),
    "registry_steps": Adapter(registry_steps),
    "age_and_term": Adapter(age_and_term, {"too_old": rules.BorrowerTooOld}),
    "loan_application": Adapter(loan_application, {"too_late": rules.LoanAskedTooLate}),
}
