"""Forms of what a list leaves unclear before the ruling: a keeper's written answer, and the comparing of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auction.kernel.db import Transaction
from auction.sale.registers.lists import LIST_NAMES, LISTS, ListKey
from auction.sale.registers.paper_store import papers_of_round
from auction.sale.registers.papers import Paper
from auction.sale.rounds.rounds import RoundState
from auction.sale.silence.store import keepers_asked, sale_of, unclear_of
from auction.sale.silence.unclear import Unclear
from web.pages import desk_words as words
from web.pages.steps.choices import first_of, fixed, rounds
from web.pages.steps.fields import Option, Typed
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, instant, text
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_, _

SAYS = {"clear": N_("不在名单内"), "listed": N_("在名单内")}
PAPER_WORDS = {"confirmed": N_("与原件核对一致，予以确认"), "rejected": N_("与原件不符，不予确认")}
REASONS = {"silent": N_("未获答复"), "contradicting": N_("答复相互矛盾")}
SOLD = rounds(RoundState.SOLD)


def _lists(known: Known) -> list[Option]:
    del known
    return [Option(key, words.in_language(LIST_NAMES[key].zh, LIST_NAMES[key].en)) for key in LISTS]


async def unclear_lists(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    """Give what the lists leave open about each buyer of the case, who was asked, and the papers on file."""
    del typed
    unclear: list[Unclear] = []
    asked: set[tuple[ListKey, str]] = set()
    papers: list[Paper] = []
    for _lot, shown in known.rounds:
        sale = await sale_of(tx, shown.round_id)
        if sale is None:
            continue
        unclear += await unclear_of(tx, shown.round_id)
        papers += await papers_of_round(tx, shown.round_id)
        for key in LISTS:
            asked |= {(key, title) for title in await keepers_asked(tx, sale.buyer_person_id, key)}
    return {
        "unclear": unclear,
        "asked": sorted(asked),
        "papers": papers,
        "list_name": lambda key: words.in_language(LIST_NAMES[key].zh, LIST_NAMES[key].en),
        "unclear_why": lambda why: _(REASONS[why]),
        "paper_says": lambda says: _(SAYS[says]),
        "paper_word": _word,
    }


def _word(paper: Paper) -> str:
    return _("待另一人核对") if paper.word is None else _(PAPER_WORDS[paper.word])


BRING_PAPER_ANSWER = StepForm(
    name="bring-paper-answer",
    path="sale/bring-paper-answer",
    stage=Stage.TITLE,
    heading=N_("登记名单管理机关的书面答复"),
    explains=N_(
        "名单未答复对买受人的查询的，可以登记名单管理机关的书面答复；经另一人与原件核对确认后，与系统答复同等对待。"
    ),
    article="网拍 31(4), 34",
    parts=(
        choice("round_id", N_("成交拍次"), SOLD, default=first_of(SOLD)),
        choice("list", N_("名单"), _lists),
        text("keeper_title", N_("名单管理机关"), hint=N_("与上表所列名称一致")),
        choice("says", N_("答复"), fixed(SAYS)),
        instant("as_of", N_("答复截至"), hint=N_("在此前七十二小时以内")),
        text("document_ref", N_("书面答复编号")),
    ),
    derived={"paper_id": lambda making: making.id_of("paper answer")},
    shows="steps/unclear_lists.html",
    shows_of=unclear_lists,
)
DECIDE_PAPER_ANSWER = StepForm(
    name="decide-paper-answer",
    path="sale/decide-paper-answer",
    stage=Stage.TITLE,
    heading=N_("核对名单管理机关的书面答复"),
    explains=N_("由登记人以外的另一人持原件核对，并按原件录入编号。确认为在名单内的，成交裁定前提请合议。"),
    article="网拍 31(4), 34",
    parts=(
        choice("round_id", N_("成交拍次"), SOLD, default=first_of(SOLD)),
        text("document_ref", N_("书面答复编号"), hint=N_("按原件录入")),
        choice("says", N_("结论"), fixed(PAPER_WORDS)),
        text("reason", N_("依据")),
    ),
    shows="steps/unclear_lists.html",
    shows_of=unclear_lists,
)
LIST_PAPER_FORMS = (BRING_PAPER_ANSWER, DECIDE_PAPER_ANSWER)
