"""The page of what somebody follows, by hand and in a browser: from a search to a message, and the link that ends it."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from playwright.async_api import Browser, Page

from auction.kernel.ids import new_id
from tests.web.conftest import form_token, sign_in
from tests.web.pages.market.browsing import sign_in as sign_in_at
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_browser_market import market_url, pictures
from tests.web.test_browser import check
from web.following.follow import link_token
from web.following.following import Channel
from web.pages.wired import MESSENGERS
from web.wiring import Wiring

__all__ = ["market_url"]
PAGE = "/my/following"


@pytest.fixture
def market_wiring(market_wiring: Wiring) -> Wiring:
    """The site of an installation that sends messages; none leaves here, for no worker runs."""
    carried = dict.fromkeys(Channel, object())
    return replace(market_wiring, ports={**market_wiring.ports, MESSENGERS: carried})


async def post(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Send a form of the page."""
    token = form_token(await client.get(PAGE))
    return await client.post(path, data={"csrf_token": token, "command_id": str(new_id()), **fields})


async def code_of(market: Market) -> tuple[str, str]:
    """Give the newest address that waits, and its code."""
    row, *_ = await market.sale.rows(
        "SELECT contact_id, code_sealed FROM web.contact WHERE confirmed_at IS NULL ORDER BY added_at DESC"
    )
    return str(row.contact_id), market.sale.db.sealer.open(bytes(row.code_sealed))


async def followed(client: httpx.AsyncClient, market: Market, query: str) -> str:
    """Add and confirm an address, and follow by it; gives the id of what is followed."""
    added = await post(client, f"{PAGE}/contacts?{query}", address="buyer@example.com")
    assert added.headers["location"].startswith(f"{PAGE}?{query}"), "what is to be followed is kept"
    contact_id, code = await code_of(market)
    confirmed = await post(client, f"{PAGE}/contacts/{contact_id}/confirm?{query}", typed=code)
    assert confirmed.headers["location"] == f"{PAGE}?{query}&done=contact_confirmed"
    taken = await post(client, f"{PAGE}?{query}", contact_id=contact_id)
    assert taken.headers["location"] == f"{PAGE}?done=followed"
    (row,) = await market.sale.rows("SELECT followed_id FROM web.followed WHERE ended_at IS NULL")
    return str(row.followed_id)


async def test_search_is_followed_from_the_list(bidder: httpx.AsyncClient, market: Market) -> None:
    """The list leads to the form, which names the search in words; the address is shown masked only."""
    await market.announce()
    listed = (await bidder.get("/lots?class=home&state=upcoming&page=1")).text
    assert f'href="{PAGE}?search=class%3Dhome"' in listed
    unknown = await bidder.get(f"{PAGE}?search=class%3Dhome")
    assert (unknown.status_code, "/sign-in" in unknown.text) == (401, True)
    await sign_in(bidder, "bidder1")
    await followed(bidder, market, "search=class%3Dhome")
    shown = (await bidder.get(PAGE)).text

    assert "标的类别：住宅" in shown
    assert "b***@example.com" in shown
    assert "buyer@example.com" not in shown


async def test_wrong_code_is_said_and_counted(bidder: httpx.AsyncClient, market: Market) -> None:
    """The page names code and field; the try stands in the database."""
    await sign_in(bidder, "bidder1")
    await post(bidder, f"{PAGE}/contacts", address="buyer@example.com")
    contact_id, code = await code_of(market)
    answer = await post(bidder, f"{PAGE}/contacts/{contact_id}/confirm", typed=f"{(int(code) + 1) % 10**6:06d}")

    assert (answer.status_code, "contact_code_wrong" in answer.text) == (422, True)
    assert f'href="#typed-{contact_id}"' in answer.text
    assert [row.tries for row in await market.sale.rows("SELECT tries FROM web.contact")] == [1]


async def test_strangers_touch_nothing_of_mine(
    bidder: httpx.AsyncClient, visitor: httpx.AsyncClient, market: Market
) -> None:
    """Another account finds neither my address nor what I follow."""
    await market.announce()
    await sign_in(bidder, "bidder1")
    followed_id = await followed(bidder, market, f"lot={market.sale.lot_id}")
    (row,) = await market.sale.rows("SELECT contact_id FROM web.contact")
    await sign_in(visitor, "bidder2")
    answers = [
        await post(visitor, f"{PAGE}/{followed_id}/end"),
        await post(visitor, f"{PAGE}/contacts/{row.contact_id}/end"),
        await post(visitor, f"{PAGE}/contacts/{row.contact_id}/confirm", typed="123456"),
        await post(visitor, f"{PAGE}?search=", contact_id=str(row.contact_id)),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert [r.ended_at for r in await market.sale.rows("SELECT ended_at FROM web.followed")] == [None]


async def test_link_of_a_message_ends_it_without_signing_in(
    bidder: httpx.AsyncClient, visitor: httpx.AsyncClient, market: Market
) -> None:
    """Looking ends nothing; the button does, and pressing it again changes nothing; a made-up link is not found."""
    await market.announce()
    await sign_in(bidder, "bidder1")
    followed_id = await followed(bidder, market, f"lot={market.sale.lot_id}")
    async with market.sale.db.reading() as tx:
        path = f"/unfollow/{followed_id}/{link_token(tx, followed_id)}"  # type: ignore[arg-type] # its text
    asked = await visitor.get(path)
    (before,) = await market.sale.rows("SELECT ended_at FROM web.followed")
    ended = [await visitor.post(path, data={"csrf_token": form_token(asked)}) for _ in range(2)]
    (after,) = await market.sale.rows("SELECT ended_at FROM web.followed")

    assert (asked.status_code, [one.status_code for one in ended]) == (200, [200, 200])
    assert (before.ended_at, after.ended_at is None) == (None, False)
    assert (await visitor.get(f"/unfollow/{followed_id}/{'0' * 40}")).status_code == 404


@pytest.mark.browser
async def test_following_in_a_browser(
    market_url: str, browser: Browser, bidder: httpx.AsyncClient, market: Market
) -> None:
    """The empty page, the form with and without an address, a wrong address, and the page full: axe is clean, nothing overflows."""
    await market.announce()
    await sign_in(bidder, "bidder1")
    await followed(bidder, market, "search=class%3Dhome")
    await post(bidder, f"{PAGE}/contacts", address="13800138000")

    async def look(page: Page, name: str) -> None:
        await sign_in_at(page, market_url, "bidder2", PAGE)
        await page.goto(f"{market_url}{PAGE}?lot={market.sale.lot_id}")
        await check(page, f"following-none-{name}")
        await page.context.clear_cookies()
        await sign_in_at(page, market_url, "bidder1", PAGE)
        await page.goto(f"{market_url}{PAGE}?search=class%3Dhome%26q%3D%E6%9C%9D%E9%98%B3")
        await page.fill("#address", "nobody")
        await page.press("#address", "Enter")
        await page.wait_for_selector(".govuk-error-summary")
        await check(page, f"following-{name}")

    await pictures(browser, look)
