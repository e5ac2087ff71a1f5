"""Until when case money is to be paid out, which clock says so, and when it may be later. Pure.

1. Three clocks run from finance's notice of arrival: 30 natural days; 10 working days for the order and 5 more for the payment; and what the
   court has set for itself, in natural days. The strictest binds, and it is named (auction/DECISIONS F44).
2. None of them moves from a day off: each limits the court's own act. What a court sets for itself is never longer than the law's.
3. Money stands longer only on a listed ground that bureau head or vice-president has approved; a request alone stops nothing.
4. When the ground has ended, the money is paid within ten days, or by the clock that ran already, whichever is later.

Source: 执行款物 10; 执行监督意见 (10 + 5 working days).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from auction.kernel.actors import Role
from auction.kernel.errors import Malformed, Unlawful
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from auction.law.periods import legal_period, working_days_end

APPROVERS = (Role.BUREAU_HEAD, Role.VICE_PRESIDENT)
"""Who approves that money is paid later (执行款物 10(2)), and that a claimed share is paid."""


class Clock(StrEnum):
    """A clock of payouts; in the order in which one is named where several end on one day."""

    LAW_2017 = "law_2017"
    OPINION_2021 = "opinion_2021"
    LOCAL = "local"
    AFTER_DELAY = "after_delay"


class DelayGround(StrEnum):
    """Why case money may be paid later (执行款物 10(2))."""

    DISTRIBUTION_PENDING = "distribution_pending"
    MONEY_FROZEN = "money_frozen"
    APPLICANT_ABSENT = "applicant_absent"
    CASE_STAYED = "case_stayed"
    OTHER_GOOD_REASON = "other_good_reason"


class NoDelayGround(Unlawful):
    """None of the grounds for paying later is named."""

    code = "no_delay_ground"
    article = "执行款物 10(2)"
    zh = "未写明延缓发放的法定事由，不能延缓发放。"
    en = "None of the grounds on which case money may be paid later is named."


class DelayNotApproved(Unlawful):
    """Neither bureau head nor vice-president approved the delay."""

    code = "delay_not_approved"
    article = "执行款物 10(2)"
    zh = "延缓发放须经执行局局长或者主管院领导批准。"
    en = "Paying later needs the approval of the head of the enforcement bureau or the vice-president in charge."


class LocalDaysNotShorter(Malformed):
    """A court's own limit is at least a day and not longer than the law's."""

    code = "local_days_not_shorter"
    article = "执行款物 10(1)"
    zh = "本院规定的发放期限应为 1 至 {most} 日；更长的规定不发生效力。"
    en = "A court's own limit is 1 to {most} days; a longer one would bind nobody."


@dataclass(frozen=True, slots=True)
class PayoutLimit:
    """One clock and its last day."""

    clock: Clock
    last_day: date


@dataclass(frozen=True, slots=True)
class PayoutLimits:
    """All clocks of one arrival; ``order_by`` is the last day of the payment order."""

    notice_on: date
    order_by: date
    limits: tuple[PayoutLimit, ...]

    @property
    def binding(self) -> PayoutLimit:
        """The strictest clock (rule 1)."""
        return min(self.limits, key=lambda limit: limit.last_day)


@dataclass(frozen=True, slots=True)
class Delay:
    """An approved delay; ``ended_on`` is ``None`` while its ground lasts."""

    ground: DelayGround
    ended_on: date | None


def payout_limits(notice_on: date, calendar: Calendar, *, local_days: int | None = None) -> PayoutLimits:
    """Give the clocks that run from the notice of arrival; ``local_days`` is ``None`` where the court has set none.

    Which of them binds says `PayoutLimits.binding` (rule 1). Source: 执行款物 10(1); 执行监督意见.
    """
    order_days = LAW.days("money.payout_order_working_days_2021", on=notice_on)
    pay_days = LAW.days("money.payout_finance_working_days_2021", on=notice_on)
    limits = [
        PayoutLimit(Clock.LAW_2017, _law_end("money.payout_days_2017", notice_on, calendar)),
        PayoutLimit(Clock.OPINION_2021, working_days_end(notice_on, order_days + pay_days, calendar)),
    ]
    if local_days is not None:
        limits.append(PayoutLimit(Clock.LOCAL, notice_on + timedelta(days=local_days)))
    return PayoutLimits(notice_on, working_days_end(notice_on, order_days, calendar), tuple(limits))


def due_with_delay(limit: PayoutLimit, delay: Delay | None, calendar: Calendar) -> PayoutLimit | None:
    """Give the limit as an approved delay leaves it; ``None`` while its ground lasts (rules 3 and 4)."""
    if delay is None:
        return limit
    if delay.ended_on is None:
        return None
    after = PayoutLimit(Clock.AFTER_DELAY, pay_after_delay_by(delay.ended_on, calendar))
    return max(limit, after, key=lambda one: one.last_day)


def pay_after_delay_by(ended_on: date, calendar: Calendar) -> date:
    """Give the last day to pay after a delay's ground has ended. Source: 执行款物 10(2)."""
    return _law_end("money.after_delay_ground_days", ended_on, calendar)


def require_ground(ground: str) -> DelayGround:
    """Give the ground, or refuse what is none of the list (`NoDelayGround`). Source: 执行款物 10(2)."""
    if ground not in set(DelayGround):
        raise NoDelayGround
    return DelayGround(ground)


def require_delay(ground: str, *, approved_by: Role | None) -> DelayGround:
    """Give the ground of a delay that counts (rule 3); ``None``: nobody has approved it.

    Raises `NoDelayGround`, `DelayNotApproved`. Source: 执行款物 10(2).
    """
    found = require_ground(ground)
    if approved_by not in APPROVERS:
        raise DelayNotApproved
    return found


def require_local_days(days: int, *, on: date) -> None:
    """Refuse a court's own limit that is none (rule 2; `LocalDaysNotShorter`)."""
    most = LAW.days("money.payout_days_2017", on=on)
    if not 1 <= days <= most:
        raise LocalDaysNotShorter(most=most)


def _law_end(key: str, start_day: date, calendar: Calendar) -> date:
    return legal_period(LAW.parameter(key, on=start_day), start_day, calendar).end_day
