"""Receipts: who may have paid, and the time in which a receipt is claimed. Pure.

1. What a transfer belongs to is said by its sub-account or by the reference in its remark, not by its payer's name. A
   payer who is somebody else is a lead for the judge, on record with the receipt, and bars nobody (practice 30).
2. What names nothing waits unattributed until the case's handler claims it, within the days of the law from its arrival.
3. At the month's end nothing is left unattributed: the figure is shown, and what is not zero is shown as such.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import deadline_at, legal_period

PAYER_DIFFERS = "payer_differs"
"""Reason kept with a receipt: its payer bears another name than the bidder or buyer for whom he paid."""
NO_REFERENCE = "no_reference"
"""Reason kept with a receipt: neither its sub-account nor its remark names anything that we know."""


class PayerIsAnother(Conflict):
    """Money without a reference came under another name than the bidder's."""

    code = "receipt_payer_is_another"
    article = "网拍 17; 执行款物 7-8"
    zh = "付款户名与报名人姓名不一致，不能在窗口直接确认；请由承办人提出认领、财务复核。"
    en = "The payer's name is not the bidder's: the counter cannot confirm it; the handler claims it and finance confirms."


class NoCounterReceipt(Conflict):
    """This receipt waits for another reason, or an officer has proposed where it belongs."""

    code = "receipt_not_for_the_counter"
    article = "执行款物 7-8"
    zh = "该笔款项已另有认领意见或者属于其他情形，不能在窗口直接确认。"
    en = "This receipt has a proposal already, or waits for another reason; the counter cannot confirm it."


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are the same, blanks and small letters apart."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def claim_due(received_at: datetime) -> datetime:
    """The first instant that is too late to claim a receipt (rule 2). Source: 执行款物 7-8."""
    day = local_day(received_at)
    parameter = LAW.parameter("money.payout_claim_days", on=day)
    return deadline_at(legal_period(parameter, day, COURT_CALENDAR).end_day)


def month_ends(today: date, *, count: int) -> tuple[date, ...]:
    """Give the last days of the ``count`` months before this one, the newest first."""
    ends: list[date] = []
    first = today.replace(day=1)
    for _ in range(count):
        ends.append(first - timedelta(days=1))
        first = ends[-1].replace(day=1)
    return tuple(ends)
