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
