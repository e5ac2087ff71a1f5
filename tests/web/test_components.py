"""Components and what they show: money, times, deadlines, states, tables, cards."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError

from auction.kernel.money import Money
from auction.kernel.sentences import Locale
from web import display
from web.rendering import environment
from web.texts import speaking
from web.wiring import Wiring

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
NOON = datetime(2026, 11, 21, 4, 0, 0, 123_999, tzinfo=UTC)
IMPORTS = (
    '{% from "components/money.html" import money %}{% from "components/time.html" import date_time, date, deadline %}'
    '{% from "components/status.html" import status %}{% from "components/table.html" import data_table %}'
    '{% from "components/article.html" import article %}'
)


@pytest.fixture
def jinja(wiring: Wiring) -> Environment:
    """The site's template environment."""
    return environment(wiring)


def render(jinja: Environment, template: str, locale: Locale = "zh", **values: object) -> str:
    """Render a piece of template."""
    with speaking(locale):
        return re.sub(r"\s+", " ", jinja.from_string(IMPORTS + template).render(values)).strip()


@pytest.mark.parametrize(
    ("fen", "figures", "hint", "words"),
    [
        (0, "¥0", "", "零元"),
        (5, "¥0.05", "", "五分"),
        (110, "¥1.10", "", "一元一角"),
        (999_999, "¥9,999.99", "", "九千九百九十九元九角九分"),
        (1_000_000, "¥10,000", "1万元", "一万元"),
        (328_000_000, "¥3,280,000", "328万元", "三百二十八万元"),
        (328_055_500, "¥3,280,555", "约328.06万元", "三百二十八万零五百五十五元"),
        (10**10, "¥100,000,000", "1亿元", "一亿元"),
        (-250, "-¥2.50", "", "负二元五角"),
    ],
)
def test_amount_is_figures_hint_and_words(fen: int, figures: str, hint: str, words: str) -> None:
    """Figures keep every fen, the hint says when it is rounded, the words are what people say."""
    with speaking("zh"):
        assert (display.figures(fen), display.hint(fen), display.words(Money(fen))) == (figures, hint, words)


def test_amount_in_english() -> None:
    """English hints count in millions."""
    with speaking("en"):
        assert (display.hint(328_000_000), display.words(328_000_050)) == ("3.28 million yuan", "3280000.50 yuan")


def test_money_is_read_once(jinja: Environment) -> None:
    """Figures and hint are for the eye, the words for the ear; nothing is read twice."""
    shown = render(jinja, "{{ money(amount) }}", amount=Money.yuan(3_280_000))

    assert shown.count('aria-hidden="true"') == 2
    assert '<span class="govuk-visually-hidden">三百二十八万元</span>' in shown


def test_time_is_beijing_time_with_seconds(jinja: Environment) -> None:
    """An instant is shown in Beijing time, to the second or, precisely, to the cut millisecond."""
    shown = render(jinja, "{{ date_time(at) }}", at=NOON)
    precise = render(jinja, "{{ date_time(at, precise=true) }}", at=NOON)

    assert "2026年11月21日" in shown
    assert "12:00:00</span> <span>北京时间" in shown
    assert 'datetime="2026-11-21T12:00:00.123+08:00"' in shown
    assert "12:00:00.123</span>" in precise
    assert "21 November 2026" in render(jinja, "{{ date_time(at) }}", "en", at=NOON)


@pytest.mark.parametrize(
    ("left", "state", "said"),
    [
        (timedelta(days=3, seconds=1), "later", "剩余3天0小时"),
        (timedelta(days=3), "soon", "剩余3天0小时"),
        (timedelta(hours=2, minutes=5), "soon", "剩余2小时5分钟"),
        (timedelta(seconds=1), "soon", "剩余0分1秒"),
        (timedelta(), "past", "已逾期0分0秒"),
        (timedelta(days=-2), "past", "已逾期2天0小时"),
    ],
)
def test_deadline_says_how_near_it_is(jinja: Environment, left: timedelta, state: str, said: str) -> None:
    """A deadline is past at its instant itself and soon within three days; words say it, not colour alone."""
    shown = render(jinja, "{{ deadline('公告', at, now) }}", at=NOON + left, now=NOON)

    assert f"fapai-deadline--{state}" in shown
    assert said in shown


@pytest.mark.parametrize(
    ("left", "state", "said"),
    [
        (timedelta(microseconds=1), "soon", "剩余0分0秒"),
        (timedelta(), "soon", "剩余0分0秒"),
        (timedelta(microseconds=-1), "past", "已逾期0分0秒"),
    ],
)
def test_last_instant_of_hours_is_in_time(jinja: Environment, left: timedelta, state: str, said: str) -> None:
    """A period of hours is missed after its last instant, not at it (Civil Code 1259)."""
    shown = render(jinja, "{{ deadline('退还', at, now, hours=true) }}", at=NOON + left, now=NOON)

    assert f"fapai-deadline--{state}" in shown
    assert said in shown


def test_status_is_a_sign_and_a_word(jinja: Environment) -> None:
    """A state has a sign and its word, whatever its colour."""
    shown = render(jinja, "{{ status('流拍', 'bad') }}")

    assert "流拍" in shown
    assert "<svg" in shown


def test_table_labels_every_cell_for_narrow_pages(jinja: Environment) -> None:
    """Each cell knows its column's name, so that a narrow page shows pairs; an empty table says so."""
    template = "{{ data_table('出价记录', columns, rows) }}"
    columns = [{"text": "代码"}, {"text": "金额", "numeric": True}]
    shown = render(jinja, template, columns=columns, rows=[["A17", "¥1"]])
    empty = render(jinja, template, columns=columns, rows=[])

    assert 'data-label="代码"' in shown
    assert '<td role="cell" data-label="金额" class="fapai-table__numeric">' in shown
    assert "暂无记录" in empty


def test_texts_from_outside_are_escaped(jinja: Environment) -> None:
    """What people typed never becomes markup, in macros neither."""
    shown = render(
        jinja,
        "{{ data_table(text, [{'text': text}], [[text]]) }}{{ status(text) }}{{ article(text) }}",
        text='<script>alert("x")</script>',
    )

    assert "<script" not in shown


def test_gallery_shows_every_component() -> None:
    """Each macro of the components is called by the gallery, by the frame around every page, or by a component that is."""
    parts = "".join(file.read_text() for file in (TEMPLATES / "components").glob("*.html"))
    names = set(re.findall(r"{%-?\s*macro (\w+)\(", parts))
    shown = parts + "".join((TEMPLATES / name).read_text() for name in ("gallery.html", "base.html"))

    assert [name for name in sorted(names) if not re.search(rf"{{{{\s*{name}\(", shown)] == []


def test_misspelled_name_fails(jinja: Environment) -> None:
    """A template that names what does not exist fails instead of showing nothing; a mapping may lack a key."""
    with pytest.raises(UndefinedError):
        render(jinja, "{{ amuont }}")
    with pytest.raises(UndefinedError):
        render(jinja, "{{ amount.yaun }}", amount=Money(1))
    assert render(jinja, "[{{ given.lacking }}]", given={}) == "[]"


@pytest.mark.parametrize(
    ("article", "shown"),
    [
        ("参考价 16, 34", "参考价 16, 34"),
        ("参考价 3; 238号 1, 6, 8", "参考价 3; 法〔2024〕238号 1, 6, 8"),
        ("参考价 16; house: two persons", "参考价 16"),
        ("practice 14; CPL 157", "民诉法 157"),
        ("Interp. 485; 查扣冻 26", "民诉法解释 485; 查扣冻 26"),
        ("Civil Code 414, 415", "民法典 414, 415"),
        ("house: Draw v1", ""),
    ],
)
def test_only_law_is_cited_to_a_reader(jinja: Environment, article: str, shown: str) -> None:
    """Reasons of the house and notes on practice are for developers; where nothing else is left, there is no box."""
    page = jinja.from_string(f'{IMPORTS}{{{{ article("{article}") }}}}').render()

    assert (shown in page, "fapai-article" in page) == (True, bool(shown))
    assert "house:" not in page
    assert "practice" not in page
