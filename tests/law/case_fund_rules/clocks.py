"""Last days and instants in time, each by the function or the dated figure that the product itself asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from auction.law.calendar import COURT_CALENDAR
from auction.law.periods import deadline_at, is_in_time
from auction.sale.title.title import balance_due_on, deliver_by, serve_ruling_by
from tests.law.case_fund_rules.shared import Adapter, Given, legal_end, within

ENDS: dict[str, Callable[[date], date]] = {
    "sale_ruling": lambda paid_on: serve_ruling_by(paid_on, COURT_CALENDAR),
    "possession": lambda passed_on: deliver_by(passed_on, COURT_CALENDAR),
    "plan_objection": partial(legal_end, "money.plan_objection_days"),
    "plan_opposition": partial(legal_end, "money.plan_opposition_days"),
    "plan_suit": partial(legal_end, "money.plan_suit_days"),
    "payout": partial(legal_end, "money.payout_days_2017"),
    "payout_order": partial(legal_end, "money.payout_order_working_days_2021"),
    "payout_by_finance": partial(legal_end, "money.payout_finance_working_days_2021"),
    "payout_after_delay": partial(legal_end, "money.after_delay_ground_days"),
    "money_claim": partial(legal_end, "money.payout_claim_days"),
    "bankruptcy_answer": partial(legal_end, "money.bankruptcy_answer_days"),
}


def end_of(given: Given) -> date:
    """Give the last day of an act."""
    if given["of"] == "balance":
        return balance_due_on(given["from"], given["days"], COURT_CALENDAR)
    return ENDS[given["of"]](given["from"])


def deadline(given: Given) -> object:
    """Answer the last day of an act."""
    return end_of(given)


def in_time(given: Given) -> object:
    """Answer whether an act is before the first instant that is late."""
    return within(is_in_time(given["at"], deadline_at(end_of(given))))


RULES = {"deadline": Adapter(deadline), "in_time": Adapter(in_time, {"late": "late"})}
