"""What happens after winning, as a dated check list. Pure.

1. A step is done on the day on which it is recorded, never because its time has come.
2. The first step that is not done is the present one; the later ones wait.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple

from auction.fund.deposits.purchases import PurchaseView
from auction.kernel.clock import MICROSECOND, local_day
from auction.sale.disclosure.own_registrations import AfterSale, OwnRegistration
from auction.sale.lots.lots import Terms
from web.texts import N_

ItemState = Literal["done", "present", "waits"]


class Item(NamedTuple):
    """One step: its title and what to do (Chinese, to be translated), its state, its day, and its last day."""

    code: str
    title: str
    text: str
    state: ItemState
    done_on: date | None
    due_on: date | None


class _Step(NamedTuple):
    code: str
    title: str
    text: str
    done_on: date | None
    due_on: date | None


def check_list(
    own: OwnRegistration, purchase: PurchaseView | None, after: AfterSale | None, *, terms: Terms
) -> list[Item]:
    """Give the steps of a buyer whose sale stands; none for anybody else."""
    if after is None or after.fell is not None:
        return []
    items: list[Item] = []
    for step in _steps(own, purchase, after, terms):
        is_first_open = step.done_on is None and all(item.state == "done" for item in items)
        state: ItemState = "done" if step.done_on is not None else ("present" if is_first_open else "waits")
        items.append(Item(step.code, step.title, step.text, state, step.done_on, step.due_on))
    return items


def _steps(own: OwnRegistration, purchase: PurchaseView | None, after: AfterSale, terms: Terms) -> list[_Step]:
    paid_on = after.paid_on
    if paid_on is None and purchase is not None and purchase.paid_at is not None:
        paid_on = local_day(purchase.paid_at)
    steps = [
        _Step("confirmation", N_("成交确认书公示"), N_("平台已以您的真实姓名公示成交确认书。"), local_day(after.published_at), None),
        _Step("balance", N_("支付余款"), N_("按下方付款指令汇入，备注须逐字一致；逾期由法院决定是否认定悔拍。"), paid_on, last_day(after.balance_due_at)),
    ]  # fmt: skip
    if terms.purchase_limited:
        steps.append(
            _Step(
                "eligibility",
                N_("提交购房资格证明"),
                N_("成交裁定前向承办法官提交，自报名至裁定不得中断。"),
                _day(after.ruled_at),
                None,
            )
        )
    return [
        *steps,
        _Step("ruling", N_("法院作出成交裁定"), N_("价款付清后由法院依法作出；贷款款项直接汇入案款账户。"), _day(after.ruled_at), after.ruling_by),
        _Step("service", N_("裁定送达，所有权转移"), N_("所有权自裁定送达您时起转移。"), after.title_passed_on, None),
        _Step("transfer", N_("办理过户登记"), N_("凭成交裁定书和协助执行通知书到登记机构办理，缴纳应由您承担的税费。"), after.transferred_on, None),
        _Step("delivery", N_("交付占有"), N_("法院负责腾退并交付，请当场核对钥匙和水电读数。"), after.delivered_on, after.deliver_by),
    ]  # fmt: skip


def last_day(first_late_instant: datetime) -> date:
    """Give the last day on time, from the first instant that is too late."""
    return local_day(first_late_instant - MICROSECOND)


def _day(at: datetime | None) -> date | None:
    return None if at is None else local_day(at)
