"""How a lot stands as people read it, and the one thing that a visitor would do next. Pure.

1. A lot is open from its published hour on, and no longer once its end has passed, whatever a late job has not yet stored.
2. Between the end and the recorded outcome nothing is said of the result.
3. A room whose clock stands is *paused* on the page, also when no court stopped it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from auction.kernel.clock import from_us
from auction.sale.lots.lots import LotState
from auction.sale.rounds.bidders import RegistrationState
from web.pages.public.words import Named
from web.texts import N_


class Stage(StrEnum):
    """How a lot stands."""

    UPCOMING = "upcoming"
    OPEN = "open"
    PAUSED = "paused"
    STOPPED = "stopped"
    SETTLING = "settling"
    SOLD = "sold"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    RULED = "ruled"
    TITLE_PASSED = "title_passed"
    COMPLETED = "completed"
    DEFAULTED = "defaulted"
    SET_ASIDE = "set_aside"
    SATISFIED = "satisfied"
    RETURNED = "returned"


STAGES: dict[Stage, Named] = {
    Stage.UPCOMING: Named(N_("即将开始")),
    Stage.OPEN: Named(N_("竞价中"), "live"),
    Stage.PAUSED: Named(N_("计时暂停"), "warn"),
    Stage.STOPPED: Named(N_("已暂停拍卖"), "warn"),
    Stage.SETTLING: Named(N_("已截止，结果确认中"), "warn"),
    Stage.SOLD: Named(N_("已成交"), "good"),
    Stage.FAILED: Named(N_("流拍"), "bad"),
    Stage.WITHDRAWN: Named(N_("已撤回"), "bad"),
    Stage.RULED: Named(N_("已成交，已作成交裁定"), "good"),
    Stage.TITLE_PASSED: Named(N_("已成交，所有权已转移"), "good"),
    Stage.COMPLETED: Named(N_("已成交，过户交付完毕"), "good"),
    Stage.DEFAULTED: Named(N_("买受人悔拍"), "bad"),
    Stage.SET_ASIDE: Named(N_("成交被撤销"), "bad"),
    Stage.SATISFIED: Named(N_("以物抵债"), "quiet"),
    Stage.RETURNED: Named(N_("解除查封，退还"), "quiet"),
}
RUNNING = frozenset({Stage.UPCOMING, Stage.OPEN, Stage.PAUSED, Stage.STOPPED})
"""Stages in which the round has not ended."""
ENDED_WITH_PRICE = frozenset(
    {Stage.SOLD, Stage.RULED, Stage.TITLE_PASSED, Stage.COMPLETED, Stage.DEFAULTED, Stage.SET_ASIDE}
)


class MainStep(StrEnum):
    """What the main button offers."""

    SIGN_IN = "sign_in"
    REGISTER = "register"
    PAY_DEPOSIT = "pay_deposit"
    WAIT = "wait"
    BID = "bid"
    LEADING = "leading"
    PAUSED = "paused"
    TOO_LATE = "too_late"
    NOT_BIDDER = "not_bidder"
    RESULT = "result"
    OWN_RESULT = "own_result"


def stage_of(
    state: LotState,
    *,
    opens_at: datetime,
    now: datetime,
    phase: str = "recorded",
    end_us: int = 0,
    halted: bool = False,
) -> Stage:
    """Give the stage; ``phase``, ``end_us`` (zero: unknown) and ``halted`` are those of the committed room."""
    if state not in (LotState.ANNOUNCED, LotState.OPEN):
        return Stage(state.value)
    if phase == "closed" or (end_us and phase == "running" and now >= from_us(end_us)):
        return Stage.SETTLING
    if phase == "stopped" or halted:
        return Stage.PAUSED
    return Stage.UPCOMING if now < opens_at else Stage.OPEN


def main_step(
    stage: Stage, *, signed_in: bool, is_bidder: bool, registration: RegistrationState | None, is_leading: bool
) -> MainStep:
    """Give what this visitor would do next."""
    if stage not in RUNNING:
        return MainStep.RESULT if registration is None else MainStep.OWN_RESULT
    if not signed_in:
        return MainStep.SIGN_IN
    if not is_bidder:
        return MainStep.NOT_BIDDER
    if registration is None:
        return MainStep.PAUSED if stage is Stage.STOPPED else MainStep.REGISTER
    if registration is RegistrationState.AWAITING_DEPOSIT:
        return MainStep.PAY_DEPOSIT
    if registration is not RegistrationState.ADMITTED:
        return MainStep.TOO_LATE
    return _admitted_step(stage, is_leading)


def _admitted_step(stage: Stage, is_leading: bool) -> MainStep:
    if stage is Stage.UPCOMING:
        return MainStep.WAIT
    if stage is not Stage.OPEN:
        return MainStep.PAUSED
    return MainStep.LEADING if is_leading else MainStep.BID
