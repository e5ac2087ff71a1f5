from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.web.conftest import bearer, form_token, sign_in


async def test_nul_in_an_address_is_refused(site: httpx.AsyncClient) -> None:
    """A NUL, which no text of the database holds, is refused before any page looks at it."""
    answers = [await site.get(path) for path in ("/sign-in?next=%00", "/sign-in?%00=q", "/?lang=z%00")]

    assert [answer.status_code for answer in answers] == [422, 422, 422]


async def test_nul_in_a_form_is_refused(site: httpx.AsyncClient) -> None:
    """A form with a NUL is refused, naming its field; without it, it is read."""
    token = form_token(await site.get("/sign-in"))
    form = {"username": "nobody\x00", "password": "x", "csrf_token": token}
    refused = await site.post("/sign-in", data=form, headers={"accept": "application/json"})

    assert refused.status_code == 422
    assert refused.json()["facts"]["field"] == "username"
    assert (await sign_in(site, "clerk1")).status_code == 303


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
async def test_nul_in_json_is_refused(site: httpx.AsyncClient, content_type: str) -> None:
    """An escaped NUL is refused however the body is labelled."""
    headers = {"accept": "application/json", "content-type": content_type}
    body = r'{"username": "a\u0000", "password": "x"}'
    answer = await site.post("/api/sign-in", content=body, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["code"] == "input_malformed"


async def test_escaped_backslash_is_no_nul(site: httpx.AsyncClient) -> None:
    """Six characters that only look like a NUL are a text like any other."""
    headers = await bearer(site, "clerk1")
    body = r'{"command_id": "x\\u0000"}'
    answer = await site.post("/api/sale/serve", content=body, headers=headers)

    assert answer.json()["facts"].get("reason") != "NUL"


async def test_form_token_is_another_each_time_and_each_is_taken(site: httpx.AsyncClient) -> None:
    """No two answers hold the same token, so that a compressed page tells nothing of it; either opens its form."""
    first, second = [form_token(await site.get("/sign-in")) for _ in range(2)]

    assert first != second
    for token in (first, second):
        form = {"username": "nobody", "password": "x", "csrf_token": token}
        assert (await site.post("/sign-in", data=form)).status_code == 401


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: t + "0", lambda t: t[64:], lambda t: "é" + t[1:], str.upper]
)
async def test_form_token_that_was_touched_is_refused(site: httpx.AsyncClient, spoil: Callable[[str], str]) -> None:
    """A token is taken whole, as it was given, or not at all."""
    token = spoil(form_token(await site.get("/sign-in")))
    answer = await site.post("/sign-in", data={"username": "nobody", "password": "x", "csrf_token": token})

    assert answer.status_code == 403
