"""The clocks of the way to a price, outside a method's own: its start, the time set for answers, the sale that must follow.

Each has its article, from when it runs, and the first instant that is late; what is met stays to be seen as met. Where the
method ended without an answer nobody owes one any more: its clock is over, not overdue.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal

import msgspec

from auction.kernel.clock import day_start, local_day
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from auction.law.periods import add_months, deadline_at, legal_period
from valuation.ways.ways import PriceWay, TargetedWay

WayClockName = Literal["start", "proposals", "letter", "send_result", "platforms", "start_sale", "validity", "sell_by"]
WayClockState = Literal["running", "met", "late", "overdue", "over"]
"""``late``: done, but after its time; ``over``: its method ended without it."""


class WayClock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of the way."""

    name: WayClockName
    article: str
    began_at: datetime
    due_at: datetime
    state: WayClockState


class PriceDays(msgspec.Struct, frozen=True, kw_only=True):
    """What the clocks after the price need of it."""

    fixed_at: datetime
    valid_until: date
    announced_on: date | None
    """First announcement, or start of a direct sell-off; ``None``: not yet."""


def way_clocks(
    way: PriceWay,
    *,
    now: datetime,
    calendar: Calendar,
    seized_on: date | None,
    platforms_due: datetime | None = None,
    platforms_closed: bool = False,
    price: PriceDays | None = None,
) -> list[WayClock]:
    """Give the clocks in the order of the procedure; ``platforms_closed``: no report is awaited any more. Source: 参考价 1, 4, 6, 11(1), 21(1), 27, 30."""
    found: list[WayClock] = []
    if seized_on is not None:
        period = legal_period(
            LAW.parameter("reference_price.start_after_seizure_days", on=seized_on), seized_on, calendar
        )
        due = period.deadline
        found.append(
            _clock(
                "start",
                "参考价 1",
                day_start(seized_on),
                due,
                now,
                met_at=way.steps[0].opened_at if way.steps else None,
            )
        )
    found += _of_methods(way, now, platforms_due, calendar, platforms_closed=platforms_closed)
    if price is not None:
        found += _of_price(price, now, calendar)
    return found


def _of_methods(
    way: PriceWay, now: datetime, platforms_due: datetime | None, calendar: Calendar, *, platforms_closed: bool
) -> Iterator[WayClock]:
    began = {step.step_id: step.opened_at for step in way.steps}
    ended = {step.step_id for step in way.steps if step.ended_at is not None}
    agreement, targeted = way.agreement, way.targeted
    if agreement is not None:
        proposed = [party.proposed_at for party in agreement.invited]
        met_at = max((at for at in proposed if at is not None), default=None) if None not in proposed else None
        due, is_over = agreement.deadline_at, agreement.step_id in ended
        yield _clock("proposals", "参考价 4", began[agreement.step_id], due, now, met_at=met_at, is_over=is_over)
    if targeted is not None:
        letter = targeted.inquiry
        received = next((day_start(answer.received_on) for answer in targeted.answers if answer.is_right), None)
        due, is_over = letter.deadline_at, letter.step_id in ended
        yield _clock("letter", "参考价 6", began[letter.step_id], due, now, met_at=received, is_over=is_over)
        yield from _of_result(targeted, now, calendar)
    online = next((step for step in reversed(way.steps) if step.method == "online_inquiry"), None)
    if online is not None and platforms_due is not None:
        began_at, is_over = online.opened_at, platforms_closed or online.ended_at is not None
        yield _clock("platforms", "参考价 11(1)", began_at, platforms_due, now, met_at=None, is_over=is_over)


def _of_result(targeted: TargetedWay, now: datetime, calendar: Calendar) -> Iterator[WayClock]:
    """The court sends a result within three days of its receipt. Source: 参考价 21(1)."""
    answer, result = targeted.right_answer, targeted.result
    if answer is None or result is None:
        return
    days = LAW.parameter("reference_price.serve_report_days", on=answer.received_on)
    due = legal_period(days, answer.received_on, calendar).deadline
    reached = set(result.addressees) <= targeted.services.keys()
    met_at = day_start(max(targeted.services.values())) if reached else None
    is_over = targeted.inquiry.state == "withdrawn"
    yield _clock("send_result", "参考价 21(1)", day_start(answer.received_on), due, now, met_at=met_at, is_over=is_over)


def _of_price(price: PriceDays, now: datetime, calendar: Calendar) -> Iterator[WayClock]:
    fixed_on, announced = local_day(price.fixed_at), price.announced_on
    met_at = None if announced is None else max(day_start(announced), price.fixed_at)
    due = legal_period(LAW.parameter("reference_price.start_sale_days", on=fixed_on), fixed_on, calendar).deadline
    yield _clock("start_sale", "参考价 30", price.fixed_at, due, now, met_at=met_at)
    yield _clock("validity", "参考价 27", price.fixed_at, deadline_at(price.valid_until), now, met_at=met_at)
    months = LAW.months("reference_price.grace_after_validity_months", on=fixed_on)
    last = deadline_at(add_months(price.valid_until, months))
    yield _clock("sell_by", "参考价 27", price.fixed_at, last, now, met_at=None)


def _clock(
    name: WayClockName,
    article: str,
    began_at: datetime,
    due_at: datetime,
    now: datetime,
    *,
    met_at: datetime | None,
    is_over: bool = False,
) -> WayClock:
    state: WayClockState
    if met_at is not None:
        state = "late" if met_at >= due_at else "met"
    elif is_over:
        state = "over"
    else:
        state = "overdue" if now >= due_at else "running"
    return WayClock(name=name, article=article, began_at=began_at, due_at=due_at, state=state)
