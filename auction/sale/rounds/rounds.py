"""The round: its states, its stops, and the lawful choices after it failed.

1. A round moves only along `MOVES`; each move is stored as an event.
2. Three different stops, each with its own document: deferral (decision), stay (ruling), withdrawal (decision); a
   withdrawal is final (practice 17).
3. A stopped round resumes within five days after its ground ended, at an hour published beforehand (网拍 28).
4. Every failed round ends in one recorded choice (practice 16); a second round opens within 30 days of the failure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from auction.law.periods import legal_period
from auction.sale.cases.documents import DocumentKind

STOP_SESSION = "bidding.stop_session"
RESUME_SESSION = "bidding.resume_session"

LEAST_RESUME_NOTICE = timedelta(hours=2)
"""A resumption is published at least this long before it takes effect, so that bidders can be reminded."""


class RoundState(StrEnum):
    """Where a round stands; the value is stored."""

    ANNOUNCED = "announced"  # 已公告
    OPEN = "open"  # 竞价中
    STOPPED = "stopped"  # 暂缓或者中止
    SOLD = "sold"  # 成交
    FAILED = "failed"  # 流拍
    WITHDRAWN = "withdrawn"  # 撤回


_S = RoundState
MOVES: dict[tuple[RoundState, RoundState], str] = {
    (_S.ANNOUNCED, _S.OPEN): "opened",
    (_S.ANNOUNCED, _S.STOPPED): "stopped",
    (_S.OPEN, _S.STOPPED): "stopped",
    (_S.STOPPED, _S.ANNOUNCED): "resumed",
    (_S.STOPPED, _S.OPEN): "resumed",
    (_S.ANNOUNCED, _S.SOLD): "sold",
    (_S.OPEN, _S.SOLD): "sold",
    (_S.ANNOUNCED, _S.FAILED): "failed",
    (_S.OPEN, _S.FAILED): "failed",
    (_S.STOPPED, _S.SOLD): "sold",
    (_S.STOPPED, _S.FAILED): "failed",
    (_S.ANNOUNCED, _S.WITHDRAWN): "withdrawn",
    (_S.OPEN, _S.WITHDRAWN): "withdrawn",
    (_S.STOPPED, _S.WITHDRAWN): "withdrawn",
}
"""Every allowed move; the database holds the same table (``sale.round_move``) and a test compares them."""

RUNNING = frozenset({_S.ANNOUNCED, _S.OPEN, _S.STOPPED})
"""States in which a round has not ended."""

StopKind = Literal["deferral", "stay", "withdrawal"]
Choice = Literal["in_satisfaction", "second_round", "sell_off", "other_measures", "lift_and_return"]

STOP_DOCUMENTS: dict[StopKind, DocumentKind] = {
    "deferral": DocumentKind.DEFERRAL_DECISION,
    "stay": DocumentKind.STAY_RULING,
    "withdrawal": DocumentKind.WITHDRAWAL_DECISION,
}

GROUNDS: dict[StopKind, dict[str, tuple[str, str]]] = {
    "deferral": {
        "higher_court_order": ("上级法院指令暂缓", "ordered by the higher court"),
        "objection_under_review": ("利害关系人异议审查期间", "an objection is under review (网拍 36)"),
        "applicant_agrees": ("申请执行人同意暂缓", "the applicant agrees"),
        "emergency": ("系统故障、信息安全等紧急情形", "emergency of system or security"),
    },
    "stay": {
        "third_party_claim": ("案外人对标的提出异议", "third-party claim to the object (网拍 36)"),
        "objection_under_review": ("利害关系人异议审查期间", "an objection is under review (网拍 36)"),
        "bankruptcy": ("法院受理被执行人破产申请", "bankruptcy of the judgment debtor"),
        "party_succession": ("需要等待继承权利或者承担义务", "a successor must be awaited"),
        "other_stay_ground": ("法律规定的其他中止情形", "another ground of stay by law"),
    },
    "withdrawal": {
        "title_revoked": ("据以执行的法律文书被撤销", "the instrument was revoked"),
        "application_withdrawn": ("申请执行人撤回执行申请", "the application was withdrawn"),
        "debt_paid": ("被执行人全部履行", "the debt was paid"),
        "settled": ("当事人达成执行和解且不需要拍卖", "the parties settled and need no sale"),
        "third_party_claim_founded": ("案外人异议理由成立", "a third-party claim was founded"),
        "prices_void": ("拍卖财产毁损灭失或者情况重大变化", "the asset perished or changed materially"),
    },
}
"""Grounds of each stop by code, with their titles. Source: 网拍 28, 36, 37; 拍变 17."""


class RoundUnknown(NotFound):
    """No such round."""

    code = "round_unknown"
    article = "house: a round is known by its id"
    zh = "没有该拍次。"
    en = "There is no such round."


class RoundMoveNotAllowed(Conflict):
    """The round's present state does not allow this step."""

    code = "round_move_not_allowed"
    article = "house: a state moves only along its table of moves"
    zh = "该拍次当前状态为“{state}”，不能变更为“{wanted}”。"
    en = "The round is {state}; it cannot become {wanted}."


class StopGroundUnknown(Malformed):
    """The law knows no such ground for this kind of stop."""

    code = "stop_ground_unknown"
    article = "网拍 28, 36; 拍变 17"
    zh = "“{ground}”不是该类停止的法定事由（{kind}）。"
    en = "{ground!r} is no ground for a {kind}."


class NotStopped(Conflict):
    """The round is not stopped, or was resumed already."""

    code = "round_not_stopped"
    article = "网拍 28"
    zh = "该拍次未处于暂缓或者中止状态。"
    en = "The round is not stopped."


class ResumesTooSoon(Unlawful):
    """The hour of resumption leaves no time for a reminder."""

    code = "resumes_too_soon"
    article = "网拍 28; practice 17"
    zh = "恢复时间须提前公布，最早为 {earliest}。"
    en = "The hour of resumption is published beforehand; the earliest is {earliest}."


class ResumesTooLate(Unlawful):
    """The sale resumes within five days after the ground ended."""

    code = "resumes_too_late"
    article = "网拍 28"
    zh = "暂缓、中止事由消灭后应当在 {latest} 前恢复，所定时间为 {given}。"
    en = "The sale resumes at the latest on {latest} after the ground ended, not on {given}."


class GroundEndMisdated(Malformed):
    """A ground ended neither before the stop nor on a day to come."""

    code = "ground_end_misdated"
    article = "网拍 28"
    zh = "暂缓、中止事由消灭的日期 {given} 应当在停止之日 {stopped_on} 至今日 {today} 之间。"
    en = "The ground ended between the stop on {stopped_on} and today, {today}, not on {given}."


class OutcomeAfterStop(Conflict):
    """The session ran on although the court had stopped it: a person decides what its outcome is worth."""

    code = "outcome_after_stop"
    article = "网拍 28"
    zh = "竞价在法院停止之后仍继续至 {closed_at}，结果须由法院处理。"
    en = "The session ran until {closed_at} although the court had stopped it; a person must decide."


class OutcomeDiffers(Conflict):
    """Another outcome of this round is on record, or it is not this round's session."""

    code = "outcome_differs"
    article = "house: one round, one outcome"
    zh = "该拍次已有不同的竞价结果，或者场次不符。"
    en = "This round has another outcome on record, or it is not this round's session."


class ChoiceAlreadyMade(Conflict):
    """What follows this failure was recorded before."""

    code = "choice_after_failure_made"
    article = "practice 16"
    zh = "该次流拍后的处理方式已经确定。"
    en = "What follows this failed round was already recorded."


class ChoiceNotLawful(Unlawful):
    """The law does not offer this choice after this round."""

    code = "choice_after_failure_unlawful"
    article = "网拍 26; 拍变 16, 24, 25"
    zh = "该次流拍后不得选择“{choice}”，可选：{lawful}。"
    en = "After this failed round {choice!r} is not open; open are: {lawful}."


class SatisfactionBelowReserve(Unlawful):
    """A transfer in satisfaction of debt takes that round's reserve as its price."""

    code = "satisfaction_price_differs"
    article = "拍变 16"
    zh = "以物抵债价格应当为该次拍卖保留价 {reserve}。"
    en = "The price of a transfer in satisfaction is that round's reserve {reserve}."


class NotACreditor(Unlawful):
    """Only the applicant and other creditors in the enforcement may take the asset in satisfaction."""

    code = "not_a_creditor"
    article = "拍变 16"
    zh = "只有申请执行人或者其他执行债权人可以接受抵债。"
    en = "Only the applicant or another creditor may take the asset in satisfaction."


def check_move(state: str, wanted: RoundState) -> str:
    """Give the name of the move, or refuse it (`RoundMoveNotAllowed`)."""
    move = MOVES.get((RoundState(state), wanted))
    if move is None:
        raise RoundMoveNotAllowed(state=state, wanted=wanted.value)
    return move


def check_ground(kind: StopKind, ground: str) -> None:
    """Refuse a ground that the law does not know for this stop (`StopGroundUnknown`)."""
    if ground not in GROUNDS[kind]:
        raise StopGroundUnknown(ground=ground, kind=kind)


def end_after_stops(
    end: datetime, *, opens_at: datetime, stops: Iterable[tuple[datetime, datetime | None]]
) -> datetime:
    """Give the scheduled end of a round after its stops, each with the hour of its resumption (``None``: none is published).

    A resumed round goes on with the time that was left, taken as if nobody had bid before the stop; one that was stopped before it opened
    has its whole time. Source: 网拍 28.
    """
    for stopped_at, resumes_at in stops:
        if resumes_at is not None:
            end = max(resumes_at, resumes_at + (end - max(stopped_at, opens_at)))
    return end


def check_resumption(
    *, now: datetime, stopped_on: date, ground_ended_on: date, resumes_at: datetime, calendar: Calendar
) -> None:
    """Refuse a ground that ended before the stop or ends later, an hour without notice, and one later than five days.

    Raises: `GroundEndMisdated`, `ResumesTooSoon`, `ResumesTooLate`. Source: 网拍 28.
    """
    if not stopped_on <= ground_ended_on <= local_day(now):
        raise GroundEndMisdated(given=ground_ended_on, stopped_on=stopped_on, today=local_day(now))
    earliest = now + LEAST_RESUME_NOTICE
    if resumes_at < earliest:
        raise ResumesTooSoon(earliest=earliest.isoformat(timespec="minutes"))
    latest = legal_period(LAW.parameter("auction.resume_days", on=ground_ended_on), ground_ended_on, calendar).end_day
    given = local_day(resumes_at)
    if given > latest:
        raise ResumesTooLate(latest=latest, given=given)


def lawful_choices(kind: str) -> tuple[Choice, ...]:
    """Give what the law offers after a round of this kind failed. Source: 网拍 26; 拍变 16, 24, 25; 变卖衔接 2, 8."""
    if kind in ("first", "re_auction"):
        return ("in_satisfaction", "second_round", "other_measures")
    if kind == "second":
        return ("in_satisfaction", "sell_off", "other_measures", "lift_and_return")
    return ("in_satisfaction", "other_measures", "lift_and_return")


def check_choice(kind: str, choice: Choice) -> None:
    """Refuse a choice that is not open (`ChoiceNotLawful`)."""
    lawful = lawful_choices(kind)
    if choice not in lawful:
        raise ChoiceNotLawful(choice=choice, lawful=", ".join(lawful))
