"""Two people bid against each other in real browsers, through the real gateway and committer; a third watches."""

from __future__ import annotations

import random
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
from bidding.journal.views import BidShown
from tests.auction.sale.world import CLOSES_AT, INCREMENT, RESERVE
from tests.bidding.rooms.house import running_gateway
from tests.web.pages.market.browsing import serving, sign_in
from tests.web.pages.market.market import Market
from tests.web.test_browser import check, open_context
from web.api.room_ticket import ROOM_TICKETS
from web.pages.public.price_chart import price_chart
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
    await expect(first.locator("[data-room-part=answer]")).to_have_text("您已被超越，当前价¥2,110,000")
    await expect(second.locator("[data-room-part=standing]")).to_have_text("You are leading")
    await expect(watcher.locator("[data-room-part=log] tr")).to_have_count(2)
    assert (await house.market.room()).price_fen == RESERVE.fen + INCREMENT.fen
    await expect(watcher.locator("[data-chart=count]")).to_have_text("2")
    await expect(watcher.locator("[data-chart=high]")).to_have_text("¥2,110,000")
    assert await watcher.locator("[data-chart=path]").get_attribute("d") == "M0 212H500V12H1000"
    await check(first, "room-live-outbid", dark=True)
    await check(second, "room-live-leading", dark=True)


RECORD_NOTICES = """() => {
  window.told = [];
  const section = document.querySelector("[data-room]");
  section.addEventListener("room:sounded", () => window.told.push("sound"));
  window.Notification = class extends EventTarget {
    static permission = "default";
    static async requestPermission() { return Notification.permission = window.answer; }
    constructor(title, { body, tag }) { super(); window.told.push([title, body, tag === section.dataset.lot]); }
  };
}"""
HIDE = "() => Object.defineProperty(document, 'hidden', { value: true, configurable: true })"


async def test_being_outbid_is_heard_and_notified_where_switched_on(house: House, browser: Browser) -> None:
    """Nothing is told before the bidder asks for it; a refusal of the browser is said, and what he chose is kept on his device."""
    await house.market.announce()
    await house.market.admit("bidder1")
    await house.market.admit("bidder2")
    await house.market.open()
    page = await enter(browser, house, "bidder1")
    await page.evaluate(RECORD_NOTICES)
    sound, push = page.locator("[data-notice=sound]"), page.locator("[data-notice=push]")

    async def lead_and_lose(price_fen: int) -> list[object]:
        await bid_rung(page, 0)
        await expect(page.locator("[data-room-part=standing]")).to_have_attribute("data-state", "leading")
        await house.market.bid("bidder2", price_fen)
        await expect(page.locator("[data-room-part=standing]")).to_have_attribute("data-state", "outbid")
        told: list[object] = await page.evaluate("() => window.told.splice(0)")
        return told

    assert await lead_and_lose(RESERVE.fen + INCREMENT.fen) == []
    await page.evaluate("() => { window.answer = 'denied' }")
    await push.click()
    await expect(page.locator("[data-notice-denied]")).to_be_visible()
    await expect(push).not_to_be_checked()
    await check(page, "room-notices-denied")
    await page.evaluate("() => { window.answer = 'granted' }")
    await push.check()
    await expect(page.locator("[data-notice-denied]")).to_be_hidden()
    await sound.check()
    await page.wait_for_function("() => window.told.length === 1")  # it is heard once, on being switched on
    await page.evaluate("() => window.told.splice(0)")
    assert await lead_and_lose(RESERVE.fen + 3 * INCREMENT.fen) == ["sound"]  # he looks at the page: no notification
    await page.evaluate(HIDE)
    heard = await lead_and_lose(RESERVE.fen + 5 * INCREMENT.fen)

    assert heard[0] == "sound"
    (note,) = heard[1:]
    assert isinstance(note, list)
    assert note[1:] == ["您已被超越，当前价¥2,150,000", True]
    assert "bidder" not in str(note)
    await page.reload()
    await expect(page.locator("[data-notice=sound]")).to_be_checked()


async def test_chart_in_the_page_is_the_one_without_scripts(house: House, browser: Browser) -> None:
    """The live picture equals the served one for the same bids: few, many, far apart, at the highest amounts."""
    draw = random.Random(20261123)
    await house.market.announce()
    page = await enter(browser, house, "")
    for count in (1, 2, 3, 7, 64, 800):
        top = 10 ** draw.randrange(4, 15) - 1
        prices = sorted(draw.sample(range(1, top), count) if top > count else range(1, count + 1))
        bids = [
            BidShown(sequence=n, code="A", price_fen=fen, at_us=n, is_match=False, extended=draw.random() < 0.2)
            for n, fen in enumerate(prices, 10)
        ]
        served = price_chart(bids[::-1])
        drawn = await page.evaluate(
            "async (bids) => (await import('/static/js/price-chart.js')).priceChart(bids)",
            [{"n": bid.sequence, "price_fen": bid.price_fen, "extended": bid.extended} for bid in bids],
        )
        assert served is not None
        assert [served.path, served.extensions, served.low_fen, served.high_fen, served.count] == [
            drawn[key] for key in ("path", "extensions", "low", "high", "count")
        ]


async def test_higher_bid_during_confirmation_keeps_the_entry(house: House, browser: Browser) -> None:
    """While somebody confirms, another's bid keeps his entry, says so, and offers the new floor."""
    await house.market.announce()
    await house.market.admit("bidder1")
    await house.market.admit("bidder2")
    await house.market.open()
    page = await enter(browser, house, "bidder1")
    await page.locator("[data-room-part=ladder] button").nth(0).click()
    await expect(page.locator("[data-room-part=confirm-capitals]")).to_have_text("贰佰壹拾万元整")
    await check(page, "room-confirm", dark=True)
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
