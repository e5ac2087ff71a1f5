"""Lots and bidders' pages in a real browser: both languages, narrow and wide, checked with axe; bids with scripts off."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from auction.contracts import IncrementLine
from auction.sale.lots.options import Options
from tests.auction.sale.world import INCREMENT, RESERVE
from tests.web.pages.market.browsing import serving, sign_in
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_public_pages import add_inquiry
from tests.web.test_browser import SHOTS, WAYS, check, open_context
from web.qr_picture import qr_picture
from web.wiring import Wiring

pytestmark = pytest.mark.browser
TABS = ("notice", "warnings", "asset", "record", "rights", "visit")


@pytest.fixture
async def market_url(market_wiring: Wiring) -> AsyncIterator[str]:
    """The site on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    wired = replace(market_wiring, settings=replace(market_wiring.settings, site_url=url))
    async with serving(wired, listening):
        yield url


async def pictures(browser: Browser, look: Any) -> None:  # noqa: ANN401 - a coroutine function
    """Look at pages in both languages, narrow and wide."""
    for locale, width in WAYS:
        context: BrowserContext = await open_context(browser, width, locale)
        await look(await context.new_page(), f"{locale}-both")
        await context.close()


async def test_announced_lot(market_url: str, browser: Browser, market: Market) -> None:
    """List, empty list, lot, registration (also refused) and deposit pass axe and reflow before the opening."""
    await market.announce(purchase_limited=True, deposit_channels=("bank", "card"))
    await market.register("bidder2")

    async def look(page: Page, name: str) -> None:
        await page.goto(f"{market_url}/lots")
        await check(page, f"lots-{name}")
        await page.goto(f"{market_url}/loan-calculator?price=2100000&own=630000&rate=3.1&years=30")
        await check(page, f"loan-{name}")
        await page.goto(f"{market_url}/loan-calculator?price=2100000&own=210000&rate=40")
        await check(page, f"loan-refused-{name}")
        await page.goto(f"{market_url}/privacy")
        await check(page, f"privacy-{name}")
        await page.goto(f"{market_url}/lots?q=nothing")
        await check(page, f"lots-empty-{name}")
        await page.goto(f"{market_url}/lots?province=北京市&right=1&min=1000&sort=newest")
        await check(page, f"lots-filtered-{name}")
        await page.goto(f"{market_url}{market.lot_url}")
        await check(page, f"lot-announced-{name}")
        await sign_in(page, market_url, "bidder1", f"{market.lot_url}/register")
        await page.locator("details", has=page.locator("#phone")).locator("summary").click()
        await check(page, f"register-{name}")
        await page.click("main form[action$=register] button.govuk-button")
        await page.wait_for_selector(".govuk-error-summary")
        await check(page, f"register-wrong-{name}")
        await page.goto(f"{market_url}/my")
        await check(page, f"my-empty-{name}")
        await page.context.clear_cookies()
        await sign_in(page, market_url, "bidder2", "/my")
        await check(page, f"my-{name}")
        await page.goto(f"{market_url}/my/registrations/{market.registered['bidder2'].registration_id}")
        await check(page, f"deposit-{name}")
        await page.goto(f"{market_url}/keys")
        await check(page, f"keys-{name}")

    await pictures(browser, look)


async def test_inquiry_behind_a_price(market_url: str, browser: Browser, market: Market) -> None:
    """How several results became one price, and the register of platforms, pass axe and reflow."""
    await market.announce()
    (price,) = await market.sale.rows("SELECT * FROM sale.reference_price")
    await add_inquiry(market, price)
    await market.sale.rows(
        "INSERT INTO valuation.platform_listing (listing_id, platform_id, platform_name, listed_on, source, recorded_at) "
        "SELECT gen_random_uuid(), platform_id, platform_name, '2027-01-04', 'connected', asked_at FROM valuation.platform_ask "
        "RETURNING 1"
    )

    async def look(page: Page, name: str) -> None:
        await page.goto(f"{market_url}{market.lot_url}#asset")
        await page.wait_for_selector("#asset table")
        await check(page, f"lot-inquiry-{name}")
        await page.goto(f"{market_url}/platforms")
        await check(page, f"platforms-{name}")

    await pictures(browser, look)


async def test_lot_on_paper(market_url: str, browser: Browser, market: Market) -> None:
    """On paper every tab of the lot is there, with the code of its page; what only a screen can do is not."""
    await market.announce()
    context = await open_context(browser, 1440, "zh")
    page = await context.new_page()
    await page.goto(f"{market_url}{market.lot_url}")
    await page.wait_for_selector("#warnings.govuk-tabs__panel--hidden", state="attached")
    on_screen = await page.locator("#warnings").is_visible()
    await page.emulate_media(media="print")
    shown = [await page.locator(f"#{name}").is_visible() for name in TABS]
    gone = [await page.locator(name).first.is_visible() for name in (".fapai-tabs > .govuk-tabs__list", ".fapai-step")]
    code = await page.locator(".fapai-qr img").get_attribute("src")
    address = await page.locator(".fapai-qr__address").inner_text()
    if SHOTS:
        await page.pdf(path=Path(SHOTS) / "lot.pdf", format="A4")
    await context.close()

    assert not on_screen
    assert shown == [True] * len(TABS)
    assert gone == [False, False]
    assert code == qr_picture(f"{market_url}{market.lot_url}")
    assert address == f"{market_url}{market.lot_url}"


async def test_announced_sell_off(market_url: str, browser: Browser, market: Market) -> None:
    """The page of a sell-off names prepayment and competition, passes axe and reflows (变卖衔接 5, 6)."""
    await market.announce_sell_off()

    async def look(page: Page, name: str) -> None:
        await page.goto(f"{market_url}{market.lot_url}")
        shown = await page.inner_text("main")
        await check(page, f"sell-off-{name}")

        assert ("变卖预缴款" if name.startswith("zh") else "Sell-off prepayment") in shown
        assert "1,680,000.00" in shown

    await pictures(browser, look)


async def test_open_lot(market_url: str, browser: Browser, market: Market) -> None:
    """The open lot passes axe for the public, the leader and the outbid; so do confirmation and answer of a bid."""
    await market.announce()
    await market.admit("bidder1")
    await market.admit("bidder2")
    await market.open()
    await market.bid("bidder1", RESERVE.fen)
    await market.bid("bidder2", RESERVE.fen + INCREMENT.fen)

    async def look(page: Page, name: str) -> None:
        await page.goto(f"{market_url}{market.lot_url}")
        await check(page, f"lot-open-{name}")
        await sign_in(page, market_url, "bidder1", market.lot_url)
        await check(page, f"lot-outbid-{name}")
        await page.goto(f"{market_url}{market.lot_url}/bid?amount_yuan=9110000")
        await check(page, f"bid-confirm-jump-{name}")
        await page.goto(f"{market_url}{market.lot_url}/bid?amount_yuan=2.1e6")
        await check(page, f"bid-amount-wrong-{name}")
        await page.goto(f"{market_url}{market.lot_url}/bid?amount_yuan=2100000")
        await page.click("main form[action$=bid] button.govuk-button")
        await check(page, f"bid-refused-{name}")
        await page.context.clear_cookies()
        await sign_in(page, market_url, "bidder2", market.lot_url)
        await check(page, f"lot-leading-{name}")

    await pictures(browser, look)


async def test_second_confirmation_without_scripts(market_url: str, browser: Browser, market: Market) -> None:
    """The lot that announces options, and the page that asks a second time, pass axe and reflow; no script is needed."""
    growth = (IncrementLine(after_extensions=10, times=2), IncrementLine(after_extensions=30, times=5))
    await market.announce(options=Options(confirm_steps=20, confirm_percent=150, increment_growth=growth))
    await market.admit("bidder1")
    await market.open()

    async def look(page: Page, name: str) -> None:
        await page.goto(f"{market_url}{market.lot_url}")
        await check(page, f"lot-options-{name}")
        await sign_in(page, market_url, "bidder1", market.lot_url)
        await page.goto(f"{market_url}{market.lot_url}/bid?amount_yuan=2800000")
        await page.click("main form[action$=bid] button.govuk-button")
        await page.wait_for_selector("input[name=confirmed_fen]", state="attached")
        await check(page, f"bid-asked-{name}")

    await pictures(browser, look)
    context = await browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    await sign_in(page, market_url, "bidder1", market.lot_url)
    await page.goto(f"{market_url}{market.lot_url}/bid?amount_yuan=2800000")
    await page.click("main form[action$=bid] button.govuk-button")
    await page.click("main form[action$=bid] button.govuk-button >> nth=0")
    await page.wait_for_url("**/bids/**")
    assert await page.inner_text("h1") == "出价已落定"
    assert (await market.room()).price_fen == 280_000_000
    await context.close()


async def test_closed_lot(market_url: str, browser: Browser, market: Market) -> None:
    """After the close the lot with its confirmation and the buyer's check list pass axe."""
    await market.announce()
    await market.admit("bidder1")
    await market.admit("bidder2")
    await market.open()
    await market.bid("bidder2", RESERVE.fen)
    await market.bid("bidder1", RESERVE.fen + INCREMENT.fen)
    await market.close()

    async def look(page: Page, name: str) -> None:
        await page.goto(f"{market_url}{market.lot_url}")
        await check(page, f"lot-closed-{name}")
        await page.goto(f"{market_url}/results?year=2027")
        await check(page, f"results-{name}")
        await sign_in(page, market_url, "bidder1", "/my")
        await check(page, f"my-won-{name}")
        await page.goto(f"{market_url}/my/registrations/{market.registered['bidder1'].registration_id}")
        await check(page, f"won-{name}")
        await page.context.clear_cookies()
        await sign_in(page, market_url, "bidder2", "/my")
        await page.goto(f"{market_url}/my/registrations/{market.registered['bidder2'].registration_id}")
        await check(page, f"lost-{name}")

    await pictures(browser, look)


async def test_bid_without_scripts(market_url: str, browser: Browser, market: Market) -> None:
    """With JavaScript off a bidder chooses, confirms, sees his bid recorded, and gets its receipt."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    context = await browser.new_context(java_script_enabled=False, locale="zh-CN", accept_downloads=True)
    page = await context.new_page()
    await sign_in(page, market_url, "bidder1", market.lot_url)
    await page.click(".fapai-ladder__rung >> nth=0")
    assert "贰佰壹拾万元整" in await page.inner_text("main")
    await page.click("main form[action$=bid] button.govuk-button")
    await page.wait_for_url("**/bids/**")

    assert await page.inner_text("h1") == "出价已落定"
    assert (await market.room()).price_fen == RESERVE.fen
    async with page.expect_download() as download:
        await page.click("text=下载签名回执")
    assert (await download.value).suggested_filename.startswith("fapai-receipt-")
    await context.close()
