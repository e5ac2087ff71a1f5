"""The acts that pages cite: named in the reader's language, each with its full names, none unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import web
from auction.fund.plans.grounds import REASONS
from auction.kernel.errors import Refusal
from auction.law.asset_facts import FACT_LAW
from auction.law.guards import GUARDS
from auction.law.parameters import LAW
from tests.web.conftest import ClientMaker
from web.acts import HOUSE, SHORT_EN, acts, full_name
from web.display import cited, cited_in_full
from web.pages.public.routes import PUBLIC_PAGES
from web.pages.steps.all_forms import FORMS
from web.pages.steps.step_form import fields_of
from web.texts import speaking
from web.wiring import Wiring

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TEMPLATES = Path(web.__file__).parent / "templates"


def _refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        yield each
        yield from _refusals(each)


def _articles() -> set[str]:
    """Give every article that code cites: of refusals, steps, fields, plan lines, silences, and in templates."""
    found = {one.article for one in _refusals() if isinstance(getattr(one, "article", None), str)}
    found |= {form.article for form in FORMS} | {guard.article for guard in GUARDS.every}
    found |= {field.article for form in FORMS for field in fields_of(form.parts) if field.article}
    found |= {reason.article for reason in REASONS.values()} | {silence.article for silence in FACT_LAW.silences}
    for template in TEMPLATES.rglob("*.html"):
        found |= set(re.findall(r'article\("([^"]+)"\)', template.read_text(encoding="utf-8")))
    return found


def test_english_pages_cite_acts_by_english_names() -> None:
    """No article shows a Chinese character to an English reader, nor an English short name to a Chinese one."""
    with speaking("en"):
        left = {article: cited(article) for article in _articles() if CHINESE.search(cited(article))}
    with speaking("zh"):
        english = {article for article in _articles() if re.search(r"CPL|Interp\.|Civil Code", cited(article))}

    assert (left, english) == ({}, set())


@pytest.mark.parametrize(
    ("article", "zh", "en"),
    [
        ("网拍 17", "网拍 17", "Online Auction Provisions 17"),
        ("practice 14; CPL 157", "民诉法 157", "CPL 157"),
        ("CPL 2017 236", "民诉法（2017年） 236", "CPL (2017) 236"),
        ("Interp. 485; 查扣冻 26", "民诉法解释 485; 查扣冻 26", "CPL Interpretation 485; Seizure Provisions 26"),
        ("法释〔2025〕10号 6(3)", "法释〔2025〕10号 6(3)", "Third-Party Claims Interpretation 6(3)"),
        ("house: two persons", "", ""),
    ],
)
def test_act_is_named_in_the_language_of_the_reader(article: str, zh: str, en: str) -> None:
    """The number stays as code has it, and the longest name that fits is the act's."""
    with speaking("zh"):
        in_chinese = cited(article)
    with speaking("en"):
        in_english = cited(article)

    assert (in_chinese, in_english) == (zh, en)


def test_full_name_is_in_both_languages() -> None:
    """A citation carries number and full name in both languages; each act is named once."""
    full = cited_in_full("网拍 17; 网拍 18; practice 2")

    assert full == full_name(acts()["网拍"])
    assert "法释〔2016〕18号" in full
    assert "SPC Provisions on online judicial auctions" in full


def test_every_act_of_the_parameters_has_an_english_short_name() -> None:
    """A new act of the parameters needs its English short name, and no two acts share one."""
    assert set(SHORT_EN) == set(LAW.acts) - {HOUSE}
    names = [act.en for act in acts().values()]
    assert len(names) == len(set(names))
    assert not any(CHINESE.search(name) for name in names)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_page_lists_every_act(wiring: Wiring, client_of: ClientMaker, language: str) -> None:
    """Everybody finds all acts on one page, with both full names; in English, Chinese stands only where it is marked."""
    async with client_of(replace(wiring, routes=PUBLIC_PAGES)) as client:
        answer = await client.get("/acts", headers={"accept-language": language})

    assert answer.status_code == 200
    assert all(act.title_zh in answer.text and act.title_en in answer.text for act in acts().values())
    if language == "en":
        main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
        assert not CHINESE.search(re.sub(r'<(\w+)[^>]* lang="zh-CN"[^>]*>.*?</\1>', "", main, flags=re.DOTALL))
