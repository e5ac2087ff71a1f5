"""Who may join a distribution, and until when. Pure.

1. The debtor is a natural person or another organisation; against an enterprise legal person ordinary creditors do not join (Interp. 506, 511–514).
2. An ordinary creditor has an enforcement title; the holder of a priority or a security joins without one, whoever the debtor is (Interp. 506;
   auction/DECISIONS F31).
3. The application is written, made on or after the day on which enforcement started and before the day on which enforcement of the asset is
   finished (Interp. 507). No text says which day that is: it is the court's setting (`finished_on`).
4. The court decides with reason and article; a refusal may be objected to once, and another natural person decides on that.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from auction.fund.claims.claims import ClaimKind
from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted, Unlawful
from auction.law.calendar import Calendar

DebtorKind = Literal["natural", "organisation", "enterprise"]
SECURED = frozenset({ClaimKind.MORTGAGE, ClaimKind.CONSTRUCTION})
JOINING_KINDS = (ClaimKind.ORDINARY, ClaimKind.MORTGAGE, ClaimKind.CONSTRUCTION)
"""What somebody may join with; costs and taxes have ways of their own."""
MOST_DAYS_OFF = 30
"""No row of days off is longer."""
ONE_DAY = timedelta(days=1)


class CutOff(StrEnum):
    """Which day a court takes as the end of enforcement of an asset; the value is stored."""

    RULING_SERVED = "ruling_served"  # 成交、抵债裁定送达
    PLAN_FIRST_SERVED = "plan_first_served"  # 分配方案首次送达前一工作日


DEFAULT_CUT_OFF = CutOff.RULING_SERVED
"""Where a court has set none: title passes with that service, and the asset is no longer the debtor's (auction/DECISIONS F31)."""


class JoinApplicationUnknown(NotFound):
    """There is no such application, or it waits for nothing."""

    code = "join_application_unknown"
    article = "Interp. 507"
    zh = "没有该项待处理的参与分配申请。"
    en = "There is no such application to join that waits for a decision."


class JoinCaseUnknown(NotFound):
    """No case of this number is enforced against this debtor."""

    code = "join_case_unknown"
    article = "Interp. 507"
    zh = "没有以该案号、对该被执行人执行的案件，请核对案号和被执行人姓名（名称）。"
    en = "No case of this number is enforced against a debtor of this name; please check both."


class JoinWaits(Conflict):
    """Another application of this creditor in this case waits for its decision."""

    code = "join_waits"
    article = "Interp. 507"
    zh = "该申请人在本案已有一项参与分配申请等待审查。"
    en = "Another application of this creditor in this case waits for its decision."


class JoinTooEarly(Conflict):
    """Enforcement had not started."""

    code = "join_too_early"
    article = "Interp. 507"
    zh = "执行程序于 {started_on} 开始，此前不能申请参与分配。"
    en = "Enforcement started on {started_on}; before that day nobody can join."


class JoinTooLate(Conflict):
    """Enforcement of the asset was finished."""

    code = "join_too_late"
    article = "Interp. 507"
    zh = "该财产的执行已于 {finished_on} 终结，参与分配应当在此前申请。"
    en = "Enforcement of the asset was finished on {finished_on}; to join one applies before that day."


class JoinNotWritten(Malformed):
    """There is no written application."""

    code = "join_not_written"
    article = "Interp. 507"
    zh = "申请参与分配应当提交申请书，写明事实、理由，并附执行依据。"
    en = "To join one hands in a written application with facts, reasons and the enforcement title."


class JoinWithoutTitle(Unlawful):
    """An ordinary creditor has no enforcement title."""

    code = "join_without_title"
    article = "Interp. 506"
    zh = "申请人未取得执行依据，也不是优先权、担保物权人，不能参与分配。"
    en = "The applicant has no enforcement title and holds no priority or security; he cannot join."


class JoinAgainstEnterprise(Unlawful):
    """The debtor is an enterprise legal person."""

    code = "join_against_enterprise"
    article = "Interp. 506, 511-514"
    zh = "被执行人为企业法人，普通债权不适用参与分配：依法移送破产审查，或者按查封先后受偿。"
    en = (
        "The debtor is an enterprise legal person: ordinary creditors do not join; the case goes to the bankruptcy court, or they are paid by "
        "order of seizure."
    )


class DebtorKindDiffers(Malformed):
    """The debtor on file is a natural person and was stated as an organisation, or the reverse."""

    code = "debtor_kind_differs"
    article = "Interp. 506"
    zh = "所填被执行人类型与案卷登记不符。"
    en = "The kind of the debtor is another one than that on file."


class JoinKindRefused(Malformed):
    """Nobody joins with a claim of this kind."""

    code = "join_kind_refused"
    article = "Interp. 506"
    zh = "该性质的款项不适用申请参与分配。"
    en = "Nobody joins a distribution with a claim of this kind."


class JoinReasonMissing(Malformed):
    """The court decides with reason and article."""

    code = "join_reason_missing"
    article = "Interp. 507"
    zh = "请填写理由和法律依据。"
    en = "State the reason and the article."


class JoinRecordedBySame(NotPermitted):
    """Who recorded an application on paper decides on it."""

    code = "join_recorded_by_same"
    article = "house: what one officer typed, another decides on (practice 8)"
    zh = "登记书面申请的人员不得审查该项申请，须由另一人审查。"
    en = "Whoever recorded an application on paper does not decide on it; another person does."


class JoinDecidedBySame(NotPermitted):
    """The objection to a refusal is decided by the person who refused."""

    code = "join_decided_by_same"
    article = "house: nobody decides on an objection to his own decision"
    zh = "对不予准许决定的异议，应当由作出决定的人员以外的人员审查。"
    en = "An objection to a refusal is decided by another person than the one who refused."


class JoinOwnApplication(NotPermitted):
    """The applicant decides on his own application."""

    code = "join_own_application"
    article = "house: nobody decides on his own money (practice 31)"
    zh = "申请人不得对本人的参与分配申请作出决定。"
    en = "Nobody decides on his own application to join."


class JoinNotRefused(Conflict):
    """There is no refusal to object to, or it was objected to before."""

    code = "join_not_refused"
    article = "CPL 236"
    zh = "该项申请没有可以提出异议的不予准许决定，或者已经提出过异议。"
    en = "There is no refusal of this application to object to, or it was objected to before."


class ReceivedInFuture(Malformed):
    """A paper cannot have come on a later day."""

    code = "join_received_in_future"
    article = "Interp. 507"
    zh = "收到申请书的日期 {received_on} 晚于今日。"
    en = "The application is said to have come on {received_on}, which is later than today."


def require_may_join(
    *,
    debtor: DebtorKind,
    has_title: bool,
    is_secured: bool,
    is_written: bool,
    started_on: date,
    applied_on: date,
    finished_on: date | None,
) -> None:
    """Refuse who may not join (rules 1 to 3); ``finished_on`` is ``None`` while enforcement of the asset goes on.

    Raises `JoinNotWritten`, `JoinTooEarly`, `JoinTooLate`, `JoinAgainstEnterprise`, `JoinWithoutTitle`. Source: Interp. 506, 507.
    """
    if not is_written:
        raise JoinNotWritten
    if applied_on < started_on:
        raise JoinTooEarly(started_on=started_on)
    if finished_on is not None and applied_on >= finished_on:
        raise JoinTooLate(finished_on=finished_on)
    if debtor == "enterprise" and not is_secured:
        raise JoinAgainstEnterprise
    if not has_title and not is_secured:
        raise JoinWithoutTitle


def finished_on(
    cut_off: CutOff, *, ruling_served_on: date | None, plan_served_on: date | None, calendar: Calendar
) -> date | None:
    """Give the first day on which nobody joins any more by the court's reading, ``None`` while it has not come.

    By the second reading one may still apply on the working day before the plan is first served.
    """
    if cut_off is CutOff.RULING_SERVED:
        return ruling_served_on
    return None if plan_served_on is None else _working_day_before(plan_served_on, calendar) + ONE_DAY


def _working_day_before(day: date, calendar: Calendar) -> date:
    for back in range(1, MOST_DAYS_OFF + 1):
        if calendar.is_working_day(day - back * ONE_DAY):
            return day - back * ONE_DAY
    raise AssertionError("no row of days off is so long")


def require_kind(kind: ClaimKind) -> None:
    """Refuse a kind with which nobody joins (`JoinKindRefused`)."""
    if kind not in JOINING_KINDS:
        raise JoinKindRefused


def require_debtor_kind(stated: DebtorKind, *, on_file: str) -> None:
    """Refuse a kind that the file contradicts (`DebtorKindDiffers`)."""
    if (stated == "natural") != (on_file == "natural"):
        raise DebtorKindDiffers


def require_reason(reason: str, article: str) -> None:
    """Refuse a decision without reason or article (`JoinReasonMissing`)."""
    if not reason.strip() or not article.strip():
        raise JoinReasonMissing
