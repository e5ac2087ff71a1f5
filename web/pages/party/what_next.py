"""What a party can do now about an asset's price, or what it waits for: one sentence with its article."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from auction.law.calendar import COURT_CALENDAR
from valuation.agencies.views import ChoiceLine
from web.display import day as day_text
from web.pages.next_step import NextStep
from web.pages.party.own_way import OwnWay
from web.texts import _


def what_next(one: OwnWay, *, speaks: bool, now: datetime, today: date) -> NextStep:
    """Say what the party can do now, or what it waits for."""
    if one.price is not None:
        said = _(
            "参考价已经确定。有证据证明价格的确定存在欺诈、串通等法定情形的，可以在第一次拍卖公告前书面申请执行监督。"
        )
        return NextStep(said=said, article="参考价 25")
    running = one.way.running
    if running is None:
        said = _("法院查明财产现状后，通知双方议价或者采用其他方式。您现在可以请求采用某一方式，也可以等待通知。")
        return NextStep(said=said, article="参考价 3, 4")
    if running.method == "agreement":
        return _of_agreement(one)
    if running.method == "targeted_inquiry":
        if one.targeted_served_on is not None:
            said = _("定向询价结果已经送达您；送达全部当事人和利害关系人后为参考价，对其不得提出异议。")
            return NextStep(said=said, article="参考价 21(1), 24")
        return NextStep(said=_("法院正在向有关机关询价，您现在无须办理。"), article="参考价 5, 6")
    if running.method == "online_inquiry":
        return _of_reports(None if one.inquiry_window is None else one.inquiry_window.window_ends, today)
    return _of_appraisal(one, speaks=speaks, now=now, today=today)


def _of_agreement(one: OwnWay) -> NextStep:
    agreement = one.way.agreement
    if agreement is not None and one.may_propose:
        said = _("请最迟于 {day} 提交您的价格。").format(day=day_text(agreement.until))
        return NextStep(said=said, article="参考价 4")
    if agreement is not None and agreement.state == "equal":
        return NextStep(said=_("各方价格一致，等待法院审查。"), article="参考价 4")
    return NextStep(said=_("等待其他当事人提交价格；到齐或者期满后同时拆封。"), article="参考价 4")


def _of_reports(last: date | None, today: date) -> NextStep:
    if last is None:
        return NextStep(said=_("等待报告送达；收到后五日内可以提出异议。"), article="参考价 21, 22")
    if last >= today:
        said = _("对报告有异议的，请最迟于 {day} 提出，可以在本页提交。").format(day=day_text(last))
        return NextStep(said=said, article="参考价 22, 23")
    return NextStep(said=_("异议期已经届满，等待法院处理和确定参考价。"), article="参考价 22, 26")


def _of_appraisal(one: OwnWay, *, speaks: bool, now: datetime, today: date) -> NextStep:
    file = one.appraisal
    if file is None:
        return _before_report(one.choices, speaks=speaks, now=now)
    mine = [own for own in file.open_objections if own.party_id == one.appraisal_party and own.state == "explained"]
    ends = [end for objection in mine if (end := file.dispute_end(objection, COURT_CALENDAR)) is not None]
    if ends and max(ends) >= today:
        said = _("评估机构已对异议作出说明。对说明仍有异议的，请在收到说明后五日内（至 {day}）向承办法院书面提出。")
        return NextStep(said=said.format(day=day_text(max(ends))), article="参考价 23(1)")
    return _of_reports(one.appraisal_window, today)


def _before_report(choices: Sequence[ChoiceLine], *, speaks: bool, now: datetime) -> NextStep:
    choice = choices[-1] if choices else None
    if choice is not None and not choice.ranks and choice.draw_id is None and now < choice.proposals_until and speaks:
        said = _("请最迟于 {day} 与对方协商选定三家评估机构；协商不成的由法院摇号。")
        return NextStep(
            said=said.format(day=day_text(choice.proposals_until)),
            article="参考价 16",
            href=f"/selections/{choice.mandate_id}",
            heading=_("协商选定机构"),
        )
    if choice is not None and choice.draw_id is not None and choice.drawn_at is None:
        return NextStep(
            said=_("评估机构由摇号选定，您可以到场或者在线查看、核验。"),
            article="参考价 16",
            href=f"/draws/{choice.draw_id}",
            heading=_("查看摇号"),
        )
    return NextStep(said=_("等待评估报告送达；收到后五日内可以提出异议。"), article="参考价 21–23")
