"""The published guards, a refusal with its guard, the objection, and joint bidders: over HTTP and in a real browser."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from playwright.async_api import Browser

from auction.law.guards import GUARDS
from tests.auction.sale.guards.test_doors import AGENT
from tests.web.conftest import sign_in as sign_in_client
from tests.web.pages.market.browsing import serving, sign_in
from tests.web.pages.market.market import Market
from tests.web.test_browser import WAYS, check, open_context
from web.wiring import Wiring


async def test_guards_are_published_for_everybody(visitor: httpx.AsyncClient) -> None:
    """Page and JSON give every guard in every version without an account."""
    page = await visitor.get("/guards")
    found = (await visitor.get("/guards.json")).json()

    assert page.status_code == 200
    assert {one["number"] for one in found["guards"]} == {guard.number for guard in GUARDS.every}
    assert len(found["guards"]) == len(GUARDS.every)
    assert all(f'id="{guard.number}"' in page.text for guard in GUARDS.every)


async def test_lot_names_its_guards(visitor: httpx.AsyncClient, market: Market) -> None:
    """The lot's page links each guard of registration and bidding; the notice names number and version."""
    await market.announce()

    page = (await visitor.get(market.lot_url)).text

    assert 'href="/guards#G16"' in page
    assert "G16（2）" in page


async def test_api_refusal_names_its_guard(bidder: httpx.AsyncClient, market: Market) -> None:
    """A program is told number, remedy and where to object; the person finds the refusal at his own desk."""
    await market.announce()
    await market.sale.register(market.people["bidder2"], agent=AGENT)
    await sign_in_client(bidder, "bidder1")
    page = await bidder.get(f"{market.lot_url}/register")
    form = {
        name: page.text.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("command_id", "registration_id", "csrf_token")
    }
    agent = {"agent_name": AGENT.name, "agent_number": AGENT.identity_number, "agent_document": AGENT.document_ref}
    refused = await bidder.post(f"{market.lot_url}/register", data=form | agent | {"accepts": "yes"})
    mine = await bidder.get("/my/refusals")

    assert refused.status_code == 409
    assert 'href="/guards#G17"' in refused.text
    assert 'href="/my/refusals"' in refused.text
    assert "G17" in mine.text


@pytest.fixture
async def market_url(market_wiring: Wiring) -> AsyncIterator[str]:
    """The site on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    wired = replace(market_wiring, settings=replace(market_wiring.settings, site_url=url))
    async with serving(wired, listening):
        yield url


@pytest.mark.browser
async def test_guards_and_objection_in_a_browser(market_url: str, browser: Browser, market: Market) -> None:
    """The register, the refused registrations with the form of an objection, and the form of joint bidders pass axe and reflow."""
    await market.announce()
    await market.sale.register(market.people["bidder2"], agent=AGENT)
    own = await market.register("bidder1")
    for locale, width in WAYS:
        context = await open_context(browser, width, locale)
        page = await context.new_page()
        await page.goto(f"{market_url}/guards")
        await check(page, f"guards-{locale}-both")
        await sign_in(page, market_url, "bidder1", "/my")
        await page.goto(f"{market_url}/my/registrations/{own.registration_id}/joint")
        await check(page, f"joint-{locale}-both")
        await context.close()
        context = await open_context(browser, width, locale)
        page = await context.new_page()
        await sign_in(page, market_url, "bidder3", "/my")
        await page.goto(f"{market_url}{market.lot_url}/register")
        await page.check("#accepts")
        await page.click("summary")
        await page.fill("#agent_name", AGENT.name)
        await page.fill("#agent_number", AGENT.identity_number)
        await page.fill("#agent_document", AGENT.document_ref)
        await page.click("main form button.govuk-button >> nth=-1")
        await page.wait_for_selector("#guard")
        await check(page, f"register-refused-{locale}-both")
        await page.goto(f"{market_url}/my/refusals")
        await check(page, f"refusals-{locale}-both")
        await context.close()
