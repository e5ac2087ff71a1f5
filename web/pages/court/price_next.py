"""What is to be done next for an asset's price, as the court's page says above everything else.

1. One sentence says what the file waits for, with its article; the step that brings it on is named if there is one.
2. A step is a link only for a viewer to whom it is offered; everybody else reads which officers take it.
3. Nothing is decided here: the door of the step decides again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from auction.contracts import ReferencePrice
from auction.law.calendar import COURT_CALENDAR
from valuation.agencies.views import ChoiceLine
from valuation.appraisals.rules.case_file import AppraisalFile, Objection
from valuation.methods.steps import Method
from valuation.objections.views import PriceEvidence
from valuation.ways.ways import PriceWay
from web.display import day as day_text
from web.labels import role_name
from web.pages import facts_shown, price_words
from web.pages.next_step import NextStep
from web.pages.steps.all_forms import form_named, route_of
from web.pages.steps.known import Known
from web.pages.steps.offered import StageOffered
from web.texts import N_, _

OPENING: Final[Mapping[Method, str]] = {
    "agreement": "invite-to-agree",
    "targeted_inquiry": "start-targeted-inquiry",
    "online_inquiry": "start-online-inquiry",
    "entrusted_appraisal": "start-appraisal",
}
CONFIRMING: Final[Mapping[str, str]] = {
    "method_request": "confirm-method-paper",
    "circumstance": "confirm-method-paper",
    "representative": "confirm-representative",
    "price_proposal": "confirm-proposal",
    "agency_proposal": "confirm-agency-proposal",
}
"""By the kind of a typed paper, the step of its second person."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the next step of an asset turns on."""

    known: Known
    asset_id: UUID
    way: PriceWay
    price: ReferencePrice | None
    evidence: PriceEvidence | None
    appraisal: AppraisalFile | None
    """The newest one."""
    chosen: Sequence[ChoiceLine]


def next_step(standing: Standing, offered: Sequence[StageOffered]) -> NextStep:
    """Say what comes next, with the way there for this viewer (rules 1–2)."""
    found = _waits_for(standing)
    if not found.form:
        return found
    form = form_named(found.form)
    links = {step.href.rsplit("/", 1)[1]: step.href for stage in offered for step in stage.steps}
    href = links.get(found.form, "")
    by = "" if href else _("、").join(role_name(role) for role in sorted(route_of(form).roles))
    return msgspec.structs.replace(
        found, href=f"{href}?asset_id={standing.asset_id}" if href else "", heading=_(form.heading), by=by
    )


def _waits_for(one: Standing) -> NextStep:
    if one.price is not None:
        return _after_price(one, one.price)
    running = one.way.running
    paper = next((waiting for waiting in one.known.typed_papers if waiting.subject_id in _subjects(one)), None)
    if paper is not None:
        form = CONFIRMING[paper.kind]
        said = _("代为录入的书面材料须由另一名工作人员对照原件复核，复核之前不生效。")
        return NextStep(said=said, article=form_named(form).article, form=form)
    if running is not None:
        return _OF_METHODS[running.method](one)
    missing = one.known.missing_facts.get(one.asset_id, ())
    if missing:
        named = _("、").join(facts_shown.subject_name(subject) for subject in missing)
        return NextStep(
            said=_("财产现状尚未全部查明：{named}。查明后方可通知议价、询价或者委托评估。").format(named=named),
            article="参考价 3",
            form="establish-facts",
        )
    return _first_method(one.way)


def _subjects(one: Standing) -> set[UUID]:
    """Give what a typed paper may be about so that it holds this asset up: asset, step, choice, or who speaks for whom."""
    running = one.way.running
    found = {one.asset_id, *one.known.file.parties}
    found |= set() if running is None else {running.step_id}
    return found | (set() if one.appraisal is None else {one.appraisal.choice_id})


def _first_method(way: PriceWay) -> NextStep:
    lawful = next((one for one in way.judged if one.article is not None), None)
    if lawful is None or lawful.article is None:
        return NextStep(
            said=_("目前没有可以采用的方式，须先有双方书面请求或者查明影响定价方式的情形。"), article="参考价 4–7, 14"
        )
    said = _("财产现状已经查明，依法应当采用：{method}。").format(method=_(price_words.METHODS[lawful.method]))
    return NextStep(said=said, article=price_words.ground_article(lawful.article), form=OPENING[lawful.method])


def _after_price(one: Standing, price: ReferencePrice) -> NextStep:
    if any(asked.reference_price_id == price.reference_price_id for asked in one.known.supervisions):
        said = _("有人对参考价申请执行监督，尚待处理；成立的，参考价不得用于公告。")
        return NextStep(said=said, article="参考价 25", form="decide-supervision")
    if one.known.lot_of_asset(one.asset_id) is not None:
        return NextStep(said=_("参考价已经确定，财产已进入变价程序。"), article="参考价 30")
    return NextStep(said=_("参考价已经确定，应当在十日内启动财产变价程序。"), article="参考价 30", form="list-lot")


def _agreement(one: Standing) -> NextStep:
    agreement = one.way.agreement
    if agreement is not None and agreement.state == "equal":
        said = _("各方价格一致，须审查是否损害他人合法权益。")
        return NextStep(said=said, article="参考价 4", form="confirm-agreement")
    until = "" if agreement is None else day_text(agreement.until)
    said = _("等待各方最迟于 {day} 提交价格；以书面提交的，由工作人员代为录入。").format(day=until)
    return NextStep(said=said, article="参考价 4", form="record-proposal")


def _targeted(one: Standing) -> NextStep:
    targeted = one.way.targeted
    if targeted is None:
        return NextStep(said=_("等待答复。"), article="参考价 6")
    if targeted.inquiry.state == "answered":
        said = _("结果已经复核，正在送达当事人及利害关系人；全部送达后为参考价。")
        return NextStep(said=said, article="参考价 21(1)")
    if any(answer.is_right is None for answer in targeted.answers):
        said = _("录入的结果须由另一名工作人员对照复函复核。")
        return NextStep(said=said, article="参考价 6", form="check-targeted-answer")
    said = _("等待{authority}最迟于 {day} 答复；收到复函后录入，期满未答复的转入下一方式。")
    said = said.format(authority=targeted.inquiry.authority, day=day_text(targeted.inquiry.until))
    return NextStep(said=said, article="参考价 6, 7", form="record-targeted-answer")


def _online(one: Standing) -> NextStep:
    evidence = one.evidence
    if evidence is None or evidence.state == "asking":
        return NextStep(said=_("等待各询价平台在期限内出具报告；期满后自动计算结果。"), article="参考价 11")
    if evidence.course.is_stayed:
        return NextStep(said=_("询价已暂缓，事由消失后恢复。"), article="参考价 28", form="resume-inquiry")
    if evidence.course.check_due:
        said = _("报告已到齐或者期满，须先审查，再制作送达文书并送达当事人、利害关系人。")
        return NextStep(said=said, article="参考价 12, 21", form="check-reports")
    if evidence.state == "correcting":
        return NextStep(said=_("等待平台补正报告。"), article="参考价 12")
    if any(objection.decision is None for objection in evidence.objections):
        return NextStep(said=_("有异议待处理。"), article="参考价 22", form="decide-price-objection")
    if not evidence.windows:
        return _to_serve(one, "参考价 21")
    last = max(window.window_ends for window in evidence.windows)
    said = _("异议期至 {day}；期满且异议处理完毕后自动确定参考价。").format(day=day_text(last))
    return NextStep(said=said, article="参考价 22, 26", form="raise-objection" if last >= one.known.today else "")


def _to_serve(one: Standing, article: str) -> NextStep:
    return NextStep(
        said=_("审查通过，须在案件页面制作送达文书并送达当事人、利害关系人；异议期自送达起算。"),
        article=article,
        href=f"/court/cases/{one.known.case_id}",
        heading=_("到案件页面制作、送达文书"),
    )


# The appraisal ---------------------------------------------------------------------------------------------------------


def _appraisal(one: Standing) -> NextStep:
    file = one.appraisal
    if file is None:
        return NextStep(said=_("写明委托内容后启动委托评估。"), article="参考价 14", form="start-appraisal")
    if file.open_pauses:
        return NextStep(said=_("评估已暂缓或者中止，事由消失后恢复。"), article="参考价 28", form="resume-appraisal")
    if any(question.answer is None for question in file.questions):
        return NextStep(said=_("评估机构的询问待答复。"), article="参考价 17", form="answer-agency")
    return _OF_APPRAISALS[file.state](one, file)


def _choosing(one: Standing, file: AppraisalFile) -> NextStep:
    choice = next((found for found in one.chosen if found.mandate_id == file.choice_id), None)
    if choice is None:
        return NextStep(
            said=_("须先选定三家评估机构：双方协商，协商不成的摇号。"), article="参考价 16", form="open-selection"
        )
    if choice.ranks:
        return NextStep(said=_("评估机构已选定，按顺序发出委托。"), article="参考价 17", form="mandate-agency")
    if choice.draw_id is not None:
        return NextStep(
            said=_("摇号正在进行，各部门依次办理。"),
            article="参考价 16",
            href=f"/draws/{choice.draw_id}",
            heading=_("查看摇号"),
        )
    if one.known.now < choice.proposals_until:
        said = _("等待双方最迟于 {day} 协商选定；以书面协商的，由工作人员代为录入。")
        said = said.format(day=day_text(choice.proposals_until))
        return NextStep(said=said, article="参考价 16", form="record-agency-proposal")
    return NextStep(said=_("双方未能协商一致，应当摇号。"), article="参考价 16", form="request-draw")


def _mandated(one: Standing, file: AppraisalFile) -> NextStep:
    mandate = file.mandate
    assert mandate is not None, "a mandated appraisal has its mandate"
    if mandate.answer_by < one.known.today:
        said = _("{agency}逾期未答复，由法院决定委托下一顺序机构。").format(agency=mandate.agency_name)
        return NextStep(said=said, article="参考价 17", form="replace-agency")
    said = _("等待{agency}最迟于 {day} 答复是否接受委托。")
    return NextStep(said=said.format(agency=mandate.agency_name, day=day_text(mandate.answer_by)), article="参考价 17")


def _accepted(one: Standing, file: AppraisalFile) -> NextStep:
    mandate = file.mandate
    assert mandate is not None, "an accepted appraisal has its mandate"
    if mandate.pending is not None:
        return NextStep(said=_("评估机构申请延长期限，待法院决定。"), article="参考价 19(2)", form="decide-extension")
    if file.draft is not None:
        said = _("评估报告已填报，待署名评估师以本人账户确认；确认之前未提交。")
        return NextStep(said=said, article="参考价 17")
    if mandate.reissues is None and not file.told and not file.inspections:
        said = _("评估机构已接受委托；须现场勘验的，先通知当事人到场。")
        return NextStep(said=said, article="参考价 18", form="tell-inspection")
    end = file.report_end(mandate, COURT_CALENDAR)
    until = "" if end is None else day_text(end)
    said = _("等待{agency}最迟于 {day} 出具报告。").format(agency=mandate.agency_name, day=until)
    return NextStep(said=said, article="参考价 19")


def _passed(one: Standing, file: AppraisalFile) -> NextStep:
    waiting = set(file.addressees) - set(file.served_on())
    if waiting:
        return _to_serve(one, "参考价 21")
    last = max(file.windows(COURT_CALENDAR).values())
    said = _("异议期至 {day}；期满且异议处理完毕后自动确定参考价。").format(day=day_text(last))
    return NextStep(said=said, article="参考价 22, 26", form="object-to-report" if last >= one.known.today else "")


def _disputed(one: Standing, file: AppraisalFile) -> NextStep:
    order = list(_OBJECTIONS)
    first = min(file.open_objections, key=lambda objection: order.index(objection.state))
    return _OBJECTIONS[first.state](one, file, first)


def _explained(one: Standing, file: AppraisalFile, objection: Objection) -> NextStep:
    until = file.dispute_end(objection, COURT_CALENDAR)
    if until is None and objection.document_id is None:
        said = _("评估机构已作说明，须先指明送达所用的文书，再送达异议人。")
        return NextStep(said=said, article="参考价 23(1)", form="link-explanation")
    if until is None:
        return NextStep(
            said=_("评估机构已作说明，须送达异议人；异议人收到后五日内可以再提异议。"),
            article="参考价 23(1)",
            href=f"/court/cases/{one.known.case_id}",
            heading=_("到案件页面制作、送达文书"),
        )
    said = _("等待异议人最迟于 {day} 对说明表示意见；逾期视为无异议。").format(day=day_text(until))
    return NextStep(said=said, article="参考价 23(1)", form="dispute-explanation")


def _says(said: str, article: str, form: str = "") -> Callable[..., NextStep]:
    return lambda *_given: NextStep(said=_(said), article=article, form=form)


_OBJECTIONS: Final[Mapping[str, Callable[..., NextStep]]] = {
    "to_decide": _says(N_("对评估报告的程序性异议待审查。"), "参考价 22(2), 23(2)", "decide-report-objection"),
    "to_forward": _says(N_("异议须在三日内转交评估机构。"), "参考价 23(1)", "forward-objection"),
    "to_review": _says(N_("异议须交专业技术评审。"), "参考价 23(1)", "ask-review"),
    "explained": _explained,
    "forwarded": _says(N_("等待评估机构在五日内对异议作出说明。"), "参考价 23(1)"),
    "in_review": _says(N_("等待专业技术评审；收到结论后登记。"), "参考价 23(1), 26", "record-review"),
    "correcting": _says(N_("等待评估机构补正。"), "参考价 20"),
}
"""By the state of an objection; what the court must do itself goes before what it waits for."""
_OF_APPRAISALS: Final[Mapping[str, Callable[..., NextStep]]] = {
    "choosing": _choosing,
    "mandated": _mandated,
    "accepted": _accepted,
    "reported": _says(N_("评估报告须在三日内审查。"), "参考价 20", "check-report"),
    "correcting": _says(N_("等待评估机构在三日内说明或者补正。"), "参考价 20"),
    "passed": _passed,
    "disputed": _disputed,
    "exhausted": _says(N_("选定的机构均未完成评估，由法院决定如何继续。"), "参考价 14", "decide-exhausted"),
    "fixed": _says(N_("评估已经结束。"), "参考价 26"),
    "ended": _says(N_("评估已经结束。"), "参考价 29"),
}
_OF_METHODS: Final[Mapping[Method, Callable[[Standing], NextStep]]] = {
    "agreement": _agreement,
    "targeted_inquiry": _targeted,
    "online_inquiry": _online,
    "entrusted_appraisal": _appraisal,
}
