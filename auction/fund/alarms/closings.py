"""When an alarm that no fact of the books ends may be closed. Pure.

1. Only an alarm that rings in the case is closed, with a reason that stays on record; it rings again if its fact comes again.
2. A lender's money beside his draw is explained by one officer, once the bank has confirmed that all of it is back: nobody's money changes.
3. What is missing of a defaulter's deposit is closed by a sealed ruling about that default and two persons' words (`RULINGS_ON_DEFAULT`): another
   sealed paper of the case says nothing about it. After it nobody is called to claim it.
   The defaulter is neither of them. Closing moves no money and ends no debt that the ruling orders.

4. An order in doubt is closed on the bank's written answer and two persons' words (`close_order_in_doubt`).

Source: house (practice 8; 网拍 24 for the deposit that is kept).
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from auction.fund.case_file import DocumentNotSealed
from auction.kernel.errors import Conflict, Malformed, NotFound

RULINGS_ON_DEFAULT: Final = frozenset({"default_ruling", "forfeited_decision", "top_up_ruling", "recovery_end_ruling"})
"""Kinds of documents that can say what becomes of a deposit that was not there to be kept."""


class AlarmSilent(NotFound):
    """No such alarm rings in this case."""

    code = "alarm_silent"
    article = "house: only what rings is closed (practice 8)"
    zh = "本案没有该项待处理的警报。"
    en = "No such alarm rings in this case."


class MoneyNotBack(Conflict):
    """The bank has not confirmed yet that the lender has his money back."""

    code = "alarm_money_not_back"
    article = "house: money on its way is not explained away (practice 8)"
    zh = "银行尚未确认该笔款项已退回贷款银行，不能办结。"
    en = "The bank has not confirmed yet that this money is back at the lender; the alarm stays."


class ClosingUnexplained(Malformed):
    """An alarm is closed with a reason."""

    code = "alarm_closing_unexplained"
    article = "house: what called a person is answered in writing (practice 8)"
    zh = "应当写明处理情况。"
    en = "State what became of it."


def reason_given(reason: str) -> str:
    """Give the reason as it is kept. Raises `ClosingUnexplained`."""
    said = reason.strip()
    if not said:
        raise ClosingUnexplained(field="reason")
    return said


def require_ruling_on_default(kind: str, document_id: UUID) -> None:
    """Refuse a paper that says nothing about a default (`DocumentNotSealed`)."""
    if kind not in RULINGS_ON_DEFAULT:
        raise DocumentNotSealed(document_id=document_id)
