"""Failures as answers: every category has its status, in both forms, and our own faults say nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from litestar import get
from litestar.params import FromPath, FromQuery

from auction.kernel import errors
from auction.kernel.money import Money
from auction.kernel.sentences import Said
from auction.sale.lots.lint import Finding
from tests.web.conftest import ClientMaker
from web.auth.guards import PUBLIC
from web.auth.sessions import SignInNeeded
from web.errors import plain, status_of
from web.wiring import Wiring


class ExampleMalformed(errors.Malformed):
    code, article, zh, en = "example_malformed", "house: example", "格式不对", "wrong shape"


class ExampleNotPermitted(errors.NotPermitted):
    code, article, zh, en = "example_not_permitted", "house: example", "无权办理", "not you"


class ExampleNotFound(errors.NotFound):
    code, article, zh, en = "example_not_found", "house: example", "没有此项", "no such thing"


class ExampleConflict(errors.Conflict):
    code, article, zh, en = "example_conflict", "house: example", "已经办理", "already done"


class ExampleUnlawful(errors.Unlawful):
    code, article, zh, en = "example_unlawful", "网拍 10", "低于 {floor}", "below {floor}"


CATEGORIES: dict[str, tuple[errors.Refusal, int]] = {
    "malformed": (ExampleMalformed(), 422),
    "not_signed_in": (SignInNeeded(), 401),
    "not_permitted": (ExampleNotPermitted(), 403),
    "not_found": (ExampleNotFound(), 404),
    "conflict": (ExampleConflict(), 409),
    "unlawful": (ExampleUnlawful(floor=Money.yuan(7)), 422),
}
SECRET = "330106199001011234 in the message"


@get("/fail/{name:str}", opt=dict(PUBLIC), sync_to_thread=False)
def fail(name: FromPath[str]) -> None:
    """Fail in the named way."""
    if name == "ours":
        raise RuntimeError(SECRET)
    if name == "theirs":
        raise errors.OutcomeUnknown(SECRET)
    raise CATEGORIES[name][0]


@get("/count", opt=dict(PUBLIC), sync_to_thread=False)
def count(times: FromQuery[int]) -> int:
    """Take a number."""
    return times


@pytest.fixture
async def failing(wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A site with a route that fails as asked."""
    async with client_of(replace(wiring, routes=(fail, count))) as client:
        yield client


@pytest.mark.parametrize("name", sorted(CATEGORIES))
async def test_category_has_its_status_and_a_page(failing: httpx.AsyncClient, name: str) -> None:
    """A person gets a page in his language with the sentence of the refusal."""
    refusal, status = CATEGORIES[name]
    chinese = await failing.get(f"/fail/{name}")
    english = await failing.get(f"/fail/{name}", headers={"accept-language": "en-GB"})

    assert chinese.status_code == english.status_code == status
    assert chinese.headers["content-type"].startswith("text/html")
    assert refusal.sentence("zh") in chinese.text
    assert '<html lang="en"' in english.text
    assert refusal.sentence("en") in english.text


@pytest.mark.parametrize("name", sorted(CATEGORIES))
async def test_category_has_its_status_and_a_problem_document(failing: httpx.AsyncClient, name: str) -> None:
    """A program gets the same refusal as a problem document."""
    refusal, status = CATEGORIES[name]

    answer = await failing.get(f"/fail/{name}", headers={"accept": "application/json"})

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == refusal.code
    assert (answer.json()["zh"], answer.json()["en"]) == (refusal.sentence("zh"), refusal.sentence("en"))


async def test_our_own_fault_leaks_nothing(failing: httpx.AsyncClient) -> None:
    """An unexpected failure shows an incident number, in page and problem document, and nothing of itself."""
    page = await failing.get("/fail/ours")
    problem = await failing.get("/fail/ours", headers={"accept": "application/json"})

    assert page.status_code == problem.status_code == 500
    assert SECRET not in page.text + problem.text
    assert "RuntimeError" not in page.text + problem.text
    assert problem.json()["incident"] in problem.json()["zh"]


async def test_our_own_fault_is_logged_without_values(
    failing: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message of a failure may hold personal data, so it stays out of the log."""
    await failing.get("/fail/ours")

    assert SECRET not in "".join(capsys.readouterr())


async def test_silent_partner_is_unavailable(failing: httpx.AsyncClient) -> None:
    """A partner's silence is answered as unavailable, without what he said."""
    answer = await failing.get("/fail/theirs")

    assert answer.status_code == 503
    assert SECRET not in answer.text


async def test_unknown_address_has_a_page_in_the_visitors_language(failing: httpx.AsyncClient) -> None:
    """Beyond all routes there is still an error page, with headers and language."""
    answer = await failing.get("/nothing/here", headers={"accept-language": "en"})

    assert answer.status_code == 404
    assert '<html lang="en"' in answer.text
    assert "content-security-policy" in answer.headers


async def test_wrong_method_says_which_are_taken(failing: httpx.AsyncClient) -> None:
    """A wrong method is refused as such."""
    answer = await failing.post("/fail/ours", headers={"accept": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (405, "method_wrong")
    assert "GET" in answer.headers["allow"]


async def test_wrong_query_names_its_field(failing: httpx.AsyncClient) -> None:
    """A query of another type is refused naming the field, without repeating the value."""
    answer = await failing.get("/count?times=330106199001011234x", headers={"accept": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (422, "input_malformed")
    assert answer.json()["facts"]["field"] == "times"
    assert "330106" not in answer.text


async def test_too_large_a_body_is_refused(failing: httpx.AsyncClient) -> None:
    """A body beyond the limit is refused before it is read whole."""
    answer = await failing.post("/api/sign-in", content=b"x" * (1024 * 1024 + 1))

    assert answer.status_code == 413


def test_every_refusal_of_the_product_has_a_status() -> None:
    """No refusal that is registered anywhere lacks a status."""
    assert all(400 <= status_of(refusal.__new__(refusal)) < 600 for refusal in errors.REFUSALS.values())


def test_structs_among_facts_are_readable() -> None:
    """What a refusal found stands in its facts field by field, not as one text."""
    found = Finding(
        code="reserve_below_floor", article="网拍 10", severity="blocking", zh="低于下限", en="below the floor"
    )

    assert plain((found,)) == [
        {
            "code": "reserve_below_floor",
            "article": "网拍 10",
            "severity": "blocking",
            "zh": "低于下限",
            "en": "below the floor",
            "guard": "",
        }
    ]


def test_spans_and_words_among_facts_are_readable() -> None:
    """A program reads a span as seconds, a person in words; words come in both languages, each by itself."""
    assert plain(timedelta(days=-1)) == {"seconds": -86_400, "zh": "负1天", "en": "minus 1 day"}
    assert plain(timedelta(hours=23, minutes=59)) == {
        "seconds": 86_340,
        "zh": "23小时59分钟",
        "en": "23 hours 59 minutes",
    }
    assert plain(Said("无", "none")) == {"zh": "无", "en": "none"}


def test_facts_become_plain_json() -> None:
    """Money is fen, instants are ISO, containers keep their shape, the rest is text."""
    at = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    assert plain({"a": Money(5), "b": [at], "c": frozenset({1}), "d": 2.5}) == {
        "a": 5,
        "b": ["2026-11-21T12:00:00+00:00"],
        "c": [1],
        "d": "2.5",
    }
