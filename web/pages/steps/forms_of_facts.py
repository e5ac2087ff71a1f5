"""Forms of the facts: the court's own findings, questions to registers, replies on paper, and who may sell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.law.asset_facts import FACT_LAW
from auction.sale.cases.handovers import Handover
from valuation.facts.facts import ALL_SUBJECTS, SUBJECTS, subjects_of
from valuation.facts.store import Paper
from web.display import day as day_text
from web.pages import desk_words as words
from web.pages import facts_shown
from web.pages.facts_shown import register_name, subject_name
from web.pages.steps.choices import asset_at, first_of, fixed
from web.pages.steps.fields import Group, Option, Typed
from web.pages.steps.forms_of_methods import asset_field
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, long_text, text, tick, today
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

FACT_STATES = {
    "established": N_("已查明"),
    "none_found": N_("查明没有"),
    "unanswered": N_("未获答复"),
}
PAPER_STATES = {"established": N_("已查明"), "none_found": N_("查明没有")}
COMPARED = {"agrees": N_("与扫描件一致"), "differs": N_("与扫描件不符")}
HANDOVER_GROUNDS = {
    "priority_claim": N_("优先债权执行法院商请移送（首封法院未及时处分）"),
    "preservation_idle": N_("首封为保全且长期未处分"),
}
HANDOVER_REPLIES = {"handed_over": N_("同意移送，已出具移送函"), "refused": N_("不同意移送")}


def _classes(known: Known) -> list[str]:
    return [asset.asset_class.value for asset in known.file.page.assets]


def _subjects(known: Known) -> list[Option]:
    """Offer what the assets of this case may have, by their classes."""
    offered = {subject for asset_class in _classes(known) for subject in subjects_of(asset_class)}
    return [Option(subject, subject_name(subject)) for subject in ALL_SUBJECTS if subject in offered]


# The court's own findings --------------------------------------------------------------------------------------------


def _fact_rows(known: Known) -> Sequence[Mapping[str, str]]:
    """Let one row stand for each subject that is not established yet."""
    asset_id = asset_at(known)
    missing = known.missing_facts.get(asset_id, SUBJECTS) if asset_id is not None else SUBJECTS
    return [{"subject": subject, "as_of": today(known)} for subject in missing] or [{"as_of": today(known)}]


ESTABLISH_FACTS = StepForm(
    name="establish-facts",
    path="valuation/establish-facts",
    stage=Stage.PRICE,
    heading=N_("查明财产现状"),
    explains=N_("按财产类别列出的事项全部查明后方可询价、评估；未获答复不等于没有。"),
    article="参考价 3; 238号 1, 6, 8",
    parts=(
        asset_field(),
        Group(
            name="facts",
            label=N_("调查事实"),
            row_label=N_("事项"),
            hint=N_("每项注明来源、查询日期和依据文件；没有填写的行不计入。"),
            fields=(
                choice("subject", N_("调查事项"), _subjects),
                choice("state", N_("结果"), fixed(FACT_STATES), default=lambda known: "established"),
                long_text("statement_zh", N_("情况"), hint=N_("不得以“占有不明”“他人占用”“不负责腾退”代替查明")),
                long_text("statement_en", N_("情况（英文）")),
                text("source", N_("来源"), hint=N_("如 不动产登记中心查询结果")),
                day("as_of", N_("查询日期"), default=today),
                fingerprint("document_sha256", N_("依据文件"), optional=True, null=True, hint=N_("未获答复的可不填")),
                text(
                    "province", N_("财产所在省"), optional=True, hint=N_("仅权属一项填写，据以确定名单子库，如 四川省")
                ),
                text("city", N_("财产所在市"), optional=True, hint=N_("如 成都市")),
            ),
            counts=("statement_zh", "statement_en", "source"),
            rows=_fact_rows,
        ),
    ),
)


# Questions to registers ----------------------------------------------------------------------------------------------


def _registers(known: Known) -> list[Option]:
    """Offer the registers that hold something of an asset of this case, with what they are asked."""
    offered = []
    for key in FACT_LAW.registers:
        asked = {subject for asset_class in _classes(known) for subject in FACT_LAW.asked_of(key, asset_class)}
        if asked:
            names = words.in_language("、", ", ").join(subject_name(s) for s in FACT_LAW.subjects if s in asked)
            offered.append(Option(key, register_name(key), names))
    return offered


async def _facts_words(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    """Give the template the words of the facts; what it shows is known."""
    return {"facts": facts_shown}


ASK_REGISTER = StepForm(
    name="ask-register",
    path="valuation/ask-register",
    stage=Stage.PRICE,
    heading=N_("向登记机关查询"),
    explains=N_("系统按登记号查询，签名答复自动入卷；登记机关没有答复的，记明自何时起未复并继续询问，不视为没有。"),
    article="参考价 3",
    parts=(asset_field(), choice("register", N_("登记机关"), _registers)),
    shows="steps/registers_asked.html",
    shows_of=_facts_words,
)


# Replies on paper ----------------------------------------------------------------------------------------------------


RECORD_PAPER = StepForm(
    name="record-paper-answer",
    path="valuation/record-paper-answer",
    stage=Stage.PRICE,
    heading=N_("登记书面答复"),
    explains=N_(
        "登记机关的书面答复扫描入卷，由登记人以外的另一人核对后，与系统答复具有同等效力；核对之前视为未获答复。"
    ),
    article="参考价 3",
    parts=(
        asset_field(),
        choice("subject", N_("调查事项"), _subjects),
        choice("state", N_("结果"), fixed(PAPER_STATES), default=lambda known: "established"),
        long_text("statement_zh", N_("情况"), hint=N_("不得以“占有不明”“他人占用”“不负责腾退”代替查明")),
        long_text("statement_en", N_("情况（英文）")),
        text("source", N_("来源"), hint=N_("如 某市不动产登记中心复函及文号")),
        day("as_of", N_("查询日期"), default=today),
        fingerprint("scan_sha256", N_("书面答复扫描件")),
        text("province", N_("财产所在省"), optional=True, hint=N_("仅权属一项填写，据以确定名单子库，如 四川省")),
        text("city", N_("财产所在市"), optional=True, hint=N_("如 成都市")),
    ),
)


def _papers_waiting(known: Known) -> list[Paper]:
    return [paper for papers in known.papers.values() for paper in papers if paper.agrees is None]


def _papers(known: Known) -> list[Option]:
    return [_paper_option(paper) for paper in _papers_waiting(known)]


def _paper_option(paper: Paper) -> Option:
    state = words.name_in(dict(PAPER_STATES), paper.state)
    said = words.in_language(paper.statement_zh, paper.statement_en)
    recorded = _("{day}登记").format(day=day_text(local_day(paper.recorded_at)))
    hint = f"{paper.source} · {day_text(paper.as_of)} · {recorded} · SHA-256 {paper.scan_sha256[:16]}…"
    return Option(str(paper.paper_id), words.told_of(words.with_detail(subject_name(paper.subject), state), said), hint)


def _asset_of_paper(making: Making) -> object:
    """Give the asset of a paper, also of one that was confirmed meanwhile: the same form may come twice."""
    wanted = making.values["paper_id"]
    papers = (paper for found in making.known.papers.values() for paper in found)
    return next((paper.asset_id for paper in papers if str(paper.paper_id) == wanted), None)


CONFIRM_PAPER = StepForm(
    name="confirm-paper-answer",
    path="valuation/confirm-paper-answer",
    stage=Stage.PRICE,
    heading=N_("核对书面答复"),
    explains=N_("登记人以外的另一人对照扫描件核对；核对一致的生效，不一致的不予采用。"),
    article="参考价 3",
    parts=(
        choice("paper_id", N_("书面答复"), _papers, default=first_of(_papers)),
        choice("found", N_("核对结果"), fixed(COMPARED), at=""),
    ),
    derived={"asset_id": _asset_of_paper, "agrees": lambda making: making.values["found"] == "agrees"},
)


# Who may sell --------------------------------------------------------------------------------------------------------


ASK_HANDOVER = StepForm(
    name="ask-handover",
    path="sale/ask-handover",
    stage=Stage.ASSETS,
    heading=N_("登记商请移送处分权"),
    explains=N_("首先查封在其他法院的，商请其移送；未获移送函前不得询价、评估和上拍，逾期未复不视为同意。"),
    article="首封移送批复 1, 2; 保全规定 21",
    parts=(
        asset_field(),
        choice("ground", N_("理由"), fixed(HANDOVER_GROUNDS)),
        day("asked_on", N_("商请日期"), default=today),
        tick("claim_is_final", N_("优先债权为生效法律文书所确认"), optional=True),
        tick("sale_begun", N_("首封法院已发布拍卖公告或者进入变卖程序"), optional=True),
        text("document_ref", N_("商请函文号")),
    ),
    fits=lambda known: any(
        seizure.court != known.file.page.case.court for asset in known.file.page.assets for seizure in asset.seizures
    ),
)


def _handovers_waiting(known: Known) -> list[Handover]:
    return [each for asked in known.handovers.values() for each in asked if each.answer is None]


def _handovers(known: Known) -> list[Option]:
    return [
        Option(
            str(each.request_id),
            f"{each.court} {each.case_number}",
            _("{asked}商请，应于{until}前答复").format(asked=day_text(each.asked_on), until=day_text(each.answer_by)),
        )
        for each in _handovers_waiting(known)
    ]


def _asset_of_handover(making: Making) -> object:
    wanted = making.values["request_id"]
    return next(
        (
            asset_id
            for asset_id, asked in making.known.handovers.items()
            if any(str(each.request_id) == wanted for each in asked)
        ),
        None,
    )


HANDOVER_ANSWER = StepForm(
    name="record-handover-answer",
    path="sale/record-handover-answer",
    stage=Stage.ASSETS,
    heading=N_("登记移送答复"),
    explains=N_("登记首封法院的书面答复；没有答复的不得登记为同意。"),
    article="首封移送批复 2",
    parts=(
        choice("request_id", N_("商请"), _handovers, default=first_of(_handovers)),
        choice("answer", N_("答复"), fixed(HANDOVER_REPLIES)),
        day("answered_on", N_("答复日期"), default=today),
        text("document_ref", N_("移送函或者复函文号")),
    ),
    derived={"asset_id": _asset_of_handover},
)
FACT_FORMS = (ASK_HANDOVER, HANDOVER_ANSWER, ASK_REGISTER, ESTABLISH_FACTS, RECORD_PAPER, CONFIRM_PAPER)
