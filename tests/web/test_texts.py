"""Texts: every one has its English, with the same blanks, and the language follows cookie, account, browser."""

from __future__ import annotations

import re

import httpx
import pytest
from babel.messages.catalog import Message

from tests.web.conftest import form_token, sign_in
from web.collect_texts import CATALOGUE, in_use, read_catalogue, untranslated
from web.texts import compile_catalogue, negotiate, speaking

BLANKS = re.compile(r"%\(\w+\)s|\{\w*\}")


def _messages() -> list[Message]:
    return [message for message in read_catalogue() if message.id]


def test_every_text_has_its_english() -> None:
    """Every text of code and templates stands in the catalogue with a translation, and no other does."""
    catalogue = read_catalogue()

    wanted = {(text, context) for text, context in in_use()}
    found = {(message.id, message.context) for message in _messages()}
    assert found == wanted, "run: python -m web.collect_texts"
    assert untranslated(catalogue) == []


def test_translations_keep_the_blanks() -> None:
    """A translation fills in exactly what its text fills in."""
    for message in _messages():
        assert sorted(BLANKS.findall(str(message.id))) == sorted(BLANKS.findall(str(message.string))), message.id


def test_english_has_no_chinese_left() -> None:
    """No Chinese character stands in an English text."""
    assert [m.id for m in _messages() if re.search(r"[\u4e00-\u9fff]", str(m.string))] == []


def test_no_english_says_itself_twice() -> None:
    """A sentence that merging two catalogues wrote twice in a row is found."""
    doubled = [m.id for m in _messages() if re.fullmatch(r"(.{6,})\1", str(m.string), re.DOTALL)]

    assert doubled == []


def test_catalogue_compiles() -> None:
    """The catalogue compiles to the form that the site loads."""
    assert compile_catalogue(CATALOGUE)[:4] == b"\xde\x12\x04\x95"


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-TW", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("fr-FR,en;q=0.5,zh;q=0.4", "en"),
        ("fr-FR", "zh"),
        ("en;q=0, zh", "zh"),
        (";;;q=x,,", "zh"),
    ],
)
def test_language_follows_the_browser(accepted: str, locale: str) -> None:
    """The first language that we speak counts; Chinese if there is none."""
    assert negotiate(accepted) == locale


async def test_chosen_language_stays(site: httpx.AsyncClient) -> None:
    """The switch in the header keeps the choice in this browser and shows the same page again."""
    token = form_token(await site.get("/sign-in"))
    answer = await site.post("/language", data={"locale": "en", "next": "/sign-in", "csrf_token": token})
    page = await site.get(answer.headers["location"])

    assert answer.headers["location"] == "/sign-in"
    assert '<html lang="en"' in page.text
    assert "Sign in" in page.text


async def test_unknown_language_is_refused(site: httpx.AsyncClient) -> None:
    """A language that we do not speak names its field."""
    token = form_token(await site.get("/sign-in"))
    answer = await site.post(
        "/language", data={"locale": "xx", "csrf_token": token}, headers={"accept": "application/json"}
    )

    assert (answer.status_code, answer.json()["facts"]["field"]) == (422, "locale")


async def test_account_page_speaks_english(site: httpx.AsyncClient) -> None:
    """A signed-in page speaks the browser's language, roles included."""
    await sign_in(site, "cashier1")
    page = await site.get("/account", headers={"accept-language": "en"})

    assert "Cashier" in page.text
    with speaking("zh"):
        assert "出纳" in (await site.get("/account", headers={"accept-language": "zh"})).text
