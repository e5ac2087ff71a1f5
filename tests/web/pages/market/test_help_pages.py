"""Help on the site: by account and without one, answered by the desk, and nobody named anywhere."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from playwright.async_api import Browser
from sqlalchemy.exc import DBAPIError

from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.desks.test_panel_page import hidden
from tests.web.pages.market import browsing
from tests.web.pages.market.market import Market
from tests.web.test_browser import WAYS, check, open_context
from web.help.ask_help import OpenTicket, SayMore, answer_ticket, open_ticket, say_more
from web.help.tickets import OPEN_MOST, Category
from web.pages.help.routes import HELP_PAGES
from web.wiring import Wiring


@pytest.fixture
def help_wiring(market_wiring: Wiring) -> Wiring:
    """The market's site with the pages of help and a telephone."""
    return replace(
        market_wiring,
        routes=(*market_wiring.routes, *HELP_PAGES),
        settings=replace(market_wiring.settings, help_telephone="010-00000000"),
    )


@pytest.fixture
async def client(help_wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session."""
    async with client_of(help_wiring) as opened:
        yield opened


async def post(client: httpx.AsyncClient, at: str, to: str, **fields: str) -> httpx.Response:
    """Send a form of a page twice, as a double click does."""
    shown = await client.get(at)
    form = {"csrf_token": form_token(shown), "command_id": hidden(shown, "command_id"), **fields}
    first = await client.post(to, data=form)
    second = await client.post(to, data=form)
    assert (first.status_code, first.headers.get("location")) == (second.status_code, second.headers.get("location"))
    return first


async def test_ticket_is_answered_inside_and_names_nobody(client: httpx.AsyncClient, market: Market) -> None:
    """A bidder asks, the desk answers without seeing him, he reads it and ends the ticket; another account finds nothing."""
    await market.announce()
    code = await market.admit("bidder1")
    await sign_in(client, "bidder1")
    phone = await client.get("/help")
    no_kind = await post(client, "/help", "/help", text="按钮不动")
    named = await post(client, "/help", "/help", text="请回电 138 1234 5678", category="room")
    asked = await post(client, "/help", "/help", text="出价按钮不动", category="room", lot_id=str(market.sale.lot_id))
    own = asked.headers["location"].split("?")[0]
    ticket_id = own.rsplit("/", 1)[1]
    await sign_in(client, "bidder2")
    foreign = [await client.get(own), await post(client, "/help", f"{own}/say", text="看看")]
    no_desk = await client.get("/help-desk")
    await sign_in(client, "admin1")
    desk = await client.get("/help-desk")
    page = f"/help-desk/{ticket_id}"
    read = await client.get(page)
    answered = await post(client, page, f"{page}/say", text="请用拍品页上的普通表单出价。")
    await sign_in(client, "bidder1")
    seen = await client.get(own)
    ended = await post(client, own, f"{own}/end")
    late = await client.post(
        f"{own}/say",
        data={"csrf_token": form_token(await client.get("/help")), "command_id": str(new_id()), "text": "还有"},
    )

    assert "010-00000000" in phone.text
    assert (no_kind.status_code, named.status_code, asked.status_code) == (422, 422, 303)
    assert "138 1234 5678" in named.text
    assert [one.status_code for one in foreign] == [404, 404]
    assert no_desk.status_code == 403
    assert ticket_id in desk.text
    assert answered.status_code == 303
    for shown in (desk.text, read.text):
        assert code not in shown
        assert "bidder1" not in shown
        assert "示例巳竞买" not in shown
    assert "请用拍品页上的普通表单出价。" in seen.text
    assert (ended.status_code, late.status_code) == (303, 409)


async def test_help_without_an_account_is_found_by_its_code(client: httpx.AsyncClient, market: Market) -> None:
    """From a lot, without signing in: number and code open the answer, a wrong code opens nothing and is slowed down."""
    await market.announce()
    led = await client.get(f"{market.lot_url}/help")
    form = led.headers["location"].split("#")[0]
    nowhere = await post(client, form, "/help", text="登录不了", category="sign_in", lot_id="")
    asked = await post(client, form, "/help", text="登录不了", category="sign_in", lot_id=str(market.sale.lot_id))
    number, code = (part.split("</strong>")[0] for part in asked.text.split('class="fapai-copy">')[1:3])
    token = form_token(await client.get("/help"))
    [(ticket_id,)] = await market.sale.rows("SELECT ticket_id FROM web.help_ticket")
    answer = SayMore(command_id=new_id(), ticket_id=ticket_id, text="请用恢复码登录。")
    await answer_ticket(market.sale.db, market.people["admin1"], answer)
    right = await client.post("/help/look", data={"csrf_token": token, "number": number, "code": code.upper()})
    wrong = [
        await client.post("/help/look", data={"csrf_token": token, "number": number, "code": "0" * 16})
        for _ in range(12)
    ]
    stored = await market.sale.rows("SELECT number, code_hash, account_id FROM web.help_ticket")

    assert nowhere.status_code == 422
    assert "请用恢复码登录。" in right.text
    assert wrong[0].status_code == 404
    assert "too_many_attempts" in wrong[-1].text
    assert stored[0].account_id is None
    assert code not in stored[0].code_hash


async def test_open_tickets_are_bounded_and_an_ended_one_is_closed(market: Market) -> None:
    """One more than the most is refused; the database itself takes no message for an ended ticket; the clock is the category's."""
    await market.announce()
    asker, desk = market.people["bidder1"], market.people["admin1"]
    opened = [
        await open_ticket(
            market.sale.db, asker, OpenTicket(command_id=new_id(), category=Category.OTHER, text=f"问题{number}")
        )
        for number in range(OPEN_MOST)
    ]
    with pytest.raises(Refusal) as caught:
        await open_ticket(market.sale.db, asker, OpenTicket(command_id=new_id(), category=Category.OTHER, text="再问"))
    with pytest.raises(Refusal) as foreign:
        await say_more(
            market.sale.db,
            market.people["bidder2"],
            SayMore(command_id=new_id(), ticket_id=opened[0].ticket_id, text="看看"),
        )
    with pytest.raises(Refusal) as no_desk:
        await answer_ticket(
            market.sale.db, asker, SayMore(command_id=new_id(), ticket_id=opened[0].ticket_id, text="自答")
        )
    await market.sale.rows(
        "INSERT INTO web.help_end VALUES (:ticket, :desk, now()) RETURNING 1",
        ticket=opened[0].ticket_id,
        desk=desk.account_id,
    )
    with pytest.raises(DBAPIError, match="help_ticket_ended"):
        await market.sale.rows(
            "INSERT INTO web.help_message VALUES (:one, :ticket, NULL, 'x', now()) RETURNING 1",
            one=new_id(),
            ticket=opened[0].ticket_id,
        )

    assert caught.value.code == "help_tickets_too_many"
    assert foreign.value.code == "help_ticket_unknown"
    assert no_desk.value.code == "role_lacking"
    assert len({one.number for one in opened}) == OPEN_MOST


@pytest.fixture
async def site(help_wiring: Wiring) -> AsyncIterator[str]:
    """The site on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    wired = replace(help_wiring, settings=replace(help_wiring.settings, site_url=url))
    async with browsing.serving(wired, listening):
        yield url


@pytest.mark.browser
async def test_help_in_a_browser(site: str, browser: Browser, market: Market) -> None:
    """The page of help, a ticket with its answer, the code of a ticket without an account, and the desk pass axe and reflow."""
    await market.announce()
    for locale, width in WAYS:
        context = await open_context(browser, width, locale)
        page = await context.new_page()
        await page.goto(f"{site}{market.lot_url}/help")
        await check(page, f"help-lot-{locale}-both")
        await page.check("input[name=category][value=room]")
        await page.fill("#text", "出价按钮不动")
        await page.locator("form[action='/help'] button").click()
        await page.wait_for_selector(".fapai-copy")
        await check(page, f"help-code-{locale}-both")
        await browsing.sign_in(page, site, "bidder1", "/help")
        await page.check("input[name=category][value=money]")
        await page.locator("form[action='/help'] button").click()
        await page.wait_for_selector(".govuk-error-summary")
        await check(page, f"help-refused-{locale}-both")
        await page.fill("#text", "转账已发出两小时，页面没有显示")
        await page.locator("form[action='/help'] button").click()
        await page.wait_for_url("**/help/tickets/**")
        own = page.url.split("?")[0]
        await context.close()
        context = await open_context(browser, width, locale)
        page = await context.new_page()
        await browsing.sign_in(page, site, "admin1", "/help-desk")
        await check(page, f"help-desk-{locale}-both")
        await page.goto(own.replace("/help/tickets/", "/help-desk/"))
        await page.fill("#text", "银行的入账已经读到，您已获准参加竞买。")
        await page.locator("form[action$='/say'] button").click()
        await page.wait_for_url("**?done=help_answered")
        await check(page, f"help-answered-{locale}-both")
        await context.close()
