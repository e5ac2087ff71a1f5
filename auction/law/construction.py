"""How long a contractor's priority for the price of construction may be used (建设工程价款优先受偿权)."""

from __future__ import annotations

from datetime import date

from auction.kernel.clock import day_start
from auction.kernel.errors import Unlawful
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import deadline_at, is_in_time, legal_period


class ConstructionPriorityLate(Unlawful):
    """The priority was first used after its longest time; what is left is an ordinary claim."""

    code = "construction_priority_late"
    article = "建设工程解释 41"
    zh = "建设工程价款优先受偿权应当最迟于{last}行使，{claimed}主张的已经逾期；该工程款可以作为普通债权登记。"
    en = "The priority for construction had to be used by {last}; it was used on {claimed}. The price may be recorded as an ordinary claim."


def construction_priority_end(due_on: date, *, claimed_on: date) -> date:
    """Give the last day on which the priority may be used: the months of the rule in force on the day it was used, from the due day.

    The day on which payment fell due is not counted. Raises `ParameterNotInForce` for what was used before 1 January 2021, under
    earlier rules. Source: 建设工程解释 41; 民法典 201–202.
    """
    months = LAW.parameter("money.construction_priority_months", on=claimed_on)
    return legal_period(months, due_on, COURT_CALENDAR).end_day


def require_priority_in_time(due_on: date, *, claimed_on: date) -> date:
    """Give the last day of the priority, or raise `ConstructionPriorityLate` if it was used after it. Source: 建设工程解释 41."""
    last = construction_priority_end(due_on, claimed_on=claimed_on)
    if not is_in_time(day_start(claimed_on), deadline_at(last)):
        raise ConstructionPriorityLate(last=last.isoformat(), claimed=claimed_on.isoformat())
    return last
