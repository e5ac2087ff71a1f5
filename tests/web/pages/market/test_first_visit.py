"""What a first visit of a lot's page costs on the wire: measured in Chromium, with an empty store, photographs left out."""

from __future__ import annotations

import socket
from dataclasses import replace

import httpx
import pytest
from playwright.async_api import Browser, CDPSession

from tests.web.pages.market.browsing import serving
from tests.web.pages.market.market import Market
from tests.web.test_browser import open_context
from web.wiring import Wiring

MOST_BYTES = 120_000
PHOTOGRAPHS = "/pictures/"


async def _bytes_by_address(line: CDPSession) -> dict[str, int]:
    """Count what comes over the wire, headers and all, by the address asked."""
    asked: dict[str, str] = {}
    counted: dict[str, int] = {}
    line.on("Network.requestWillBeSent", lambda told: asked.update({told["requestId"]: told["request"]["url"]}))

    def count(told: dict[str, float]) -> None:
        counted[asked[str(told["requestId"])]] = int(told["encodedDataLength"])

    line.on("Network.loadingFinished", count)
    await line.send("Network.enable")
    return counted


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_first_visit_of_a_lot_weighs_little(
    market_wiring: Wiring, market: Market, browser: Browser, locale: str
) -> None:
    """Page, style and scripts of a lot come in 120 kB, photographs not counted."""
    await market.announce(purchase_limited=True, deposit_channels=("bank", "card"))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    wired = replace(market_wiring, settings=replace(market_wiring.settings, site_url=url))
    async with serving(wired, listening):
        context = await open_context(browser, 1440, locale)
        page = await context.new_page()
        counted = await _bytes_by_address(await context.new_cdp_session(page))
        await page.goto(f"{url}{market.lot_url}", wait_until="networkidle")
        await context.close()

    weighed = {address: size for address, size in counted.items() if PHOTOGRAPHS not in address}
    assert any(address.endswith(".css") for address in weighed), weighed
    assert f"{url}{market.lot_url}" in weighed
    assert sum(weighed.values()) <= MOST_BYTES, weighed


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_answers_are_compressed_for_whoever_can_read_it(
    visitor: httpx.AsyncClient, market: Market, encoding: str
) -> None:
    """A browser that says so gets the page compressed; another reads it plain; both read the same lot."""
    await market.announce()

    answer = await visitor.get(market.lot_url, headers={"accept-encoding": encoding})

    assert answer.headers.get("content-encoding", "identity") == encoding
    assert "Accept-Encoding" in answer.headers.get("vary", "") or encoding == "identity"
    assert market.lot_url in answer.text
