"""Sign-in sessions through the site: rotation, expiry, sign-out, and what a cookie carries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
from sqlalchemy import text

from tests.web.conftest import ClientMaker, RealClock, bearer, form_token, sign_in
from web.auth.sessions import ABSOLUTE_LIMIT, IDLE_LIMIT, hash_of
from web.visit import SessionHash
from web.wiring import Wiring

COOKIE = "fapai_session"


async def test_sign_in_opens_the_account_page(site: httpx.AsyncClient) -> None:
    """The right password leads on to the page that was asked for, signed in."""
    answer = await sign_in(site, "judge1", next_path="/account")

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    page = await site.get("/account")
    assert page.status_code == 200
    assert "judge1" in page.text


async def test_wrong_password_shows_the_form_again(site: httpx.AsyncClient) -> None:
    """A wrong password says that one of the two is wrong, and gives no session."""
    answer = await sign_in(site, "judge1", "certainly not this one")

    assert answer.status_code == 401
    assert "用户名或密码不正确" in answer.text
    assert COOKIE not in site.cookies


async def test_unknown_username_is_answered_like_a_wrong_password(site: httpx.AsyncClient) -> None:
    """Whether an account exists cannot be told from the answer."""
    wrong = await sign_in(site, "judge1", "certainly not this one")
    unknown = await sign_in(site, "nobody", "certainly not this one")

    assert wrong.status_code == unknown.status_code == 401
    assert "用户名或密码不正确" in unknown.text


async def test_session_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(site: httpx.AsyncClient) -> None:
    """The session's cookie is HttpOnly and SameSite=Lax."""
    answer = await sign_in(site, "judge1")

    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(f"{COOKIE}="))
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


async def test_sign_in_replaces_a_token_that_was_there_before(site: httpx.AsyncClient, wiring: Wiring) -> None:
    """A token planted in the browser is not adopted, and signing in again ends the session before (fixation)."""
    site.cookies.set(COOKIE, "planted-by-somebody-else", domain="127.0.0.1")
    await sign_in(site, "judge1")
    first = site.cookies[COOKIE]
    token = form_token(await site.get("/account"))
    await site.post("/sign-in", data={"username": "clerk1", "password": "fapai-sample-2026", "csrf_token": token})

    assert first != "planted-by-somebody-else"
    assert site.cookies[COOKIE] != first
    site.cookies.set(COOKIE, first, domain="127.0.0.1")
    async with wiring.db.reading() as tx:
        running = await tx.session.scalar(text("SELECT count(*) FROM web.session WHERE ended_at IS NULL"))
    assert running == 1


async def test_token_is_stored_only_as_its_hash(site: httpx.AsyncClient, wiring: Wiring) -> None:
    """Whoever reads the database cannot sign in with what stands there."""
    await sign_in(site, "judge1")

    async with wiring.db.reading() as tx:
        stored = await tx.session.scalar(text("SELECT encode(session_hash, 'escape') FROM web.session"))
    assert site.cookies[COOKIE] not in str(stored)


async def test_idle_session_ends_at_its_limit(site: httpx.AsyncClient, real_clock: RealClock) -> None:
    """A session that nobody uses ends at the idle limit: not a second before, and at the limit itself."""
    await sign_in(site, "judge1")
    real_clock.forward(IDLE_LIMIT - timedelta(seconds=1))
    before = await site.get("/account")
    real_clock.forward(IDLE_LIMIT)
    at_limit = await site.get("/account")

    assert (before.status_code, at_limit.status_code) == (200, 401)


async def test_busy_session_ends_at_the_absolute_limit(site: httpx.AsyncClient, real_clock: RealClock) -> None:
    """A session in constant use still ends at the absolute limit."""
    await sign_in(site, "judge1")
    step = timedelta(minutes=45)
    for _ in range(int(ABSOLUTE_LIMIT / step) - 1):
        real_clock.forward(step)
        assert (await site.get("/account")).status_code == 200
    real_clock.forward(step)

    assert (await site.get("/account")).status_code == 401


async def test_sign_out_ends_the_session_for_good(site: httpx.AsyncClient) -> None:
    """After signing out, the old cookie opens nothing."""
    await sign_in(site, "judge1")
    token = site.cookies[COOKIE]
    answer = await site.post("/sign-out", data={"csrf_token": form_token(await site.get("/account"))})
    site.cookies.set(COOKIE, token, domain="127.0.0.1")

    assert answer.status_code == 303
    assert (await site.get("/account")).status_code == 401


async def test_sign_out_ends_what_hangs_on_the_session(wiring: Wiring, client_of: ClientMaker) -> None:
    """What was handed out under a session is told of its end, by page and by API; a silent Redis keeps nobody in."""
    told: list[bytes] = []

    async def follow(session_hash: SessionHash) -> None:
        told.append(session_hash)
        raise ConnectionError

    async with client_of(replace(wiring, session_ended=(follow,))) as client:
        await sign_in(client, "judge1")
        token = client.cookies[COOKIE]
        answer = await client.post("/sign-out", data={"csrf_token": form_token(await client.get("/account"))})
        headers = await bearer(client, "clerk1")
        await client.post("/api/sign-out", headers=headers)

    assert answer.status_code == 303
    assert told == [hash_of(token), hash_of(headers["authorization"].removeprefix("Bearer "))]


async def test_browser_token_is_no_bearer_token(site: httpx.AsyncClient) -> None:
    """A token stolen from the cookie does not open the API, which asks for no form token."""
    await sign_in(site, "judge1")

    answer = await site.get("/api/account", headers={"authorization": f"Bearer {site.cookies[COOKIE]}"})
    assert answer.status_code == 401


async def test_program_signs_in_and_out(site: httpx.AsyncClient) -> None:
    """A bearer token opens the API until its sign-out."""
    headers = await bearer(site, "finance1")
    found = await site.get("/api/account", headers=headers)
    left = await site.post("/api/sign-out", headers=headers)

    assert found.json()["roles"] == ["finance"]
    assert left.status_code == 204
    assert (await site.get("/api/account", headers=headers)).status_code == 401


async def test_ended_role_is_gone_at_the_next_request(site: httpx.AsyncClient, wiring: Wiring) -> None:
    """Roles are read with every request, so an ended role opens nothing any more."""
    headers = await bearer(site, "finance1")
    async with wiring.db.transaction() as tx:
        await tx.session.execute(text("UPDATE web.role_grant SET ended_at = now() WHERE role = 'finance'"))

    assert (await site.get("/api/account", headers=headers)).json()["roles"] == []


async def test_next_path_never_leads_to_another_site(site: httpx.AsyncClient) -> None:
    """Whatever ``next`` says, sign-in goes on within this site."""
    for path in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        answer = await sign_in(site, "judge1", next_path=path)
        assert answer.headers["location"] == "/"


async def test_https_site_marks_its_cookies_secure(wiring: Wiring, client_of: ClientMaker) -> None:
    """Over HTTPS cookies are Secure, the session's carries the host prefix, and HSTS is announced."""
    secure = replace(wiring, settings=replace(wiring.settings, site_url="https://fapai.example"))
    async with client_of(secure) as client:
        client.base_url = httpx.URL("https://127.0.0.1:8000")
        answer = await sign_in(client, "judge1")

    session = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-fapai_session="))
    assert "Secure" in session
    assert answer.headers["strict-transport-security"].startswith("max-age=")
