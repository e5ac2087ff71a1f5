"""Applications for an auction loan: what is checked before a lender is asked. Pure.

1. Asked in time: the lender has his working days between the application and the end of registration.
2. Borrower and term: age and term together stay within the product's years, the term within the product and, for a home,
   within the law of the day of the contract.
3. Income: the monthly payment is at most half of the income, all debts together at most three fifths of it.
4. The loan is at most the lender's share of the appraised value, and all loans for a price together are at most the price without the
   least own money.
5. A sell-off is prepaid: a loan fits only if somebody bridges it until the lender pays. An agreement that the bidder names is no bridge: the
   lender's signed letter confirms that very agreement, at least what he lends, at least until the bidding ends. In any other sale there is
   nothing to bridge, and no agreement is named.
6. Who is refused because his lender did not confirm the agreement may name another one, up to `MOST_ASKED` times; any other answer of a lender
   stands.
None of it is law of the sale (law.md §7): the numbers are general credit rules and habits, which a product may tighten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

import msgspec

from auction.fund.loans.lender import BridgeMoney
from auction.fund.loans.schedule import MAX_MONTHS
from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.kernel.money import Money
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import working_days_end

HOME: Final = "home"
VEHICLE: Final = "vehicle"
MONTHS: Final = 12
AGE_LEAST: Final = 18
AGE_MOST: Final = 150


class LoanAskedTooLate(Conflict):
    """The lender has too few working days left before registration ends."""

    code = "loan_asked_too_late"
    article = "house loans: a lender needs his working days before the sale"
    zh = "申请贷款应当在报名截止（{closes_on}）前至少{days}个工作日提出，最迟为{last_day}。"
    en = "A loan is asked for at least {days} working days before registration ends on {closes_on}: by {last_day}."


class LoanClassNotLent(Conflict):
    """The product is not for this class of asset."""

    code = "loan_class_not_lent"
    article = "house loans: the lender's product"
    zh = "该贷款产品不适用于本类拍品。"
    en = "This product is not for assets of this class."


class LoanAboveValue(Conflict):
    """More is wished than the share of the value, or the price without the least own money."""

    code = "loan_above_value"
    article = "house loans: share of the value; 首付比例通知 1; 汽车贷款通知 used cars"
    zh = "贷款金额 {asked} 超过最高可贷 {limit}（按评估价成数与最低首付款孰低计算）。"
    en = "{asked} is more than the {limit} that may be lent (the smaller of the share of the value and the price less the least own money)."


class LoanTermTooLong(Malformed):
    """The term of a home loan is longer than is allowed on the day of the contract."""

    code = "loan_term_too_long"
    article = "住房贷款期限通知 term"
    zh = "住房贷款期限最长 {limit} 个月。"
    en = "A home loan runs {limit} months at most."


class LoanPaymentTooHigh(Conflict):
    """The monthly payment is above its share of the income."""

    code = "loan_payment_too_high"
    article = "住房贷款期限通知 income test"
    zh = "月供 {payment} 超过月收入的上限 {limit}。"
    en = "The monthly payment of {payment} is above {limit}, its highest share of the income."


class LoanDebtTooHigh(Conflict):
    """All debts together are above their share of the income."""

    code = "loan_debt_too_high"
    article = "住房贷款期限通知 income test"
    zh = "月供与其他债务合计 {debt} 超过月收入的上限 {limit}。"
    en = "All monthly debts together, {debt}, are above {limit}, their highest share of the income."


class BorrowerTooOld(Conflict):
    """Age and term together are above the product's years."""

    code = "loan_borrower_too_old"
    article = "house loans: age and term, one bank's product sheet"
    zh = "借款人年龄与贷款期限之和不得超过{limit}年。"
    en = "The borrower's age and the term together are at most {limit} years."


class BirthDayMalformed(Malformed):
    """The day of birth gives no age of somebody who may borrow."""

    code = "loan_birth_day_malformed"
    article = "house loans: age and term; Civil Code 18"
    zh = "出生日期不正确，借款人应当年满十八周岁。"
    en = "The day of birth is not right; a borrower is at least eighteen."


class MeansMalformed(Malformed):
    """Income or debts are no amounts of money."""

    code = "loan_means_malformed"
    article = "house loans: income test"
    zh = "月收入应大于零，其他债务月还款不得为负数。"
    en = "The monthly income is above zero, and other monthly debts are not below zero."


class PricePrepaid(Unlawful):
    """The whole price is due before the bid; a loan that pays after the sale comes too late."""

    code = "loan_price_prepaid"
    article = "变卖衔接 5"
    zh = "变卖须在竞买前预缴全款，贷款在成交后才发放，没有过桥资金的不能以贷款参加变卖。"
    en = "In a sell-off the whole price is paid before the bid; a loan that pays after the sale does not fit without bridge money."


class NothingToBridge(Conflict):
    """The price is due after the sale: there is no bridge money, and no agreement on it."""

    code = "loan_nothing_to_bridge"
    article = "变卖衔接 5"
    zh = "本场不预缴全款，无须过桥资金，不填过桥资金协议。"
    en = "The price of this sale is not paid in advance; there is nothing to bridge, and no agreement on bridge money is named."


MOST_ASKED: Final = 5
"""How often one lender is asked about one registration (rule 6)."""
BRIDGE_NOT_CONFIRMED: Final = "bridge_not_confirmed"
"""Why a loan is refused: the lender's letter does not confirm the bridge money that it needs (rule 5)."""


class LoanBasis(msgspec.Struct, frozen=True, kw_only=True):
    """What the sale says of a round, as far as a loan rests on it."""

    asset_class: str
    value_fen: int
    """The reference price."""
    is_prepaid: bool
    """Whether it is a sell-off, whose price is due before the bid."""


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What the bidder says of himself; kept sealed, and told to the lender whom he asks."""

    income_fen: int
    other_debt_fen: int
    born_on: date


@dataclass(frozen=True, slots=True)
class Asked:
    """A loan that is asked for."""

    amount: Money
    price: Money
    value: Money
    asset_class: str


def require_in_time(asked_on: date, closes_on: date, *, working_days: int) -> None:
    """Raise `LoanAskedTooLate` unless so many working days follow ``asked_on`` up to and with ``closes_on`` (rule 1)."""
    if working_days_end(asked_on, working_days, COURT_CALENDAR) > closes_on:
        raise LoanAskedTooLate(
            closes_on=closes_on, days=working_days, last_day=last_day_to_ask(closes_on, working_days)
        )


def last_day_to_ask(closes_on: date, working_days: int) -> date:
    """Give the last day on which an application still leaves the lender his working days."""
    day, left = closes_on, working_days
    while left:
        left -= COURT_CALENDAR.is_working_day(day)
        day = date.fromordinal(day.toordinal() - 1)
    return day


def default_share(asset_class: str, *, on: date) -> Fraction:
    """Give the share of the value that is usually lent, by class of asset (rule 4)."""
    if asset_class == HOME:
        return LAW.ratio("loan.home_share_max_ratio", on=on)
    if asset_class == VEHICLE:
        return LAW.ratio("loan.vehicle_max_ratio", on=on)
    return LAW.ratio("loan.commercial_share_max_ratio", on=on)


def most_of_price(price: Money, asset_class: str, *, on: date) -> Money | None:
    """Give the most that is lent on a price: what the least own money leaves; ``None``: no figure for the class."""
    if asset_class == HOME:
        return price - price.ceil_share(LAW.ratio("loan.home_down_payment_min_ratio", on=on))
    if asset_class == VEHICLE:
        return price.floor_share(LAW.ratio("loan.vehicle_max_ratio", on=on))
    return None


def highest_carried(own: Money, asset_class: str, *, on: date) -> Money | None:
    """Give the highest price whose least own money is there; ``None``: no figure for the class. The reverse of `most_of_price`."""
    if asset_class == HOME:
        return own.floor_share(1 / LAW.ratio("loan.home_down_payment_min_ratio", on=on))
    if asset_class == VEHICLE:
        return own.floor_share(1 / (1 - LAW.ratio("loan.vehicle_max_ratio", on=on)))
    return None


def most_lent(asked: Asked, *, share: Fraction, on: date) -> Money:
    """Give the most that is lent: the smaller of the share of the value and what the least own money leaves (rule 4)."""
    by_price = most_of_price(asked.price, asked.asset_class, on=on)
    return min(asked.value.floor_share(share), asked.price if by_price is None else by_price)


def require_share(asked: Asked, *, share: Fraction, on: date) -> None:
    """Raise `LoanAboveValue` unless the loan is within its limit (rule 4)."""
    limit = most_lent(asked, share=share, on=on)
    if asked.amount > limit:
        raise LoanAboveValue(asked=asked.amount, limit=limit)


def require_own_money(loans: Money, price: Money, asset_class: str, *, on: date) -> None:
    """Raise `LoanAboveValue` unless all loans for a price together leave the least own money of it (rule 4)."""
    limit = most_of_price(price, asset_class, on=on)
    if limit is not None and loans > limit:
        raise LoanAboveValue(asked=loans, limit=limit)


def longest_months(asset_class: str, *, on: date) -> int:
    """Give the longest term for a class of asset in months, by the law of the day of the contract (rule 2)."""
    return MONTHS * LAW.years("loan.home_term_max_years", on=on) if asset_class == HOME else MAX_MONTHS


def require_term(months: int, asset_class: str, *, on: date) -> None:
    """Raise `LoanTermTooLong` unless the term is within the law of the day of the contract (rule 2)."""
    limit = longest_months(asset_class, on=on)
    if months > limit:
        raise LoanTermTooLong(limit=limit)


def age_on(born_on: date, day: date) -> int:
    """Give the full years of life on a day. Raises `BirthDayMalformed`."""
    age = day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
    if not AGE_LEAST <= age <= AGE_MOST:
        raise BirthDayMalformed(field="born_on")
    return age


def require_age(age_years: int, months: int, *, limit_years: int) -> None:
    """Raise `BorrowerTooOld` if age and term together are above the limit (rule 2)."""
    if MONTHS * age_years + months > MONTHS * limit_years:
        raise BorrowerTooOld(limit=limit_years)


def require_income(income: Money, payment: Money, other_debt: Money, *, on: date) -> None:
    """Raise `LoanPaymentTooHigh` or `LoanDebtTooHigh` unless both are within the income (rule 3)."""
    most = income.floor_share(LAW.ratio("loan.payment_to_income_max_ratio", on=on))
    if payment > most:
        raise LoanPaymentTooHigh(payment=payment, limit=most)
    most = income.floor_share(LAW.ratio("loan.debt_to_income_max_ratio", on=on))
    if payment + other_debt > most:
        raise LoanDebtTooHigh(debt=payment + other_debt, limit=most)


def is_bridged(bridge: BridgeMoney | None, *, reference: str, approved: Money, ends_on: date) -> bool:
    """Whether a lender's letter confirms the bridge money of a loan: this agreement, all of it, until the bidding ends (rule 5)."""
    return (
        bridge is not None
        and bridge.reference == reference
        and bridge.amount_fen >= approved.fen
        and bridge.available_until >= ends_on
    )


def require_fits(*, is_prepaid: bool, is_bridged: bool) -> None:
    """Raise `PricePrepaid` if the loan would come after a price that is due before the bid, `NothingToBridge` for a bridge elsewhere (rule 5)."""
    if is_prepaid and not is_bridged:
        raise PricePrepaid
    if is_bridged and not is_prepaid:
        raise NothingToBridge


def may_ask_again(reasons: Sequence[str | None]) -> bool:
    """Whether a lender is asked once more: ``reasons`` say why he refused before, ``None`` for a loan that he did not refuse (rule 6)."""
    return len(reasons) < MOST_ASKED and all(reason == BRIDGE_NOT_CONFIRMED for reason in reasons)
