"""Viewings and questions on the site: by forms without scripts, in both languages, and without a name anywhere."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from icalendar import Calendar
from playwright.async_api import Browser, Page

from auction.kernel.ids import new_id
from auction.sale.visitors.answer_about_lot import AnswerAboutLot, answer_about_lot
from auction.sale.visitors.ask_about_lot import AskAboutLot, ask_about_lot
from auction.sale.visitors.set_viewing import SetViewing, set_viewing
from tests.auction.sale.world import OPENS_AT
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.desks.test_panel_page import hidden
from tests.web.pages.market import browsing
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_browser_market import pictures
from tests.web.test_browser import check
from web.pages.court.routes import COURT_PAGES
from web.wiring import Wiring

STARTS_AT = OPENS_AT - timedelta(days=10)


async def offer(market: Market, places: int = 1, *, day: int = 0) -> str:
    """Let the court offer a viewing; gives its id."""
    starts_at = STARTS_AT + timedelta(days=day)
    command = SetViewing(
        command_id=new_id(),
        slot_id=new_id(),
        lot_id=market.sale.lot_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        place="示例路1号小区南门",
        places=places,
    )
    return str(await set_viewing(market.sale.db, market.sale.handler, command))


async def ask(market: Market, name: str, question: str, answer: str = "") -> None:
    """Let a sample bidder ask, and the court answer."""
    asked = AskAboutLot(command_id=new_id(), question_id=new_id(), lot_id=market.sale.lot_id, question=question)
    await ask_about_lot(market.sale.db, market.people[name], asked)
    if answer:
        given = AnswerAboutLot(
            command_id=new_id(),
            lot_id=market.sale.lot_id,
            question_id=asked.question_id,
            outcome="published",
            answer=answer,
        )
        await answer_about_lot(market.sale.db, market.sale.handler, given)


async def send(client: httpx.AsyncClient, page: str, action: str, **fields: str) -> httpx.Response:
    """Send a form of a page twice, as a double click does."""
    shown = await client.get(page)
    form = {"csrf_token": form_token(shown), "command_id": hidden(shown, "command_id"), **fields}
    first = await client.post(f"{page}/{action}", data=form)
    second = await client.post(f"{page}/{action}", data=form)
    assert (first.status_code, first.headers.get("location")) == (second.status_code, second.headers.get("location"))
    return first


async def test_visitor_books_and_gives_up(bidder: httpx.AsyncClient, market: Market) -> None:
    """A booking gives a number and a calendar entry with an alarm; a full viewing says so; given up, it is free again."""
    await market.announce()
    slot_id = await offer(market)
    page = f"{market.lot_url}/visit"
    await sign_in(bidder, "bidder1")
    booked = await send(bidder, page, "book", slot_id=slot_id)
    shown = (await bidder.get(page)).text
    public = (await bidder.get(market.lot_url)).text
    ((booking_id, number),) = await market.sale.rows("SELECT booking_id, number FROM sale.viewing_booking")
    calendar = await bidder.get(f"/my/viewings/{booking_id}/viewing.ics")
    await sign_in(bidder, "bidder2")
    full = await bidder.get(page)
    refused = await bidder.post(
        f"{page}/book",
        data={"csrf_token": form_token(full), "command_id": str(new_id()), "slot_id": slot_id},
    )
    foreign = await bidder.get(f"/my/viewings/{booking_id}/viewing.ics")
    await sign_in(bidder, "bidder1")
    given_up = await send(bidder, page, "give-up", booking_id=str(booking_id))
    free = (await bidder.get(market.lot_url)).text

    assert (booked.status_code, given_up.status_code) == (303, 303)
    assert number in shown
    assert number not in public
    assert "已约满" in public
    assert "1 / 1" in free
    assert (refused.status_code, foreign.status_code) == (409, 404)
    assert "名额已满" in refused.text
    (event,) = Calendar.from_ical(calendar.content).walk("VEVENT")
    assert event.decoded("dtstart") == STARTS_AT
    assert event.walk("VALARM")[0].decoded("trigger") == -timedelta(days=1)
    assert number in str(event["description"])


async def test_question_stands_on_the_page_once_answered(
    bidder: httpx.AsyncClient, visitor: httpx.AsyncClient, market: Market
) -> None:
    """A question with a telephone number comes back as typed; a plain one is public with its answer, and names nobody."""
    await market.announce()
    page = f"{market.lot_url}/visit"
    await sign_in(bidder, "bidder1")
    refused = await send(bidder, page, "ask", question="请回电 138 1234 5678")
    asked = await send(bidder, page, "ask", question="<b>钥匙</b>在法院吗？")
    before = (await visitor.get(market.lot_url)).text
    ((question_id,),) = await market.sale.rows("SELECT question_id FROM sale.lot_question")
    command = AnswerAboutLot(
        command_id=new_id(),
        lot_id=market.sale.lot_id,
        question_id=question_id,
        outcome="published",
        answer="钥匙由法院保管。",
    )
    await answer_about_lot(market.sale.db, market.sale.handler, command)
    after = (await visitor.get(market.lot_url)).text
    anonymous = await visitor.get(page)

    assert refused.status_code == 422
    assert "138 1234 5678" in refused.text
    assert asked.status_code == 303
    assert "钥匙" not in before
    assert "&lt;b&gt;钥匙&lt;/b&gt;在法院吗？" in after
    assert "钥匙由法院保管。" in after
    assert "示例巳" not in after
    assert str(market.people["bidder1"].person_id) not in after
    assert anonymous.status_code in (302, 303, 401)


@pytest.fixture
def whole_wiring(market_wiring: Wiring) -> Wiring:
    """The public, the bidders' and the court's pages in one site."""
    return replace(market_wiring, routes=(*market_wiring.routes, *COURT_PAGES))


async def test_court_sets_answers_and_sees_no_name(
    whole_wiring: Wiring, client_of: ClientMaker, market: Market
) -> None:
    """The clerk sets a viewing by form, sees visit numbers and the question without a person, answers, and cancels with a reason."""
    await market.announce()
    page = f"/court/lots/{market.sale.lot_id}/visitors"
    async with client_of(whole_wiring) as client:
        await sign_in(client, "clerk1")
        fields = {"starts": "9:30", "ends": "11:30", "place": "示例路1号", "places": "2"}
        wrong = await send(client, page, "set", day="someday", **fields)
        late = await send(client, page, "set", day=str(OPENS_AT.date()), **fields)
        done = await send(client, page, "set", day=str(STARTS_AT.date()), **fields)
        ((slot_id,),) = await market.sale.rows("SELECT slot_id FROM sale.viewing_slot")
        await sign_in(client, "bidder1")
        await send(client, f"{market.lot_url}/visit", "book", slot_id=str(slot_id))
        await send(client, f"{market.lot_url}/visit", "ask", question="物业费欠多少？")
        await sign_in(client, "clerk1")
        shown = (await client.get(page)).text
        ((number,),) = await market.sale.rows("SELECT number FROM sale.viewing_booking")
        ((question_id,),) = await market.sale.rows("SELECT question_id FROM sale.lot_question")
        empty = await send(client, page, "answer", question_id=str(question_id), answer=" ", outcome="published")
        answered = await send(
            client, page, "answer", question_id=str(question_id), answer="约3000元。", outcome="published"
        )
        cancelled = await send(client, page, "cancel", slot_id=str(slot_id), reason="房屋正在腾退")
        unknown = await client.get(f"/court/lots/{new_id()}/visitors")
        await sign_in(client, "bidder1")
        told = (await client.get(f"{market.lot_url}/visit")).text

    assert [one.status_code for one in (wrong, late, empty)] == [422, 422, 422]
    assert [one.status_code for one in (done, answered, cancelled)] == [303, 303, 303]
    assert number in shown
    assert "物业费欠多少？" in shown
    assert "示例巳" not in shown
    assert str(market.people["bidder1"].person_id) not in shown
    assert unknown.status_code == 404
    assert "房屋正在腾退" in told
    assert "约3000元。" in told


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
async def test_visit_pages_pass_axe(whole_url: str, browser: Browser, market: Market) -> None:
    """The lot's tab, the visitor's page (booked, full, refused) and the court's page pass axe and reflow."""
    await market.announce()
    await offer(market)
    await offer(market, 8, day=1)
    await ask(market, "bidder1", "房屋是否有人居住？", "经现场调查，房屋空置，钥匙由法院保管。")
    await ask(market, "bidder2", "物业费欠多少？")

    async def look(page: Page, name: str) -> None:
        await page.goto(f"{whole_url}{market.lot_url}#visit")
        await page.wait_for_selector("#visit .fapai-said")
        await check(page, f"lot-visit-{name}")
        await browsing.sign_in(page, whole_url, "bidder2", f"{market.lot_url}/visit")
        await check(page, f"visit-{name}")
        await page.fill("#question", "加我微信 abc_12345")
        await page.click("form[action$=ask] button")
        await page.wait_for_selector(".govuk-error-summary")
        await check(page, f"visit-refused-{name}")
        await page.goto(f"{whole_url}{market.lot_url}/visit")
        await page.click("form[action$=book] button")
        await page.wait_for_selector("form[action$=give-up]")
        await check(page, f"visit-booked-{name}")
        await page.click("form[action$=give-up] button")
        await page.wait_for_selector("form[action$=book]")
        await page.context.clear_cookies()
        await browsing.sign_in(page, whole_url, "clerk1", f"/court/lots/{market.sale.lot_id}/visitors")
        await check(page, f"visitors-{name}")

    await pictures(browser, look)
