"""The session's end: asked without using it, extended by being seen, never beyond the longest time; and the way back after signing in."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote, urlencode

import httpx
import pytest
from playwright.async_api import Browser

from tests.web.conftest import RealClock, form_token, sign_in
from tests.web.test_browser import check, open_context, site_url
from web.auth.sample_accounts import SAMPLE_PASSWORD
from web.auth.sessions import ABSOLUTE_LIMIT, IDLE_LIMIT
from web.forms import PATH_MAX, safe_path

__all__ = ["site_url"]
LEFT = "/account/session"
S = timedelta(seconds=1)


async def left(client: httpx.AsyncClient) -> dict[str, object]:
    """Ask how long is left."""
    answer = await client.get(LEFT, headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text
    said: dict[str, object] = answer.json()
    return said


async def extend(client: httpx.AsyncClient, token: str) -> httpx.Response:
    """Ask to stay."""
    return await client.post(f"{LEFT}/extend", data={"csrf_token": token}, headers={"accept": "application/json"})


async def test_asking_is_no_use_of_the_session(site: httpx.AsyncClient, real_clock: RealClock) -> None:
    """However often it is asked, the session ends as it would have, to the second."""
    await sign_in(site, "judge1")
    at_first = await left(site)
    said = []
    for passed in (IDLE_LIMIT - timedelta(minutes=5), timedelta(minutes=4), timedelta(seconds=59)):
        real_clock.forward(passed)
        said.append((await left(site))["left_s"])
    real_clock.forward(S)
    over = await site.get(LEFT, headers={"accept": "application/json"})

    assert at_first == {"left_s": 3600, "may_extend": True}
    assert said == [300, 60, 1]
    assert (over.status_code, over.json()["code"]) == (401, "sign_in_needed")


async def test_extending_is_being_seen(site: httpx.AsyncClient, real_clock: RealClock) -> None:
    """In the last second it brings the whole hour back; a second later there is nothing to extend; without the form's token it is refused."""
    await sign_in(site, "judge1")
    token = form_token(await site.get("/account"))
    real_clock.forward(IDLE_LIMIT - S)
    refused = await extend(site, "another token")
    extended = await extend(site, token)
    real_clock.forward(IDLE_LIMIT)
    late = await extend(site, token)

    assert refused.status_code == 403
    assert extended.json() == {"left_s": 3600, "may_extend": True}
    assert late.status_code == 401


async def test_nobody_stays_beyond_the_longest_time(site: httpx.AsyncClient, real_clock: RealClock) -> None:
    """Near the twelfth hour extending brings what is left of it, and says before that it brings no more."""
    await sign_in(site, "judge1")
    token = form_token(await site.get("/account"))
    step = timedelta(minutes=50)
    for _ in range(int((ABSOLUTE_LIMIT - IDLE_LIMIT) / step)):
        real_clock.forward(step)
        assert (await extend(site, token)).json()["may_extend"] is True
    real_clock.forward(step)
    last = (await extend(site, token)).json()
    again = (await extend(site, token)).json()

    assert last["may_extend"] is False
    assert last["left_s"] < IDLE_LIMIT.total_seconds()
    assert again == last


async def test_pages_say_how_long_is_left_to_whoever_is_signed_in(
    site: httpx.AsyncClient, real_clock: RealClock
) -> None:
    """The page carries the seconds that the site counts; nobody else gets the warning's script."""
    before = (await site.get("/")).text
    await sign_in(site, "judge1")
    real_clock.forward(timedelta(minutes=30))
    after = (await site.get("/account")).text

    assert "data-idle" not in before
    assert 'data-idle="3600"' in after, "this very request is a use"


# The way back -------------------------------------------------------------------------------------------------------


def next_in(page: httpx.Response) -> str:
    """Give where the last form of a page goes on to; the first one chooses the language."""
    return page.text.split('name="next" value="')[-1].split('"')[0].replace("&amp;", "&")


async def test_a_long_search_is_not_lost_by_signing_in(site: httpx.AsyncClient) -> None:
    """A search of forty Chinese characters is followed after signing in: its address stays whole."""
    search = urlencode({"search": urlencode({"q": "朝阳区示例路一号住宅" * 4, "class": "home", "sort": "newest"})})
    wanted = f"/account?{search}"
    asked = await site.get(wanted)
    form = {"username": "bidder1", "password": SAMPLE_PASSWORD, "next": next_in(asked), "csrf_token": form_token(asked)}
    entered = await site.post("/sign-in", data=form)

    assert asked.status_code == 401
    assert len(wanted) > 500
    assert (entered.status_code, entered.headers["location"]) == (303, wanted)


async def test_links_to_sign_in_and_to_an_account_say_where_from(site: httpx.AsyncClient) -> None:
    """The header's link, the link to a new account and its page all carry the page on which one was."""
    page = await site.get("/nothing?from=here&to=there")
    to_open = await site.get("/sign-in?next=/account%3Fa%3Db")
    opening = await site.get("/open-account?next=/account")
    evil = await site.get("/open-account?next=//evil.example")

    assert f'href="/sign-in?next={quote("/nothing?from=here&to=there")}"' in page.text
    assert 'href="/open-account?next=/account%3Fa%3Db"' in to_open.text
    assert next_in(opening) == "/account"
    assert next_in(evil) == "/"


async def test_form_of_an_ended_session_leads_back_to_its_page(site: httpx.AsyncClient) -> None:
    """A form that was sent after the end goes on to the page that it stood on; one of another site does not."""
    headers = {"referer": "http://127.0.0.1:8000/account?x=1", "sec-fetch-site": "same-origin"}
    own = await site.post("/account/sessions/end", data={}, headers=headers)
    foreign = await site.post(
        "/account/sessions/end", data={}, headers={"referer": "https://evil.example/account", "sec-fetch-site": "none"}
    )

    assert (own.status_code, foreign.status_code) == (401, 401)
    assert (next_in(own), next_in(foreign)) == ("/account?x=1", "/")


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/" + "a" * (PATH_MAX - 1), True),
        ("/" + "a" * PATH_MAX, False),
        ("//evil.example", False),
        ("https://evil.example", False),
        ("/a\\b", False),
        ("/a\nb", False),
    ],
)
def test_only_own_addresses_are_gone_on_to(path: str, safe: bool) -> None:
    """An address of this site, up to its length, and nothing else."""
    assert safe_path(path) == (path if safe else "/")


@pytest.mark.browser
@pytest.mark.languages
@pytest.mark.parametrize(("locale", "width"), [("zh", 320), ("en", 1440)])
async def test_idle_visitor_is_warned_and_stays(
    site_url: str, browser: Browser, real_clock: RealClock, locale: str, width: int
) -> None:
    """Five minutes before the end a bar says so to ears too; one press stays; after the end it leads back, and what was typed is there."""
    context = await open_context(browser, width, locale)
    page = await context.new_page()
    await page.clock.install()
    await page.goto(f"{site_url}/sign-in?next=/account")
    await page.fill("#username", "judge1")
    await page.fill("#password", SAMPLE_PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/account")
    bar = page.locator(".fapai-idle")
    assert await bar.is_hidden()

    async def idle(by: timedelta) -> None:
        real_clock.forward(by)
        await page.clock.fast_forward(int(by.total_seconds() * 1000))

    await idle(IDLE_LIMIT - timedelta(minutes=5))
    await bar.wait_for(state="visible")
    assert await page.locator(".fapai-idle [role=alert]").inner_text() != ""
    await check(page, f"idle-soon-{locale}-both", dark=True)
    await bar.locator("button").click()
    await bar.wait_for(state="hidden")
    await idle(IDLE_LIMIT - timedelta(minutes=5))
    await bar.wait_for(state="visible")
    await idle(timedelta(minutes=5))
    await idle(timedelta(seconds=5))
    await bar.locator("a").wait_for(state="visible")
    await check(page, f"idle-over-{locale}-both")
    await bar.locator("a").click()
    await page.wait_for_selector("#username")

    assert page.url.endswith("/sign-in?next=/account")
    await context.close()
