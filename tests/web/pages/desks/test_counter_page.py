from __future__ import annotations

import httpx
import pytest

from tests.web.conftest import form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import hidden
from web.auth.sample_accounts import sample_identity_number

PATH = "/counter"
BIDDER1 = 15
"""Place of bidder1 among the sample people."""


async def filled(desk: httpx.AsyncClient, **changed: str) -> dict[str, str]:
    """Fill in the counter's form as for the sample bidder's own document."""
    page = await desk.get(PATH)
    return {
        "csrf_token": form_token(page),
        "command_id": hidden(page, "command_id"),
        "username": "bidder1",
        "document": "resident_card",
        "name": "示例巳竞买",
        "identity_number": sample_identity_number(BIDDER1),
        "compared": "true",
        **changed,
    }


async def test_clerk_verifies_an_account_by_hand(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The clerk's form verifies once, says so, and keeps the check."""
    await sign_in(desk, "clerk1")
    form = await filled(desk)

    answers = [await desk.post(PATH, data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert "身份已核验" in (await desk.get(answers[0].headers["location"])).text
    (row,) = await court.rows(
        "SELECT a.identity_verified_by FROM web.identity_check JOIN web.account a USING (account_id)"
    )
    assert row.identity_verified_by == "counter"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"compared": ""}, "form_field_needed"),
        ({"document": ""}, "form_field_needed"),
        ({"name": "别人"}, "identity_differs"),
        ({"valid_until": "2001-02-29"}, "form_day_malformed"),
        ({"document": "passport"}, "input_malformed"),
    ],
)
async def test_counter_shows_nothing_of_a_person_again(
    court: CourtWorld, desk: httpx.AsyncClient, changed: dict[str, str], code: str
) -> None:
    """A refused form names what is wrong; the name and the number that were typed do not come back."""
    await sign_in(desk, "clerk1")

    answer = await desk.post(PATH, data=await filled(desk, **changed))

    assert code in answer.text
    assert sample_identity_number(BIDDER1) not in answer.text
    assert "示例巳竞买" not in answer.text


async def test_only_clerks_stand_at_the_counter(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A bidder, a judge or an administrator gets no counter."""
    for username in ("bidder1", "judge1", "admin1"):
        desk.cookies.clear()
        await sign_in(desk, username)
        assert (await desk.get(PATH)).status_code == 403


CODE_PATH = "/counter/opening-code"
NEWCOMER = {"name": "示例新来人", "identity_number": sample_identity_number(80)}


async def code_form(desk: httpx.AsyncClient, **changed: str) -> dict[str, str]:
    """Fill in the form for an opening code as for somebody without an account."""
    page = await desk.get(CODE_PATH)
    return {
        "csrf_token": form_token(page),
        "command_id": hidden(page, "command_id"),
        "document": "resident_card",
        "compared": "true",
        **NEWCOMER,
        **changed,
    }


async def test_clerk_issues_a_code_that_is_shown_once(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The code stands on the answer itself, which nobody may keep; the same form again shows none."""
    await sign_in(desk, "clerk1")
    form = await code_form(desk)

    first, second = [await desk.post(CODE_PATH, data=form) for _ in range(2)]

    assert (first.status_code, first.headers["cache-control"]) == (200, "no-store")
    assert 'id="opening-code"' in first.text
    assert second.status_code == 200
    assert 'id="opening-code"' not in second.text
    assert "开户码不再显示" in second.text
    assert not any(said in first.text for said in NEWCOMER.values())
    assert len(await court.rows("SELECT 1 FROM web.opening_code")) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"compared": ""}, "form_field_needed"),
        ({"document": ""}, "form_field_needed"),
        ({"name": ""}, "form_field_needed"),
        ({"identity_number": "110101190001019500"}, "identity_number_invalid"),
        ({"valid_until": "2001-02-28"}, "identity_document_expired"),
        ({"name": "示例巳竞买", "identity_number": sample_identity_number(BIDDER1)}, "person_has_account"),
        ({"name": "别人", "identity_number": sample_identity_number(BIDDER1)}, "person_name_differs"),
    ],
)
async def test_code_form_shows_nothing_of_a_person_again(
    court: CourtWorld, desk: httpx.AsyncClient, changed: dict[str, str], code: str
) -> None:
    """A refused form names what is wrong, issues nothing, and gives back neither name nor number."""
    await sign_in(desk, "clerk1")
    form = await code_form(desk, **changed)

    answer = await desk.post(CODE_PATH, data=form)

    assert code in answer.text
    assert not any(form[field] and form[field] in answer.text for field in NEWCOMER)
    assert await court.rows("SELECT 1 FROM web.opening_code") == []


async def test_only_clerks_issue_codes(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A bidder, a judge or an administrator hands out no codes."""
    for username in ("bidder1", "judge1", "admin1"):
        desk.cookies.clear()
        await sign_in(desk, username)
        assert (await desk.get(CODE_PATH)).status_code == 403
