"""Two people bid against each other in real browsers, through the real gateway and committer; a third watches."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, Page, expect

from auction.contracts import IncrementLine
from auction.kernel.clock import real_now
from auction.sale.lots.options import Options
from tests.auction.sale.world import CLOSES_AT, INCREMENT, RESERVE
from tests.bidding.rooms.house import running_gateway
from tests.web.pages.market.browsing import serving, sign_in
from tests.web.pages.market.market import Market
from tests.web.test_browser import check, open_context
from web.api.room_ticket import ROOM_TICKETS
from web.wiring import Wiring

pytestmark = pytest.mark.browser
TICKET_SEED = "09" * 32
"""The seed of the key whose public half `tests.bidding.rooms.house` gives its gateways."""
PATIENCE_MS = 15_000


class House(NamedTuple):
    """Site and market, with a gateway beside."""

    url: str
    market: Market


@pytest.fixture
async def house(market: Market, market_wiring: Wiring) -> AsyncIterator[House]:
    """A site whose pages find a gateway."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with running_gateway(market.rooms, origins=frozenset({url})) as gateway:
        settings = replace(market_wiring.settings, site_url=url, gateway_url=gateway.url, ticket_key=TICKET_SEED)
        wiring = replace(
            market_wiring, settings=settings, real_now=real_now, routes=(*market_wiring.routes, *ROOM_TICKETS)
        )
        async with serving(wiring, listening):
            yield House(url, market)


async def enter(browser: Browser, house: House, username: str, locale: str = "zh", width: int = 1440) -> Page:
    """Open the lot's page, signed in unless the name is empty, and wait for the live line."""
    context = await open_context(browser, width, locale)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    if username:
        await sign_in(page, house.url, username, house.market.lot_url)
    else:
        await page.goto(house.url + house.market.lot_url)
    await expect(page.locator("[data-room-part=line]")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    return page


async def bid_rung(page: Page, rung: int) -> None:
    """Press a rung of the ladder and confirm."""
    await page.locator("[data-room-part=ladder] button").nth(rung).click()
    await page.locator("[data-room-part=confirm-yes]").click()


async def test_outbid_is_seen_at_once(house: House, browser: Browser) -> None:
    """One bids and leads; the other bids more; the first is told that he is outbid, the watcher sees both."""
    await house.market.announce()
    await house.market.admit("bidder1")
    await house.market.admit("bidder2")
    await house.market.open()
    first = await enter(browser, house, "bidder1")
    second = await enter(browser, house, "bidder2", locale="en", width=320)
    watcher = await enter(browser, house, "")

    await bid_rung(first, 0)
    await expect(first.locator("[data-room-part=standing]")).to_have_attribute("data-state", "leading")
    await expect(second.locator("[data-room-part=price]")).to_have_text("¥2,100,000")
    await bid_rung(second, 0)

    await expect(first.locator("[data-room-part=standing]")).to_have_text("您已出局")
    await expect(first.locator("[data-room-part=alert]")).to_contain_text("您已被超越，当前价¥2,110,000")
    await expect(second.locator("[data-room-part=standing]")).to_have_text("You are leading")
    await expect(watcher.locator("[data-room-part=log] tr")).to_have_count(2)
    assert (await house.market.room()).price_fen == RESERVE.fen + INCREMENT.fen
    await check(first, "room-live-outbid")
    await check(second, "room-live-leading")


async def test_higher_bid_during_confirmation_keeps_the_entry(house: House, browser: Browser) -> None:
    """While somebody confirms, another's bid keeps his entry, says so, and offers the new floor."""
    await house.market.announce()
    await house.market.admit("bidder1")
    await house.market.admit("bidder2")
    await house.market.open()
    page = await enter(browser, house, "bidder1")
    await page.locator("[data-room-part=ladder] button").nth(0).click()
    await expect(page.locator("[data-room-part=confirm-capitals]")).to_have_text("贰佰壹拾万元整")
    await check(page, "room-confirm")
    await house.market.bid("bidder2", RESERVE.fen + INCREMENT.fen)

    await expect(page.locator("[data-room-part=confirm-changed]")).to_contain_text("现最低可出¥2,120,000")
    await page.locator("[data-room-part=confirm-raise]").click()
    await page.locator("[data-room-part=confirm-yes]").click()
    await expect(page.locator("[data-room-part=standing]")).to_have_attribute("data-state", "leading")


async def test_second_confirmation_and_growing_increment(house: House, browser: Browser) -> None:
    """A high bid is asked about in words, wide in Chinese and narrow in English; the page counts extensions."""
    growth = (IncrementLine(after_extensions=1, times=2), IncrementLine(after_extensions=20, times=5))
    await house.market.announce(options=Options(confirm_steps=20, confirm_percent=120, increment_growth=growth))
    await house.market.admit("bidder1")
    await house.market.admit("bidder2")
    await house.market.at(CLOSES_AT - timedelta(minutes=1))
    await house.market.work()
    first = await enter(browser, house, "bidder1")
    second = await enter(browser, house, "bidder2", locale="en", width=320)

    for page, amount, words in ((first, "3000000", "叁佰万元整"), (second, "4000000", "肆佰万元整")):
        await page.locator("[data-room-part=amount]").fill(amount)
        await page.locator("[data-room-part=amount]").press("Enter")
        await page.locator("[data-room-part=confirm-yes]").click()
        await expect(page.locator("[data-room-part=confirm-again]")).not_to_be_empty()
        await expect(page.locator("[data-room-part=confirm-capitals]")).to_have_text(words)
        await check(page, f"room-asked-again-{'zh-1440' if page is first else 'en-320'}")
        await page.locator("[data-room-part=confirm-yes]").click()
        await expect(page.locator("[data-room-part=standing]")).to_have_attribute("data-state", "leading")
    await expect(first.locator("[data-room-part=extensions]")).to_have_text("1")
    await expect(first.locator("[data-room-part=increment-now]")).to_have_text("¥20,000")
    await expect(first.locator("[data-room-part=ladder] button").first).to_contain_text("¥4,020,000")
    await check(first, "room-grown-zh-1440")
    await check(second, "room-grown-en-320")


async def test_close_leads_to_the_result(house: House, browser: Browser) -> None:
    """When the end passes the page says so and leads to the result."""
    await house.market.announce()
    await house.market.admit("bidder1")
    await house.market.open()
    await house.market.bid("bidder1", RESERVE.fen)
    page = await enter(browser, house, "")
    await house.market.close()

    await expect(page.locator("[data-room-part=phase]")).to_have_text("已结束")
    await page.locator("[data-room-over] a").click()
    await expect(page.locator("main")).to_contain_text("网络竞价成交确认书")
