"""Pictures on the site: brought by form, shown by address to whom they may be, as a gallery and on cards."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser, Page

from auction.kernel.ids import new_id
from auction.sale.pictures.supersede_picture import SupersedePicture, supersede_picture
from tests.auction.sale.pictures.album import Album
from tests.auction.sale.pictures.photographs import SVG, photograph
from tests.auction.sale.world import ANNOUNCED_ON
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.desks.test_panel_page import hidden
from tests.web.pages.market import browsing
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_browser_market import pictures
from tests.web.test_browser import check
from web.demonstration.pictures import PICTURES, drawn
from web.pages.court.routes import COURT_PAGES
from web.wiring import Wiring

JPEG = photograph(1200, 900)
CAPTIONS = {"caption_zh": "客厅，朝南", "caption_en": "Living room facing south"}


@pytest.fixture
def album(market: Market) -> Album:
    """The pictures of the market's lot, with a scanner that finds nothing."""
    return Album(market.sale)


@pytest.fixture
def whole_wiring(market_wiring: Wiring, album: Album) -> Wiring:
    """The public, the bidders' and the court's pages in one site."""
    ports = {**market_wiring.ports, "scanner": album.scanner}
    return replace(market_wiring, routes=(*market_wiring.routes, *COURT_PAGES), ports=ports)


@pytest.fixture
async def clerk(whole_wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A clerk at his browser."""
    async with client_of(whole_wiring) as client:
        await sign_in(client, "clerk1")
        yield client


async def send(client: httpx.AsyncClient, page: str, action: str, file: bytes | None = None, **fields: str) -> Any:  # noqa: ANN401
    """Send a form of the page twice, as a double click does."""
    shown = await client.get(page)
    form = {"csrf_token": form_token(shown), "command_id": hidden(shown, "command_id"), **fields}
    files = None if file is None else {"file": ("IMG_0001.JPG", file, "image/jpeg")}
    first = await client.post(f"{page}/{action}", data=form, files=files)
    second = await client.post(f"{page}/{action}", data=form, files=files)
    assert (first.status_code, first.headers.get("location")) == (second.status_code, second.headers.get("location"))
    return first


async def only_picture(market: Market) -> str:
    """Give the id of the only picture."""
    ((picture_id,),) = await market.sale.rows("SELECT picture_id FROM sale.lot_picture")
    return str(picture_id)


async def test_clerk_brings_a_picture_that_the_public_sees_with_the_notice(
    clerk: httpx.AsyncClient, whole_wiring: Wiring, client_of: ClientMaker, market: Market, album: Album
) -> None:
    """Brought by form and examined, it is the court's until the notice; then it is everybody's, on card and page, in both languages."""
    page = f"/court/lots/{market.sale.lot_id}/pictures"
    await market.sale.open()
    await market.sale.price()
    listed = await market.sale.list()
    brought = await send(clerk, page, "bring", JPEG, **CAPTIONS, taken_on="2027-03-01")
    picture_id = await only_picture(market)
    waiting = await clerk.get(page)
    await album.examine(UUID(picture_id))
    seen_by_court = await clerk.get(f"/court/pictures/{picture_id}/medium.webp")
    async with client_of(whole_wiring) as visitor:
        before = await visitor.get(f"/pictures/{picture_id}/medium.webp")
        closed = await visitor.get(f"/court/pictures/{picture_id}/medium.webp")
    await market.sale.vote(listed.question_id, "approve", "approve", "approve")
    assert brought.status_code == 303
    assert "正在检查" in waiting.text
    assert (seen_by_court.status_code, before.status_code) == (200, 404)
    assert closed.status_code in (302, 303, 401)
    assert seen_by_court.headers["cache-control"] == "private, no-store"


async def test_public_files_have_the_right_headers(visitor: httpx.AsyncClient, market: Market, album: Album) -> None:
    """Typed, never guessed, harmless when opened alone, kept for an hour, told by its fingerprint, without any cookie."""
    await market.announce()
    picture_id = await album.show(content=JPEG)
    address = f"/pictures/{picture_id}/medium.webp"
    shown = await visitor.get(address, headers={"cookie": "fapai_session=something"})
    again = await visitor.get(address, headers={"if-none-match": shown.headers["etag"]})
    others = [
        (await visitor.get(f"/pictures/{one}")).status_code
        for one in (f"{picture_id}/huge.webp", f"{picture_id}/small.gif", f"{new_id()}/small.webp", f"{picture_id}/x")
    ]

    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert shown.content[8:12] == b"WEBP"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert shown.headers["content-disposition"].startswith("inline; filename=")
    assert shown.headers["cache-control"] == "public, max-age=3600"
    assert "set-cookie" not in shown.headers
    assert "vary" not in shown.headers
    assert (again.status_code, again.content) == (304, b"")
    assert others == [404] * 4


async def test_page_and_card_show_pictures(visitor: httpx.AsyncClient, market: Market, album: Album) -> None:
    """The first one stands on the card, all stand on the page in their order with captions in the reader's language, a withheld one nowhere."""
    await market.announce()
    first = await album.show(caption_zh="外观", caption_en="Outside", content=JPEG)
    second = await album.show(caption_zh="客厅", caption_en="Living room")
    third = await album.show(caption_zh="门牌", caption_en="Name plate")
    for old, is_withheld in ((second, False), (third, True)):
        command = SupersedePicture(
            command_id=new_id(),
            lot_id=market.sale.lot_id,
            picture_id=old,
            reason="拍摄角度不完整",
            is_withheld=is_withheld,
        )
        await supersede_picture(market.sale.db, market.sale.clerk, command)
    cards = (await visitor.get("/lots")).text
    page = (await visitor.get(market.lot_url)).text
    english = (await visitor.get(market.lot_url, headers={"accept-language": "en"})).text
    files = [(await visitor.get(f"/pictures/{one}/large.jpeg")).status_code for one in (first, second, third)]

    assert f'/pictures/{first}/small.jpeg" alt="外观"' in cards
    assert 'alt="外观"' in page
    assert 'alt="Outside"' in english
    assert "拍摄角度不完整" in page
    assert f"/pictures/{second}/large.jpeg" in page
    assert str(third) not in page
    assert "停止公开" in page
    assert files == [200, 200, 404]


async def test_form_comes_back_with_what_is_wrong(clerk: httpx.AsyncClient, market: Market, album: Album) -> None:
    """A file that is none, a wrong day, an unknown step; then arranging, superseding and removing by form."""
    await market.announce()
    page = f"/court/lots/{market.sale.lot_id}/pictures"
    day = ANNOUNCED_ON.isoformat()
    statuses = [
        (await send(clerk, page, "bring", SVG, **CAPTIONS, taken_on=day)).status_code,
        (await send(clerk, page, "bring", JPEG, **CAPTIONS, taken_on="someday")).status_code,
        (await send(clerk, page, "bring", None, **CAPTIONS, taken_on=day)).status_code,
        (await clerk.post(f"{page}/unknown", data={"csrf_token": form_token(await clerk.get(page))})).status_code,
        (await clerk.get(f"/court/lots/{new_id()}/pictures")).status_code,
    ]
    kept = await send(clerk, page, "bring", SVG, **CAPTIONS, taken_on=day)
    one, two = str(await album.show()), str(await album.show(content=JPEG))
    await send(clerk, page, "forward", picture_id=two)
    order = [str(found) for found in await album.standing()]
    refused = await send(clerk, page, "remove", picture_id=one)
    unsaid = await send(clerk, page, "supersede", picture_id=one, reason="")
    done = await send(clerk, page, "supersede", picture_id=one, reason="重新拍摄", replaced_by=two)

    assert statuses == [422, 422, 422, 404, 404]
    assert 'value="客厅，朝南"' in kept.text
    assert set(order) == {one, two}
    assert (refused.status_code, unsaid.status_code, done.status_code) == (409, 422, 303)
    assert [str(found) for found in await album.standing()] == [two]


@pytest.fixture
async def whole_url(whole_wiring: Wiring) -> AsyncIterator[str]:
    """The site on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with browsing.serving(
        replace(whole_wiring, settings=replace(whole_wiring.settings, site_url=url)), listening
    ):
        yield url


@pytest.mark.browser
async def test_pages_with_pictures_pass_axe(whole_url: str, browser: Browser, market: Market, album: Album) -> None:
    """List, lot with cover and gallery, and the court's page (refused, too) pass axe and reflow; every picture is loaded."""
    await market.announce()
    shown = [
        await album.show(content=drawn(one), caption_zh=one.caption_zh, caption_en=one.caption_en)
        for one in PICTURES["flat"]
    ]
    portrait = await album.show(content=photograph(600, 1000), caption_zh="走廊", caption_en="Corridor")
    old = SupersedePicture(
        command_id=new_id(), lot_id=market.sale.lot_id, picture_id=portrait, replaced_by=shown[0], reason="光线不足"
    )
    await supersede_picture(market.sale.db, market.sale.clerk, old)
    await album.show(content=photograph(600, 1000, salt=9), caption_zh="走廊", caption_en="Corridor")
    album.scanner.says = "infected"
    await album.show()

    async def look(page: Page, name: str) -> None:
        await page.goto(f"{whole_url}/lots")
        await loaded(page, ".fapai-lot__picture img")
        await check(page, f"pictures-lots-{name}", dark=True)
        await page.goto(f"{whole_url}{market.lot_url}")
        await loaded(page, ".fapai-cover img")
        await check(page, f"pictures-lot-{name}")
        await page.click(".fapai-cover a")
        await loaded(page, ".fapai-pictures img")
        await check(page, f"pictures-gallery-{name}", dark=True)
        await browsing.sign_in(page, whole_url, "clerk1", f"/court/lots/{market.sale.lot_id}/pictures")
        await check(page, f"pictures-desk-{name}")
        await page.set_input_files("#file", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": SVG})
        await page.fill("#caption_zh", "阳台")
        await page.click("form[action$=bring] button")
        await page.wait_for_selector(".govuk-error-summary")
        await check(page, f"pictures-desk-refused-{name}")
        await page.context.clear_cookies()

    await pictures(browser, look)


async def loaded(page: Page, selector: str) -> None:
    """Scroll to each picture, and wait until all of them are there."""
    for one in await page.query_selector_all(selector):
        await one.scroll_into_view_if_needed()
    await page.wait_for_function(
        "s => [...document.querySelectorAll(s)].every(i => i.complete && i.naturalWidth > 0)", arg=selector
    )
