"""The open interface: a documented page, the progress of cases, a published rate told in every answer."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser

from auction.kernel.ids import new_id
from bidding.live.nodes import Nodes
from tests.auction.sale.rounds.test_stop_round import stop
from tests.web.conftest import RealClock
from tests.web.pages.market import browsing
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_open_data import sold
from tests.web.test_browser import WAYS, check, open_context
from web.pages.public.open_data_page import ADDRESSES
from web.rate import MINUTE_S, PER_MINUTE, Rate, count_request
from web.wiring import Wiring

LOTS = "/api/public/v1/lots?state=open"


async def test_case_is_unknown_before_its_notice(visitor: httpx.AsyncClient, market: Market) -> None:
    """Nothing of a case is told before the notice of its first lot."""
    case = f"/api/public/v1/cases/{market.sale.case_id}"
    await market.sale.open()
    before = await visitor.get(case)
    unknown = await visitor.get(f"/api/public/v1/cases/{new_id()}")

    assert (before.status_code, unknown.status_code) == (404, 404)


async def test_sold_lot_has_come_through_its_states(visitor: httpx.AsyncClient, market: Market) -> None:
    """The steps stand in their order from the notice on; ids are those of the other addresses."""
    codes = await sold(market)
    await market.close()
    answer = await visitor.get(f"/api/public/v1/cases/{market.sale.case_id}")
    found: dict[str, Any] = answer.json()
    (lot,) = found["lots"]

    assert (found["case_number"], lot["lot_id"]) == ("(2026)京0105执1234号", str(market.sale.lot_id))
    assert [step["state"] for step in lot["steps"]] == ["announced", "open", "sold"]
    assert [step["at"] for step in lot["steps"]] == sorted(step["at"] for step in lot["steps"])
    assert not any(word in answer.text for word in (*codes, "示例巳", str(market.people["bidder1"].person_id)))


async def test_stopped_lot_says_so(visitor: httpx.AsyncClient, market: Market) -> None:
    """A stop is a step like others; who stopped and for whom is not told."""
    await market.announce()
    await stop(market.sale, "stay")
    answer = await visitor.get(f"/api/public/v1/cases/{market.sale.case_id}")

    assert [step["state"] for step in answer.json()["lots"][0]["steps"]] == ["announced", "stopped"]


async def test_every_answer_tells_the_rate_and_one_more_waits(visitor: httpx.AsyncClient, market: Market) -> None:
    """Limit −1, limit, limit +1: the last of the minute is answered, the next gets 429 with the seconds to wait; pages are not counted."""
    await market.announce()
    await visitor.get(LOTS)
    seen = [await visitor.get(LOTS) for _ in range(PER_MINUTE - 2)]
    last, over = await visitor.get(LOTS), await visitor.get(LOTS)
    page = await visitor.get("/lots")

    assert {one.status_code for one in seen} == {200}
    assert [seen[-1].headers["ratelimit-remaining"], last.headers["ratelimit-remaining"]] == ["1", "0"]
    assert last.headers["ratelimit-limit"] == str(PER_MINUTE)
    assert (last.status_code, over.status_code) == (200, 429)
    assert over.json()["code"] == "too_many_requests"
    assert 0 < int(over.headers["retry-after"]) <= MINUTE_S
    assert over.headers["retry-after"] == over.headers["ratelimit-reset"]
    assert page.status_code == 200
    assert "ratelimit-limit" not in page.headers


async def test_next_minute_and_other_addresses_count_by_themselves(
    wiring: Wiring, real_clock: RealClock, redis_url: str
) -> None:
    """The minute ends the count, another address has its own, the key ends by itself, and requests at once are all counted."""
    nodes = Nodes(redis_url)
    sealer = wiring.db.sealer
    first = [await count_request(nodes, sealer, "203.0.113.9", now=real_clock()) for _ in range(3)]
    other = await count_request(nodes, sealer, "203.0.113.10", now=real_clock())
    later = await count_request(nodes, sealer, "203.0.113.9", now=real_clock() + timedelta(seconds=MINUTE_S))
    client = await nodes.client_of("rate:x")
    keys = [key async for key in client.scan_iter("rate:*")]
    lives = [await client.ttl(key) for key in keys]
    await nodes.close()

    assert [one.asked for one in first if one is not None] == [1, 2, 3]
    assert other is not None
    assert other.asked == 1
    assert later is not None
    assert later.asked == 1
    assert all(0 < life <= 2 * MINUTE_S for life in lives)
    assert not any(b"203.0.113" in bytes(str(key), "ascii") for key in keys)


async def test_silent_counter_refuses_nobody(wiring: Wiring, real_clock: RealClock) -> None:
    """Where Valkey does not answer, the data are given and nothing is said of a rate."""
    nodes = Nodes("redis://127.0.0.1:1/0")
    counted = await count_request(nodes, wiring.db.sealer, "203.0.113.9", now=real_clock())
    await nodes.close()

    assert counted is None
    assert Rate(asked=PER_MINUTE + 5, resets_in_s=9).left == 0


@pytest.fixture
async def site(market_wiring: Wiring) -> AsyncIterator[str]:
    """The site on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    wired = replace(market_wiring, settings=replace(market_wiring.settings, site_url=url))
    async with browsing.serving(wired, listening):
        yield url


@pytest.mark.browser
async def test_open_data_page(site: str, browser: Browser, market: Market) -> None:
    """The page names every address, each example answers, and it passes axe and reflow."""
    await market.announce()
    for locale, width in WAYS:
        context = await open_context(browser, width, locale)
        page = await context.new_page()
        await page.goto(f"{site}/open-data")
        await check(page, f"open-data-{locale}-both")
        text = await page.locator("main").inner_text()
        assert all(address in text for address, _, _ in ADDRESSES)
        for _, example, _ in ADDRESSES:
            assert not example or (await context.request.get(f"{site}{example}")).status == 200
        await context.close()
