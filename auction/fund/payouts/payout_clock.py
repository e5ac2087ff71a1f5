"""Until when money that has arrived for a case is to be paid out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import legal_period, working_days_end


class PayoutClock(msgspec.Struct, frozen=True, kw_only=True):
    """Until when arrived money of a case is to be paid out, by three readings; a court may set a shorter one.

    Source: 执行款物 10(1) (30 days); 执行监督意见 (10 + 5 working days).
    """

    case_id: UUID
    complete_on: date
    """The day on which the last fen of the price had arrived."""
    pay_by: date
    """30 natural days after the notice of arrival (执行款物 10(1))."""
    order_by: date
    """The payment order, 10 working days after arrival (执行监督意见)."""
    finance_pays_by: date
    """Payment, 5 working days after the last day of the order (执行监督意见)."""


async def payout_clock(tx: Transaction, case_id: UUID) -> PayoutClock | None:
    """Show the pay-out limits of the price that was complete first; ``None`` where none is.

    Money that comes later, or a second lot's, moves no limit that runs already.
    """
    found = await tx.session.execute(
        text("SELECT min(paid_at) FROM fund.purchase WHERE case_id = :case_id AND state = 'paid'"), {"case_id": case_id}
    )
    at = found.scalar_one()
    if at is None:
        return None
    day = local_day(at)
    order_days = LAW.days("money.payout_order_working_days_2021", on=day)
    pay_days = LAW.days("money.payout_finance_working_days_2021", on=day)
    return PayoutClock(
        case_id=case_id,
        complete_on=day,
        pay_by=legal_period(LAW.parameter("money.payout_days_2017", on=day), day, COURT_CALENDAR).end_day,
        order_by=working_days_end(day, order_days, COURT_CALENDAR),
        finance_pays_by=working_days_end(day, order_days + pay_days, COURT_CALENDAR),
    )
