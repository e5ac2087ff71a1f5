"""The answer to an objection (异议答复) as a paper of the record, for its objector. Pure.

It repeats what the sealed ruling says and until when it may be attacked; the ruling itself is the document of the file.
"""

from __future__ import annotations

from datetime import datetime, time

from auction.kernel.clock import SHANGHAI
from auction.sale.cases.cases import CaseView
from auction.sale.objections.ruling_text import CAPACITY_NAMES, KIND_NAMES
from auction.sale.objections.views import ObjectionShown
from web.pages.objection_words import STATES
from web.papers.paper import Both, Line, Pairs, Paper, Section, Words
from web.papers.statement_paper import said


def objection_paper(case: CaseView, shown: ObjectionShown, *, objector: str) -> Paper:
    """Make the answer; the objection is answered. Source: CPL 157, 236, 238; 异议复议规定 2."""
    assert shown.answered_on is not None, "only an answered objection has its paper"
    return Paper(
        issuer=case.court,
        title=Both("异议答复", "Answer to an objection"),
        number=shown.number or case.case_number,
        at=datetime.combine(shown.answered_on, time(0), tzinfo=SHANGHAI),
        sections=(
            Section(heading=Both("异议", "Objection"), blocks=(Pairs(lines=_objection(shown, objector)),)),
            Section(heading=Both("审查", "Review"), blocks=(Pairs(lines=_review(shown)),)),
            Section(heading=Both("答复", "Answer"), blocks=(Pairs(lines=_answer(shown)), Words(text=_next(shown)))),
        ),
        foot=Both(
            "按记录生成；以盖有院印的裁定书为准，裁定书可以在“我的文书”下载和核验。",
            "Made from the record. The sealed ruling governs; it is found and verified under “My documents”.",
        ),
    )


def _objection(shown: ObjectionShown, objector: str) -> tuple[Line, ...]:
    return (
        Line(label=Both("异议人", "Objector"), value=f"{objector}（{CAPACITY_NAMES[shown.capacity]}）"),
        Line(label=Both("执行案件", "Enforcement case"), value=shown.case.case_number),
        Line(label=Both("种类", "Kind"), value=KIND_NAMES[shown.kind]),
        Line(label=Both("提出时间", "Raised at"), value=said(shown.raised_at)),
        Line(label=Both("异议请求", "What is asked"), value=shown.asks),
    )


def _review(shown: ObjectionShown) -> tuple[Line, ...]:
    docketed = "—" if shown.docketed_at is None else said(shown.docketed_at)
    panel = "、".join(f"{name}（审判长）" if presides else name for name, presides in shown.panel)
    return (
        Line(label=Both("立案", "Docketed at"), value=docketed if shown.number else "不予受理"),
        Line(label=Both("案号", "Number"), value=shown.number or "—"),
        Line(label=Both("合议庭", "Panel"), value=panel or "—"),
    )


def _answer(shown: ObjectionShown) -> tuple[Line, ...]:
    assert shown.answered_on is not None, "only an answered objection has its paper"
    return (
        Line(label=Both("结论", "Outcome"), value=STATES[shown.state.value].text),
        Line(label=Both("理由", "Reasons"), value=shown.reason),
        Line(label=Both("法律依据", "Article"), value=shown.article),
        Line(label=Both("主文", "Operative part"), value=shown.operative or "对该异议不予受理。"),
        Line(label=Both("答复日", "Answered on"), value=shown.answered_on.isoformat()),
    )


def _next(shown: ObjectionShown) -> Both:
    until = "" if shown.next_until is None else shown.next_until.isoformat()
    if shown.next_is_suit:
        return Both(
            f"不服的，可以在{until}前（含当日）向本院提起执行异议之诉。",
            f"A suit may be filed with this court until {until}.",
        )
    return Both(
        f"不服的，可以在{until}前（含当日）向上一级人民法院申请复议。",
        f"Review by the upper court may be asked for until {until}.",
    )
