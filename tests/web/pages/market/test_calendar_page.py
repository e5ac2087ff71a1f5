"""The month page: its numbers are those of the lists that it leads to."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Browser, Page

from auction.kernel.clock import local_day
from tests.auction.sale.world import CLOSES_AT, OPENS_AT
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_browser_market import market_url, pictures
from tests.web.test_browser import check

__all__ = ["market_url"]
MONTH = f"/calendar?month={local_day(OPENS_AT):%Y-%m}"


async def test_each_day_leads_to_its_lots(visitor: httpx.AsyncClient, market: Market) -> None:
    """Days without bidding have no link; each number is what its list holds."""
    await market.announce()
    shown = (await visitor.get(MONTH)).text
    links = re.findall(r'href="(/lots\?from=([0-9-]+)&amp;to=[0-9-]+)">([0-9]+)<', shown)

    assert [day for _, day, _ in links] == sorted({str(local_day(OPENS_AT)), str(local_day(CLOSES_AT))})
    for address, day, count in links:
        query = address.replace("&amp;", "&").removeprefix("/lots")
        assert (await visitor.get(f"/api/public/v1/lots{query}")).json()["total"] == int(count), day
    assert "?from=" not in (await visitor.get("/calendar?month=2025-01")).text


@pytest.mark.browser
async def test_month_in_a_browser(market_url: str, browser: Browser, market: Market) -> None:
    """Both languages, narrow and wide: axe is clean, nothing overflows."""
    await market.announce()

    async def look(page: Page, name: str) -> None:
        await page.goto(f"{market_url}{MONTH}")
        await check(page, f"month-{name}")

    await pictures(browser, look)
