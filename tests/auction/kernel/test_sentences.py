"""Facts in a sentence read as that sentence's language does."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

import auction
from auction.fund.claims.claims import ClaimIncomplete
from auction.kernel.sentences import Said, span_in_words
from auction.sale.lots.lint import BiddingTooShort

DAY = timedelta(days=1)
ROOT = Path(auction.__file__).parents[1]
HAN = re.compile(r"[\u4e00-\u9fff]")
FOR_THE_CONSOLE = {"SettingInvalid", "LogUnusable", "RecordMalformed"}
"""Refusals that only an operator meets, at a start or a command; their reasons say both languages at once."""


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        (timedelta(seconds=59), "59秒", "59 seconds"),
        (timedelta(seconds=60), "1分钟", "1 minute"),
        (timedelta(seconds=61), "1分钟1秒", "1 minute 1 second"),
        (DAY - timedelta(minutes=1), "23小时59分钟", "23 hours 59 minutes"),
        (DAY, "1天", "1 day"),
        (DAY + timedelta(minutes=1), "1天1分钟", "1 day 1 minute"),
        (timedelta(days=30, hours=2), "30天2小时", "30 days 2 hours"),
        (-DAY, "负1天", "minus 1 day"),
        (-timedelta(minutes=1), "负1分钟", "minus 1 minute"),
        (timedelta(), "0秒", "0 seconds"),
        (timedelta(microseconds=999_999), "0秒", "0 seconds"),
        (-timedelta(microseconds=1), "0秒", "0 seconds"),
    ],
)
def test_span_is_told_in_words(span: timedelta, zh: str, en: str) -> None:
    """Days, hours, minutes and seconds, as many as there are; negative spans say so."""
    assert span_in_words(span, "zh") == zh
    assert span_in_words(span, "en") == en


def test_refusal_tells_spans_as_people_do() -> None:
    """An end before the opening reads as a span, not as a programmer's notation."""
    refusal = BiddingTooShort(given=-DAY, minimum=DAY)

    assert refusal.sentence("zh") == "竞价时间为 负1天，少于法定 1天。"
    assert refusal.sentence("en") == "The bidding time of minus 1 day is below the lawful 1 day."


def test_words_in_a_sentence_are_of_its_language() -> None:
    """A fact that is words is said in the language of the sentence."""
    refusal = ClaimIncomplete(missing=Said("查封顺序", "its place in the order of seizure"))

    assert refusal.sentence("zh") == "债权登记缺少确定顺位所需的信息：查封顺序。"
    assert refusal.sentence("en") == "The claim lacks what ranks it: its place in the order of seizure."


def _mixed(path: Path) -> list[str]:
    """Find the calls in a module that pass a text of both languages as a fact."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [
            ast.unparse(fact.value) for fact in node.keywords if isinstance(fact.value, ast.Constant | ast.JoinedStr)
        ]
        if name[:1].isupper() and name not in FOR_THE_CONSOLE and any(" / " in t and HAN.search(t) for t in texts):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
    return found


def test_no_sentence_mixes_two_languages() -> None:
    """Nothing that people read in one language carries words of the other beside it."""
    modules = [path for top in ("auction", "valuation", "bidding", "web") for path in (ROOT / top).rglob("*.py")]

    assert [place for path in modules for place in _mixed(path)] == []
