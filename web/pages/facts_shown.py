"""How the facts of an asset stand, as the court's pages show them: each owed subject, its age, and what is unanswered."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from auction.law.asset_facts import FACT_LAW
from auction.sale.cases.assets import AssetClass
from valuation.facts.facts import ALL_SUBJECTS, Fact, owed_before_price
from valuation.facts.store import QuestionState
from web.pages import desk_words as words
from web.texts import N_, _

STATES: dict[str, words.Named] = {
    "established": words.Named(N_("已查明"), "good"),
    "none_found": words.Named(N_("查明没有"), "good"),
    "unanswered": words.Named(N_("未获答复"), "warn"),
    "missing": words.Named(N_("尚未查明"), "warn"),
}
QUESTIONS: dict[str, words.Named] = {
    "answered": words.Named(N_("已答复"), "good"),
    "open": words.Named(N_("未获答复，继续询问"), "warn"),
    "ended": words.Named(N_("答复不能采用"), "bad"),
}
HANDOVERS: dict[str | None, words.Named] = {
    None: words.Named(N_("未获答复，不视为同意"), "warn"),
    "handed_over": words.Named(N_("已移送"), "good"),
    "refused": words.Named(N_("不予移送"), "bad"),
}


class FactLine(NamedTuple):
    """One subject of an asset; without a finding it has neither source nor day."""

    subject: str
    article: str
    state: str
    said: str
    source: str
    as_of: date | None
    age: str


def subject_name(subject: str) -> str:
    """Name a subject of the facts."""
    return words.in_language(*FACT_LAW.title(subject))


def register_name(register: str) -> str:
    """Name a register."""
    listed = FACT_LAW.registers[register]
    return words.in_language(listed.title_zh, listed.title_en)


def age_text(as_of: date, today: date) -> str:
    """Say how old an answer is."""
    days = (today - as_of).days
    if days < 2:
        return _("昨日") if days == 1 else _("今日")
    return _("{days}天前").format(days=days)


def fact_lines(asset_class: AssetClass, facts: tuple[Fact, ...], *, today: date) -> list[FactLine]:
    """Give what is owed before a price, then what was found besides; of each subject the newest finding."""
    newest = {fact.subject: fact for fact in facts}
    owed = {duty.subject: duty.cite for duty in owed_before_price(asset_class.value, on=today)}
    shown = [s for s in ALL_SUBJECTS if s in owed] + [s for s in ALL_SUBJECTS if s in newest and s not in owed]
    return [_line(subject, owed.get(subject, ""), newest.get(subject), today) for subject in shown]


def _line(subject: str, article: str, fact: Fact | None, today: date) -> FactLine:
    if fact is None:
        return FactLine(subject, article, "missing", "", "", None, "")
    said = words.in_language(fact.statement_zh, fact.statement_en)
    if fact.city:
        said += _("（位于{place}）").format(place=f"{fact.province} {fact.city}")
    return FactLine(subject, article, fact.state, said, fact.source, fact.as_of, age_text(fact.as_of, today))


def question_standing(state: QuestionState) -> str:
    """Give the key of a question's standing in `QUESTIONS`."""
    if state.answered_at is not None:
        return "answered"
    return "open" if state.is_open else "ended"
