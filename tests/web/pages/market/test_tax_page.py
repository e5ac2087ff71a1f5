"""The tax calculator, without scripts: an estimate that says so, rates that may be changed."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from playwright.async_api import Browser, Page

from tests.web.pages.market import browsing
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_browser_market import pictures
from tests.web.test_browser import check
from web.wiring import Wiring

GOOD = "/tax-calculator?price=1050000&class=building&of=building&deed=3&vat=5&land=0&income=0"


async def test_estimate_is_exact_and_says_that_it_is_one(visitor: httpx.AsyncClient) -> None:
    """¥1,050,000 at 3 % deed tax and 0.05 % stamp duty costs the buyer ¥1,080,500; the page says that it is an estimate."""
    page = await visitor.get(GOOD)

    assert page.status_code == 200, page.text
    for text in ("¥1,080,500", "¥30,500", "¥50,000", "仅为估算", "网拍 30", "未经税务机关核对"):
        assert text in page.text, text


async def test_other_class_takes_its_own_rates(visitor: httpx.AsyncClient) -> None:
    """Rates that were typed for another class are not taken over; those of this class are."""
    other = await visitor.get(GOOD.replace("class=building", "class=home"))
    same = await visitor.get("/tax-calculator?class=home&of=home&deed=2&price=100")

    assert 'name="deed" inputmode="decimal" maxlength="8" value="1.5"' in other.text
    assert 'name="deed" inputmode="decimal" maxlength="8" value="2"' in same.text


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("price=100&deed=101", "tax_rate_malformed"),
        ("price=100&deed=abc", "tax_rate_malformed"),
        ("price=0", "amount_not_positive"),
        ("price=1e9", "amount_malformed"),
    ],
)
async def test_what_cannot_be_worked_out_is_refused(visitor: httpx.AsyncClient, query: str, code: str) -> None:
    """Each mistake has its code; nothing is estimated."""
    page = await visitor.get(f"/tax-calculator?class=home&of=home&{query}")

    assert page.status_code == 422
    assert code in page.text
    assert "测算结果" not in page.text


async def test_lot_links_to_its_own_estimate(visitor: httpx.AsyncClient, market: Market) -> None:
    """The page of a lot leads to the calculator with its price and class, beside the loan."""
    await market.announce()
    page = await visitor.get(market.lot_url)
    filled = await visitor.get("/tax-calculator?price=2100000&class=home")

    assert 'href="/tax-calculator?price=2100000&amp;class=home"' in page.text
    assert "¥31,500" in filled.text


@pytest.fixture
async def site_url(market_wiring: Wiring) -> AsyncIterator[str]:
    """The site on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    wired = replace(market_wiring, settings=replace(market_wiring.settings, site_url=url))
    async with browsing.serving(wired, listening):
        yield url


@pytest.mark.browser
async def test_calculator_passes_axe(site_url: str, browser: Browser) -> None:
    """Estimate and refusal pass axe and reflow."""

    async def look(page: Page, name: str) -> None:
        await page.goto(f"{site_url}{GOOD}")
        await check(page, f"tax-{name}")
        await page.goto(f"{site_url}/tax-calculator?class=home&of=home&price=100&deed=101")
        await check(page, f"tax-refused-{name}")

    await pictures(browser, look)
