"""The administrators' desk: roles and lost second factors by two persons, on a real database and in a browser."""

from __future__ import annotations

import socket
from dataclasses import replace

import httpx
import pytest
from playwright.async_api import Browser

from tests.web.auth.factors import OWN, begin, code_at
from tests.web.auth.factors import send as act
from tests.web.conftest import RealClock, form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import hidden
from tests.web.pages.market.browsing import serving
from tests.web.pages.market.browsing import sign_in as at_desk
from tests.web.test_browser import WAYS, check, open_context
from web.auth.factors.fresh import FRESH_FOR
from web.auth.sample_accounts import SAMPLE_PASSWORD
from web.wiring import Wiring

DESK = "/administration"
ACCOUNT = f"{DESK}/account"
REASON = "手机遗失；已核对证件原件"


async def send(desk: httpx.AsyncClient, admin: str, step: str, username: str, **fields: str) -> httpx.Response:
    """Sign in as an administrator and send one form about an account."""
    desk.cookies.clear()
    await sign_in(desk, admin)
    page = await desk.get(DESK)
    shown = await desk.get(ACCOUNT, params={"username": "clerk1"})
    form = {"csrf_token": form_token(page if "csrf_token" in page.text else shown), **fields}
    return await desk.post(
        f"{ACCOUNT}/{step}", data={"command_id": hidden(shown, "command_id"), "username": username, **form}
    )


async def standing(court: CourtWorld, username: str, role: str) -> list[bool]:
    """Say of each grant of the role that has not ended whether it is confirmed."""
    rows = await court.rows(
        "SELECT g.confirmed_at IS NOT NULL AS confirmed FROM web.role_grant g JOIN web.account a USING (account_id) "
        f"WHERE a.username = '{username}' AND g.role = '{role}' AND g.ended_at IS NULL"
    )
    return [row.confirmed for row in rows]


async def test_role_takes_two_administrators_and_ends_by_one(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The first one's form proposes, also sent twice; the second one's confirms; either ends it alone."""
    for _ in range(2):
        first = await send(desk, "admin1", "grant", "clerk1", role="cashier")
        assert first.headers["location"] == f"{ACCOUNT}?username=clerk1&done=role_proposed"
    assert await standing(court, "clerk1", "cashier") == [False]
    assert "确认授予" not in (await desk.get(ACCOUNT, params={"username": "clerk1"})).text
    desk.cookies.clear()
    await sign_in(desk, "admin2")
    assert "待您确认" in (await desk.get(DESK)).text
    assert "确认授予" in (await desk.get(ACCOUNT, params={"username": "clerk1"})).text

    second = await send(desk, "admin2", "grant", "clerk1", role="cashier")

    assert second.headers["location"].endswith("done=role_confirmed")
    assert await standing(court, "clerk1", "cashier") == [True]
    await send(desk, "admin1", "end", "clerk1", role="cashier")
    assert await standing(court, "clerk1", "cashier") == []


@pytest.mark.parametrize(
    ("step", "username", "fields", "code"),
    [
        ("grant", "admin2", {"role": "clerk"}, "role_not_grantable"),
        ("grant", "admin1", {"role": "clerk"}, "role_not_grantable"),
        ("grant", "clerk1", {"role": "system"}, "form_field_needed"),
        ("grant", "clerk1", {}, "form_field_needed"),
        ("grant", "nobody9", {"role": "cashier"}, "account_unknown"),
        ("end", "admin1", {"role": "administrator"}, "role_not_grantable"),
        ("reset", "admin1", {"reason": REASON}, "own_factors_not_reset"),
        ("reset", "clerk1", {"reason": " "}, "factor_reset_reason_needed"),
    ],
)
async def test_refused_step_changes_nothing(
    court: CourtWorld, desk: httpx.AsyncClient, step: str, username: str, fields: dict[str, str], code: str
) -> None:
    """An administrator gets no office, nobody acts on himself; the page says why and nothing is written."""
    count = "SELECT (SELECT count(*) FROM web.role_grant WHERE ended_at IS NULL) AS g, (SELECT count(*) FROM web.factor_reset) AS r"
    before = await court.rows(count)

    answer = await send(desk, "admin1", step, username, **fields)

    assert answer.status_code in {403, 404, 409, 422}
    assert code in answer.text
    assert await court.rows(count) == before


async def test_reset_takes_two_administrators(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The second administrator reads the first one's reason and gives his own; then it is done, and nothing waits."""
    first = await send(desk, "admin1", "reset", "judge1", reason=REASON)
    again = await send(desk, "admin1", "reset", "judge1", reason=REASON)
    desk.cookies.clear()
    await sign_in(desk, "admin2")
    read = (await desk.get(ACCOUNT, params={"username": "judge1"})).text
    second = await send(desk, "admin2", "reset", "judge1", reason=REASON)

    assert [one.headers["location"].rsplit("=", 1)[1] for one in (first, again, second)] == [
        "factors_proposed",
        "factors_proposed",
        "factors_confirmed",
    ]
    assert REASON in read
    assert REASON not in (await desk.get(DESK)).text


@pytest.mark.parametrize(
    ("step", "fields"), [("grant", {"role": "cashier"}), ("end", {"role": "clerk"}), ("reset", {"reason": REASON})]
)
async def test_step_takes_the_second_factor_again(
    court: CourtWorld, desk: httpx.AsyncClient, real_clock: RealClock, step: str, fields: dict[str, str]
) -> None:
    """A session that somebody left open gives nobody an office: ten minutes after a code the step is refused, and nothing is written."""
    count = "SELECT (SELECT count(*) FROM web.role_grant WHERE ended_at IS NULL) AS g, (SELECT count(*) FROM web.factor_reset) AS r"
    before = await court.rows(count)
    desk.cookies.clear()
    await sign_in(desk, "admin1")
    secret = await begin(desk, SAMPLE_PASSWORD)
    await act(desk, f"{OWN}/confirm", code=code_at(secret, real_clock.now))
    shown = await desk.get(ACCOUNT, params={"username": "clerk1"})
    form = {"csrf_token": form_token(shown), "command_id": hidden(shown, "command_id"), "username": "clerk1", **fields}
    real_clock.forward(FRESH_FOR)

    refused = await desk.post(f"{ACCOUNT}/{step}", data=form)

    assert refused.status_code == 403
    assert "second_factor_stale" in refused.text
    assert await court.rows(count) == before
    await act(desk, f"{OWN}/prove", code=code_at(secret, real_clock.now))
    assert (await desk.post(f"{ACCOUNT}/{step}", data=form)).status_code == 303
    assert await court.rows(count) != before


async def test_desk_lists_offices_and_no_bidder(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Bidders and parties are found by their whole username alone; officers of the court have no such desk."""
    await sign_in(desk, "admin1")
    page = (await desk.get(DESK)).text
    assert "judge1" in page
    assert "bidder1" not in page
    assert "party1" not in page
    assert (await desk.get(ACCOUNT, params={"username": "bidder1"})).status_code == 200
    assert (await desk.get(ACCOUNT, params={"username": "bidder"})).status_code == 404
    for username in ("judge1", "president1", "bidder1"):
        desk.cookies.clear()
        await sign_in(desk, username)
        assert (await desk.get(DESK)).status_code == 403


@pytest.mark.browser
@pytest.mark.languages
async def test_administrator_in_a_browser(
    court: CourtWorld, desks: Wiring, desk: httpx.AsyncClient, browser: Browser
) -> None:
    """Desk, account with what waits, a refused form: both languages, both widths, axe."""
    await send(desk, "admin2", "grant", "clerk1", role="cashier")
    await send(desk, "admin2", "reset", "clerk1", reason=REASON)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with serving(replace(desks, settings=replace(desks.settings, site_url=url)), listening):
        for locale, width in WAYS:
            context = await open_context(browser, width, locale)
            page = await context.new_page()
            await at_desk(page, url, "admin1", DESK)
            await check(page, f"administration-{locale}-both", dark=True)
            await page.fill("#username", "clerk1")
            await page.click(f"form[action='{ACCOUNT}'] button")
            await page.wait_for_selector("#reason")
            await check(page, f"administration-account-{locale}-both", dark=True)
            await page.click(f"form[action='{ACCOUNT}/reset'] button")
            await page.wait_for_selector(".govuk-error-summary")
            await check(page, f"administration-refused-{locale}-both")
            await context.close()
