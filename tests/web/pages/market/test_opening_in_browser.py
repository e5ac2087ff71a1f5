"""From the counter to the registration, in a real browser: a tenant on file gets his account and his right counts."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Browser, Page

from auction.kernel.db import Transaction
from auction.kernel.ids import PersonId
from auction.kernel.persons import record_person
from tests.web.pages.market.browsing import serving, sign_in
from tests.web.pages.market.market import Market
from tests.web.test_browser import WIDTHS, check, open_context
from web.auth.sample_accounts import sample_identity_number
from web.pages.court.routes import COURT_ENTRIES, COURT_PAGES
from web.wiring import Wiring

pytestmark = pytest.mark.browser

NAME = "周租户"
NUMBER = sample_identity_number(70)
PASSWORD = "correct horse battery"


@pytest.fixture
async def house_url(market_wiring: Wiring) -> AsyncIterator[str]:
    """The site with the market and the counter on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    wired = replace(
        market_wiring,
        settings=replace(market_wiring.settings, site_url=url),
        routes=(*market_wiring.routes, *COURT_PAGES),
        entries=COURT_ENTRIES,
    )
    async with serving(wired, listening):
        yield url


async def _tenant(market: Market) -> PersonId:
    """Put a tenant on file whose right of first refusal in the lot is confirmed."""

    async def record(tx: Transaction) -> PersonId:
        return await record_person(tx, kind="natural", name=NAME, identity_number=NUMBER, masked="周**")

    tenant = await market.sale.db.transact(record)
    await market.sale.rows(
        "INSERT INTO sale.first_refusal (lot_id, person_id, basis, rank, question_id, confirmed_at) "
        "SELECT :lot, :person, 'tenant', 1, question_id, put_at FROM sale.question LIMIT 1 RETURNING 1",
        lot=market.sale.lot_id,
        person=tenant,
    )
    return tenant


async def _fill_document(page: Page) -> None:
    await page.check("input[name=document][value=resident_card]")
    await page.fill("#name", NAME)
    await page.fill("#identity_number", NUMBER)
    await page.check("input[name=compared]")


async def _code_from_counter(page: Page, url: str, name: str) -> str:
    """Issue a code as the clerk; the page is looked at empty, refused, with the code, and loaded again."""
    await sign_in(page, url, "clerk1", "/counter")
    await check(page, f"counter-{name}")
    await page.click("main a[href='/counter/opening-code']")
    await check(page, f"opening-code-{name}")
    await page.click("main form button.govuk-button")
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"opening-code-refused-{name}")
    await _fill_document(page)
    await page.click("main form button.govuk-button")
    code = await page.inner_text("#opening-code")
    await check(page, f"opening-code-issued-{name}")
    await page.reload()
    await page.wait_for_selector(".govuk-inset-text")
    assert code not in await page.content()
    await check(page, f"opening-code-again-{name}")
    return code


async def _open_account(page: Page, url: str, code: str, name: str) -> None:
    """Open the tenant's account: first without the code, then with it."""
    await page.goto(f"{url}/open-account")
    await check(page, f"open-account-{name}")
    for field, value in (
        ("name", NAME),
        ("identity_number", NUMBER),
        ("username", "zhou.zuhu"),
        ("password", PASSWORD),
    ):
        await page.fill(f"#{field}", value)
    await page.click("main form button.govuk-button:not(.govuk-button--secondary)")
    await page.wait_for_selector("#opening_code-error")
    await check(page, f"open-account-needs-code-{name}")
    assert [await page.input_value(f"#{field}") for field in ("name", "identity_number", "username")] == [
        NAME,
        NUMBER,
        "zhou.zuhu",
    ]
    await page.fill("#password", PASSWORD)
    await page.fill("#opening_code", code.lower().replace("-", " "))
    await page.press("#opening_code", "Enter")
    await page.wait_for_url("**/sign-in?opened=1")


@pytest.mark.parametrize(("locale", "width"), [("zh", WIDTHS[0]), ("en", WIDTHS[-1])])
async def test_tenant_comes_to_his_right(
    house_url: str, browser: Browser, market: Market, locale: str, width: int
) -> None:
    """The clerk hands out a code, the tenant opens his account with it and registers for the lot as who he is."""
    await market.announce()
    tenant = await _tenant(market)
    counter = await open_context(browser, width, locale)
    code = await _code_from_counter(await counter.new_page(), house_url, f"{locale}-{width}")
    await counter.close()

    home = await open_context(browser, width, locale)
    page = await home.new_page()
    await _open_account(page, house_url, code, f"{locale}-{width}")
    await page.fill("#username", "zhou.zuhu")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(f"{house_url}/**")
    await page.goto(f"{house_url}{market.lot_url}/register")
    await page.check("#accepts")
    await page.click("main form[action$=register] button.govuk-button")
    await page.wait_for_url("**/my/registrations/*")
    await check(page, f"registered-{locale}-{width}")
    await home.close()

    (registered,) = await market.sale.rows(
        "SELECT person_id, r.rank FROM sale.registration JOIN sale.first_refusal r USING (person_id)"
    )
    assert (registered.person_id, registered.rank) == (tenant, 1)
