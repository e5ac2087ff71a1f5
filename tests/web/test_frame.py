"""The frame: whom routes are for, form tokens, headers, health, metrics, and the API's own description."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest
from litestar import get, post
from sqlalchemy import text

from auction.kernel.actors import Role
from auction.kernel.errors import SettingInvalid
from bidding.live.nodes import Nodes
from tests.web.conftest import ClientMaker, bearer, form_token, sign_in
from web.app import create_app
from web.auth.guards import PUBLIC, SIGNED_IN, RouteUndeclared, roles
from web.client_address import client_address
from web.wiring import Wiring, build_wiring, check_installation


@get("/undeclared", sync_to_thread=False)
def undeclared() -> str:
    """Say nothing of whom it is for."""
    return "open to all by mistake"


@get("/for-finance", opt=dict(roles(Role.FINANCE)), sync_to_thread=False)
def for_finance() -> str:
    """Be for finance."""
    return "finance"


@post("/callback", opt={**PUBLIC, "no_form_token": "signed call"}, sync_to_thread=False)
def callback() -> str:
    """Take a call of a program that signs it."""
    return "taken"


@post("/anybody", opt=dict(SIGNED_IN), sync_to_thread=False)
def anybody() -> str:
    """Be for everybody with an account."""
    return "done"


ROUTES = (for_finance, callback, anybody)


@pytest.fixture
async def framed(wiring: Wiring, client_of: ClientMaker) -> httpx.AsyncClient:
    """A site with a few more routes."""
    return client_of(replace(wiring, routes=ROUTES))


async def test_undeclared_route_stops_the_start(wiring: Wiring) -> None:
    """A site with a route that does not say whom it is for is not built."""
    with pytest.raises(RouteUndeclared, match="GET /undeclared"):
        create_app(replace(wiring, routes=(undeclared,)))


async def test_declared_role_opens_and_others_stay_out(framed: httpx.AsyncClient) -> None:
    """A route is open to its roles, closed to nobody-signed-in and to other roles."""
    nobody = await framed.get("/for-finance")
    await sign_in(framed, "clerk1")
    clerk = await framed.get("/for-finance")
    finance = await framed.get("/for-finance", headers=await bearer(framed, "finance1"))

    assert (nobody.status_code, clerk.status_code, finance.status_code) == (401, 403, 200)


async def test_page_for_signed_in_leads_through_sign_in_and_back(framed: httpx.AsyncClient) -> None:
    """Whoever opens a page without a session gets the sign-in form, and then that page."""
    form = await framed.get("/account?from=mail")

    assert form.status_code == 401
    assert 'name="next" value="/account?from=mail"' in form.text


async def test_unsafe_request_without_token_is_refused(framed: httpx.AsyncClient) -> None:
    """A browser's POST needs the form token of its own session: none, a foreign and an old one are refused."""
    before = form_token(await framed.get("/sign-in"))
    await sign_in(framed, "clerk1")
    own = form_token(await framed.get("/account"))

    assert (await framed.post("/anybody")).status_code == 403
    assert (await framed.post("/anybody", data={"csrf_token": "0" * 64})).status_code == 403
    assert (await framed.post("/anybody", data={"csrf_token": before})).status_code == 403
    assert (await framed.post("/anybody", data={"csrf_token": own})).status_code == 201
    assert (await framed.post("/anybody", headers={"x-csrf-token": own})).status_code == 201


async def test_sign_in_form_of_another_browser_is_refused(framed: httpx.AsyncClient) -> None:
    """A sign-in form that another browser got does not sign this one in (login forgery)."""
    foreign = form_token(await framed.get("/sign-in"))
    framed.cookies.clear()
    answer = await framed.post(
        "/sign-in", data={"username": "judge1", "password": "fapai-sample-2026", "csrf_token": foreign}
    )

    assert answer.status_code == 403


async def test_request_that_comes_from_another_site_is_refused(framed: httpx.AsyncClient) -> None:
    """The browser's own word that another site sent the request is enough to refuse it."""
    await sign_in(framed, "clerk1")
    own = form_token(await framed.get("/account"))

    answer = await framed.post("/anybody", data={"csrf_token": own}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


async def test_exempt_callback_needs_no_token(framed: httpx.AsyncClient) -> None:
    """A route that says why takes a program's call without a form token."""
    assert (await framed.post("/callback")).status_code == 201


async def test_every_answer_carries_the_security_headers(site: httpx.AsyncClient) -> None:
    """Pages, errors and files carry the policy; it allows the gateway's socket and no inline script but ours."""
    for path in ("/", "/nothing", "/static/js/site.js", "/health/live"):
        answer = await site.get(path)
        policy = answer.headers["content-security-policy"]
        assert "connect-src 'self' ws://127.0.0.1:8001" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    page = await site.get("/")
    nonce = re.search(r"'nonce-([^']+)'", page.headers["content-security-policy"])
    assert nonce is not None
    assert page.text.count("<script") == page.text.count(f'nonce="{nonce[1]}"') + len(
        re.findall(r"<script[^>]* src=\"/static/", page.text)
    )
    assert " style=" not in page.text


async def test_page_of_a_session_is_not_kept_by_caches(site: httpx.AsyncClient) -> None:
    """What is shown to an account stays out of every cache."""
    await sign_in(site, "judge1")

    assert (await site.get("/account")).headers["cache-control"] == "no-store"


async def test_health_tells_which_server_is_away(wiring: Wiring, client_of: ClientMaker) -> None:
    """Ready while both servers answer; 503 naming Redis when it is gone."""
    async with client_of(wiring) as client:
        ready = await client.get("/health/ready")
    gone = Nodes("redis://127.0.0.1:1")
    async with client_of(replace(wiring, nodes=gone)) as client:
        away = await client.get("/health/ready")
        live = await client.get("/health/live")
    await gone.close()

    assert (ready.status_code, ready.json()) == (200, {"postgres": True, "redis": True})
    assert (away.status_code, away.json()) == (503, {"postgres": True, "redis": False})
    assert live.status_code == 200


async def test_metrics_are_for_this_machine_only(wiring: Wiring, client_of: ClientMaker) -> None:
    """A process of this machine reads the counters, labelled by route; a stranger or a proxied caller does not."""
    stranger = await client_of(wiring).get("/metrics")
    app = create_app(wiring)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 5000))  # type: ignore[arg-type] # Litestar's types
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as near:
        await near.get("/health/live")
        counted = await near.get("/metrics")
        proxied = await near.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"})

    assert (stranger.status_code, proxied.status_code) == (403, 403)
    assert 'fapai_http_requests_total{method="GET",route="/health/live",status="200"} 1.0' in counted.text


async def test_api_description_comes_from_this_site_alone(site: httpx.AsyncClient) -> None:
    """The description and its page name no other host, and every file that the page asks for is there."""
    for path in ("/schema", "/schema/swagger"):
        page = (await site.get(path)).text
        assert "//" not in page.replace("<!doctype", ""), page
        for address in re.findall(r'(?:src|href|data-schema)="([^"]+)"', page):
            assert (await site.get(address)).status_code == 200, address
    assert "https://" not in (await site.get("/schema/openapi.json")).text


async def test_database_with_another_stamp_is_not_served(wiring: Wiring) -> None:
    """Settings that call a test database something else stop the start."""
    demo = replace(wiring, settings=replace(wiring.settings, stamp="demo"))

    with pytest.raises(SettingInvalid, match="stamped test"):
        await check_installation(demo)


async def test_start_looks_at_the_database_first(wiring: Wiring) -> None:
    """The application itself does not start on a database that is stamped otherwise, and starts on its own."""
    demo = create_app(replace(wiring, settings=replace(wiring.settings, stamp="demo")))
    with pytest.RaisesGroup(pytest.RaisesExc(SettingInvalid, match="stamped test")):
        async with demo.lifespan():
            pass

    async with create_app(wiring).lifespan():
        pass


async def test_sample_accounts_are_not_served_beyond_loopback(wiring: Wiring) -> None:
    """With sample accounts the site listens on loopback only; without, anywhere."""
    wide = replace(wiring, settings=replace(wiring.settings, bind_host="0.0.0.0"))  # noqa: S104 - what is refused
    with pytest.raises(SettingInvalid, match="loopback"):
        await check_installation(wide)

    await check_installation(wiring)


async def test_wiring_needs_its_secret(wiring: Wiring) -> None:
    """A secret shorter than 32 bytes stops the start."""
    with pytest.raises(SettingInvalid, match="FAPAI_SECRET"):
        build_wiring(replace(wiring.settings, secret="5a" * 31))

    built = build_wiring(replace(wiring.settings, secret="5a" * 32))
    await built.close()


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "not an address", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_client_address_believes_trusted_proxies_only(peer: str, forwarded: str, expected: str) -> None:
    """The forwarded address counts from the right, as far as proxies are trusted."""
    from litestar.testing import RequestFactory  # noqa: PLC0415 - only here

    request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded})
    request.scope["client"] = (peer, 5000)

    assert client_address(request, frozenset({"10.0.0.1", "10.0.0.2"})) == expected


async def test_pages_are_stamped(site: httpx.AsyncClient) -> None:
    """Every page of an installation that only pretends says so, error pages too."""
    for path in ("/", "/nothing", "/sign-in"):
        assert "测试环境" in (await site.get(path)).text


async def test_session_store_fault_is_an_answer(wiring: Wiring, client_of: ClientMaker) -> None:
    """When the session cannot be looked up, the visitor still gets an answer with an incident number."""
    async with client_of(wiring) as client:
        await sign_in(client, "judge1")
        async with wiring.db.transaction() as tx:
            await tx.session.execute(text("ALTER TABLE web.session RENAME TO session_away"))
        answer = await client.get("/account")

    assert answer.status_code == 500
    assert "session_away" not in answer.text
