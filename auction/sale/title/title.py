"""Title: what must be true before the court rules, and the days that then run.

1. The confirmation is published at the close in the buyer's real name; it is not the ruling (网拍 22; practice 21).
2. The court rules only when the applied receipts equal the hammer price to the fen, the seizure is still in force, and,
   where purchase limits apply, the buyer proved that he is eligible (拍变 20; 法释〔2021〕18号 3).
3. The ruling is served within ten days of full payment; title passes when it is served on the buyer (网拍 22; 拍变 26).
4. Possession follows within fifteen days of service (拍变 27).
5. A buyer barred after he had registered is for the panel. What it does not uphold is set aside: the money goes back whole,
   the lot is listed again, and he stays barred from it (网拍 31(4), 34). That is no default.
6. A missed date only proposes a default; the panel declares it, and the deposit is kept in the same transaction (网拍 24).
7. A sale is set aside on an objection by the ruling on it, on one of the grounds of the law, also after title has passed; a lot that was
   ruled on is not listed again itself: the property comes back, and a new sale is a new lot (网拍 31).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.kernel.money import Money
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from auction.law.periods import deadline_at, legal_period, period_end


class BalanceStep(StrEnum):
    """Where the payment of a price stands."""

    OPEN = "open"  # 期限内
    PAID = "paid"  # 已付清
    PROPOSED = "proposed"  # 逾期，待合议庭决定
    DEFAULT = "default"  # 合议庭认定悔拍


class SettingAsideGround(StrEnum):
    """Why a sale is set aside; the value is stored. Source: 网拍 31(1)–(6)."""

    FALSE_DESCRIPTION = "false_description"  # 文字说明、视频或者照片严重失实
    SYSTEM_FAULT = "system_fault"  # 系统故障、病毒、黑客攻击、数据错误
    COLLUSION = "collusion"  # 恶意串通
    BUYER_NOT_QUALIFIED = "buyer_not_qualified"  # 买受人不具备竞买资格
    UNEQUAL_CONDITIONS = "unequal_conditions"  # 违法限制竞买人或者条件不同等
    SERIOUS_BREACH = "serious_breach"  # 其他严重违反程序


class ConfirmationUnknown(NotFound):
    """The lot was not sold, or its confirmation is not issued yet."""

    code = "confirmation_unknown"
    article = "网拍 22"
    zh = "没有该拍品的成交确认书。"
    en = "There is no confirmation of an auction transaction for this lot."


class PriceNotPaid(Unlawful):
    """The applied receipts differ from the hammer price."""

    code = "price_not_paid_exactly"
    article = "拍变 20; 网拍 22"
    zh = "已入账价款 {applied} 与成交价 {hammer_price} 不一致，不得作出成交裁定。"
    en = "The applied receipts {applied} differ from the hammer price {hammer_price}; no ruling is made."


class BuyerBarredSince(Conflict):
    """The buyer was barred after he had registered; the panel decides first whether the sale stands."""

    code = "buyer_barred_since"
    article = "网拍 31, 34"
    zh = "买受人报名后被列入不得竞买人员，须经合议庭决定是否维持成交。"
    en = "The buyer was barred after registering; the panel decides first whether the sale stands."


class SaleUpheld(Conflict):
    """The panel decided that the sale stands."""

    code = "sale_upheld"
    article = "网拍 31"
    zh = "合议庭已决定维持成交，不得撤销。"
    en = "The panel decided that the sale stands; it is not set aside."


class SaleNotUpheld(Conflict):
    """The panel decided against the sale: it is set aside, which is no default."""

    code = "sale_not_upheld"
    article = "网拍 31(4), 34"
    zh = "合议庭未维持该次成交，应当裁定撤销拍卖并退还价款，不得认定买受人悔拍或者延长付款期限。"
    en = "The panel did not uphold this sale; it is set aside and the money goes back. There is no default, and no more time."


class EligibilityNotProven(Unlawful):
    """Purchase limits apply and the buyer's eligibility is not proven without a gap."""

    code = "eligibility_not_proven"
    article = "法释〔2021〕18号 3"
    zh = "买受人尚未证明自申请竞买至成交裁定时均具备购房资格：{from_on} 至 {to_on} {state}，不得作出成交裁定。"
    en = "The buyer has not proven to be eligible from registration until the ruling: {from_on} to {to_on} {state}. No ruling is made."


class BalanceNotOverdue(Conflict):
    """The last day for the balance has not passed, or the price is paid."""

    code = "balance_not_overdue"
    article = "网拍 24, 25"
    zh = "余款支付期限尚未届满，或者价款已付清，不能认定悔拍。"
    en = "The time for the balance has not passed, or the price is paid; there is no default."


class NotDefaulted(Conflict):
    """No default was declared in this round."""

    code = "not_defaulted"
    article = "网拍 24"
    zh = "该次拍卖未认定悔拍。"
    en = "No default was declared in this round."


class ExtensionNotLonger(Malformed):
    """More time must end later than the time that was set."""

    code = "balance_extension_not_longer"
    article = "practice 23"
    zh = "延长后的支付期限应当晚于原期限且晚于今日。"
    en = "The new last day must be later than the old one and later than today."


class TitleNotPassed(Conflict):
    """Transfer and delivery follow the passing of title."""

    code = "title_not_passed"
    article = "网拍 22; 拍变 26"
    zh = "成交裁定尚未送达买受人，所有权未转移。"
    en = "The ruling has not been served on the buyer; title has not passed."


class StepAlreadyRecorded(Conflict):
    """This step was recorded before."""

    code = "title_step_already_recorded"
    article = "house: a fact is recorded once"
    zh = "该步骤已经登记。"
    en = "This step was already recorded."


class DateOutOfOrder(Malformed):
    """The step is dated before the one that it follows, or after today."""

    code = "title_date_out_of_order"
    article = "house: what happened has happened"
    zh = "日期 {given} 不合理：应在 {earliest} 至今日之间。"
    en = "The date {given} is out of order: it lies between {earliest} and today."


class LateReasonMissing(Malformed):
    """A delivery after the legal time states why."""

    code = "late_delivery_reason_missing"
    article = "拍变 27"
    zh = "超过法定期限交付的，应当说明原因。"
    en = "A delivery after the legal time states its reason."


def balance_due_on(closed_on: date, balance_days: int, calendar: Calendar) -> date:
    """Give the last day for the balance: the announced days from the close, rolled over days off (网拍 25; CPL 85)."""
    return period_end(closed_on, balance_days, calendar)


def balance_due_at(closed_on: date, balance_days: int, calendar: Calendar) -> datetime:
    """Give the first instant that is too late for the balance."""
    return deadline_at(balance_due_on(closed_on, balance_days, calendar))


def serve_ruling_by(paid_on: date, calendar: Calendar) -> date:
    """Give the last day on which the ruling is served. Source: 拍变 20."""
    return legal_period(LAW.parameter("auction.ruling_after_full_payment_days", on=paid_on), paid_on, calendar).end_day


def deliver_by(passed_on: date, calendar: Calendar) -> date:
    """Give the last day for delivery. Source: 拍变 27."""
    return legal_period(LAW.parameter("auction.handover_after_ruling_days", on=passed_on), passed_on, calendar).end_day


def check_paid(applied: Money, hammer_price: Money) -> None:
    """Refuse a ruling unless the applied receipts equal the price to the fen (`PriceNotPaid`)."""
    if applied != hammer_price:
        raise PriceNotPaid(applied=applied, hammer_price=hammer_price)


def latest_end(due_at: datetime, extended_to: Iterable[datetime]) -> datetime:
    """Give the first instant that is too late, with the time that the panel added."""
    return max([due_at, *extended_to])


def balance_step(
    now: datetime,
    *,
    due_at: datetime,
    extended_to: Iterable[datetime] = (),
    is_paid: bool,
    panel_declares: bool = False,
) -> BalanceStep:
    """Say where the payment stands; a refused or unpaid loan is no excuse (rule 6).

    ``due_at``, ``extended_to``: first instants that are too late, as announced and as the panel added.
    Raises `BalanceNotOverdue` when the panel declares a default before the time has passed, or after the price is paid. Source: 网拍 24.
    """
    is_late = now >= latest_end(due_at, extended_to)
    if panel_declares:
        if is_paid or not is_late:
            raise BalanceNotOverdue
        return BalanceStep.DEFAULT
    if is_paid:
        return BalanceStep.PAID
    return BalanceStep.PROPOSED if is_late else BalanceStep.OPEN


def title_passed(*, is_ruled: bool, served_on: date | None, on: date) -> bool:
    """Whether title has passed on a day: the ruling was served on the buyer by then (rule 3). Source: 网拍 22; 拍变 26.

    ``served_on``: day on which the ruling took effect on the buyer; ``None``: it was not served on him.
    """
    return is_ruled and served_on is not None and served_on <= on


def check_day(given: date, *, earliest: date, today: date) -> None:
    """Refuse a day before what it follows, or to come (`DateOutOfOrder`)."""
    if not earliest <= given <= today:
        raise DateOutOfOrder(given=given, earliest=earliest)
