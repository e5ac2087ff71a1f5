"""Forms of lists and declared registers, and of the proof of eligibility before the ruling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auction.kernel.db import Transaction
from auction.sale.guards import control_store
from auction.sale.registers.declared import REGISTER_TITLES, RELATION_TITLES
from auction.sale.registers.declared_store import DeclarationShown, proofs_of
from auction.sale.registers.lists import LIST_NAMES
from auction.sale.registers.store import matters_of
from auction.sale.rounds.rounds import RoundState
from web.pages import desk_words as words
from web.pages.steps.choices import Options, first_of, fixed, rounds
from web.pages.steps.fields import Option, Typed
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, long_text, text, today
from web.pages.steps.parts import day as day_field
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_, _

WORDS = {
    "confirmed": N_("与原件核对一致，予以确认"),
    "rejected": N_("与原件不符，不予确认"),
    "ended": N_("情况已变更，终止适用"),
}
FOUND = {"eligible": N_("具备"), "not_eligible": N_("不具备")}
SOURCES = {"documents": N_("买受人提交的证明材料"), "city": N_("住房主管部门的核验答复"), "officer": N_("承办人核实")}
STATES = {
    "listed": N_("在名单内"),
    "contradicting": N_("答复相互矛盾"),
    "unanswered": N_("未获答复"),
    "clear": N_("不在名单内"),
}
ASKED = (RoundState.ANNOUNCED, RoundState.OPEN, RoundState.STOPPED, RoundState.SOLD)


def _registers(known: Known) -> list[Option]:
    return [Option(key, words.in_language(said.zh, said.en)) for key, said in REGISTER_TITLES.items()]


def _declarations(*, waiting: bool | None = None) -> Options:
    """Offer the declarations of the case: those that wait for their second person or hold, else all."""

    def options(known: Known) -> list[Option]:
        return [_declaration(each) for each in known.declarations if waiting is None or each.waits or each.holds]

    return options


def _declaration(each: DeclarationShown) -> Option:
    title = REGISTER_TITLES[each.register]
    lines = _("{lines}人，其中近亲属{relatives}人").format(lines=each.lines, relatives=each.relatives)
    return Option(str(each.declaration_id), f"{each.body} · {words.in_language(title.zh, title.en)}", lines)


async def _matters(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    del typed
    return {
        "matters": await matters_of(tx, known.file.page.case.case_id),
        "notes": await control_store.notes_of(tx, known.file.page.case.case_id),
        "unanswered": await control_store.unanswered_of(tx, known.file.page.case.case_id),
        "list_name": lambda key: words.in_language(LIST_NAMES[key].zh, LIST_NAMES[key].en),
        "list_state": lambda state: _(STATES[state]),
    }


async def _shown_declarations(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    del tx, typed
    return {
        "register_title": lambda key: words.in_language(REGISTER_TITLES[key].zh, REGISTER_TITLES[key].en),
        "register_word": _standing,
        "declarations": known.declarations,
    }


async def _relations(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    del tx, known, typed
    return {"relation_title": lambda key: words.in_language(RELATION_TITLES[key].zh, RELATION_TITLES[key].en)}


def _standing(each: DeclarationShown) -> str:
    if not each.words:
        return _("待另一人核对")
    return {"confirmed": _("适用中"), "rejected": _("未予确认"), "ended": _("已终止")}[each.words[-1]]


async def _proofs(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    del typed
    found = []
    for _lot, shown in known.rounds:
        if shown.state is RoundState.SOLD:
            found += await proofs_of(tx, shown.round_id)
    return {"proofs": found, "source_name": lambda key: _(SOURCES[key])}


ASK_LISTS = StepForm(
    name="ask-lists",
    path="sale/ask-lists",
    stage=Stage.ROUND,
    heading=N_("竞买人名单和控制关系查询"),
    explains=N_(
        "报名时、开拍时和成交裁定前，系统向名单管理机关查询失信被执行人名单和限制消费名单；未获答复的准予报名并持续查询。"
        "报名后才发现在名单内的，不影响出价，由合议庭在成交裁定前决定。需要时可以立即再次查询。"
        "企业报名的，同时向公司登记机关查询控制关系；公告未载明“一控制人一竞买人”的，受同一人控制不影响报名，仅在此提示。"
    ),
    article="发改财金〔2018〕370号; 限制消费规定 3; 网拍 31, 34",
    parts=(choice("round_id", N_("拍次"), rounds(*ASKED), default=first_of(rounds(*ASKED))),),
    shows="steps/list_matters.html",
    shows_of=_matters,
)
DECLARE_REGISTER = StepForm(
    name="declare-register",
    path="sale/declare-register",
    stage=Stage.ROUND,
    heading=N_("申报不得竞买人员名册"),
    explains=N_(
        "按机构提交的书面名册录入，每行一人：种类,姓名（名称）,身份号码,关系。关系为机构本身、工作人员、配偶、父母、子女、兄弟姐妹、"
        "祖父母、外祖父母或者孙子女、外孙子女。身份号码加密保存；经另一人核对确认后适用。"
    ),
    article="网拍 34",
    parts=(
        choice("register", N_("名册"), _registers),
        text("body", N_("申报机构")),
        text("document_ref", N_("书面名册编号")),
        day_field("valid_from", N_("适用自"), default=today),
        day_field("valid_to", N_("适用至"), optional=True, hint=N_("不填的，长期适用")),
        long_text("content", N_("名册内容"), hint=N_("例：自然人,姓名,身份号码,工作人员")),
    ),
    derived={"declaration_id": lambda making: making.id_of("declaration")},
    shows="steps/declared_registers.html",
    shows_of=_shown_declarations,
)
DECIDE_REGISTER = StepForm(
    name="decide-register",
    path="sale/decide-register",
    stage=Stage.ROUND,
    heading=N_("核对不得竞买人员名册"),
    explains=N_(
        "由申报人以外的另一人与书面名册核对；确认后即适用。报名后才确认的，不影响出价，由合议庭在成交裁定前决定。"
    ),
    article="网拍 34",
    parts=(
        choice(
            "declaration_id", N_("名册"), _declarations(waiting=True), default=first_of(_declarations(waiting=True))
        ),
        choice("says", N_("结论"), fixed(WORDS)),
        text("reason", N_("依据")),
    ),
    shows="steps/declared_registers.html",
    shows_of=_shown_declarations,
)
VIEW_REGISTER = StepForm(
    name="view-register",
    path="sale/view-register",
    stage=Stage.ROUND,
    heading=N_("查看不得竞买人员名册"),
    explains=N_("仅为核对名册查看；每次查看记入日志，身份号码只显示末四位。"),
    article="网拍 34; practice 34",
    parts=(choice("declaration_id", N_("名册"), _declarations(), default=first_of(_declarations())),),
    derived={"view_id": lambda making: making.id_of("register view")},
    answer="steps/register_names.html",
    shows_of=_relations,
)


def _sold(known: Known) -> bool:
    return any(
        shown.state is RoundState.SOLD and lot.terms is not None and lot.terms.purchase_limited
        for lot, shown in known.rounds
    )


RECORD_ELIGIBILITY = StepForm(
    name="record-eligibility",
    path="sale/record-eligibility",
    stage=Stage.TITLE,
    heading=N_("登记买受人购房资格"),
    explains=N_(
        "限购的，买受人自报名之日起至成交裁定之日每一天都须具备购房资格，中间不得间断；没有证明或者经查不具备的，不得作出成交裁定。"
        "买受人虚构资格致使拍卖无效的，依法承担赔偿责任。就同一日期，以后登记的为准。"
    ),
    article="法释〔2021〕18号 2-4",
    parts=(
        choice("round_id", N_("成交拍次"), rounds(RoundState.SOLD), default=first_of(rounds(RoundState.SOLD))),
        choice("source", N_("来源"), fixed(SOURCES)),
        text("document_ref", N_("材料或者答复编号")),
        day_field("from_on", N_("期间自")),
        day_field("to_on", N_("期间至"), default=today),
        choice("found", N_("该期间是否具备购房资格"), fixed(FOUND), at=""),
    ),
    derived={
        "proof_id": lambda making: making.id_of("eligibility"),
        "is_eligible": lambda making: making.values["found"] == "eligible",
    },
    fits=_sold,
    shows="steps/eligibility_proofs.html",
    shows_of=_proofs,
)
LIST_FORMS = (ASK_LISTS, DECLARE_REGISTER, DECIDE_REGISTER, VIEW_REGISTER, RECORD_ELIGIBILITY)
