"""A buyer with a loan, from the lender's product to the registry, in real browsers with the real room."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, Page, expect

from auction.fund.channels.poll_bank import poll_bank
from auction.fund.loans.apply_for_loan import ASK_APPROVAL, handle_ask_approval
from auction.fund.loans.commit_loan import ASK_COMMITMENT, handle_ask_commitment
from auction.fund.loans.draw_clock import CHECK_DRAW, TELL_LENDER, handle_check_draw, handle_tell_lender
from auction.fund.loans.draw_loan import ASK_DRAW, handle_ask_draw
from auction.fund.loans.lender import BridgeMoney
from auction.fund.loans.tell_room import TELL_LIMIT
from auction.kernel.clock import local, real_now
from auction.kernel.ids import new_id
from auction.kernel.jobs import Handler
from auction.kernel.money import Money
from auction.sale.title.file_registry_steps import (
    FileRegistrySteps,
    RecordRegistryEntry,
    StepsFiled,
    file_registry_steps,
    record_registry_entry,
)
from auction.sale.title.note_full_payment import handle_receipts_complete
from auction.sale.title.pass_title import handle_title_service
from auction.sale.title.registry import RegistryStep
from tests.auction.fund.world import FakeBank, FakeLender
from tests.auction.sale.title.test_title import rule
from tests.auction.sale.world import DEPOSIT, OPENS_AT, RESERVE
from tests.auction.sale.world import World as Sale
from tests.bidding.rooms.house import running_gateway
from tests.web.pages.market.browsing import serving, sign_in
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_room_in_browser import PATIENCE_MS, TICKET_SEED, House, bid_rung, enter
from tests.web.test_browser import WAYS, check, open_context
from web.api.room_ticket import ROOM_TICKETS
from web.own_limit import handle_tell_limit
from web.pages.lender.desk_pages import LENDER_PAGES
from web.wiring import Wiring

pytestmark = pytest.mark.browser
LOAN = Money.yuan(1_200_000)
PAID_AT = local(date(2027, 4, 20), 10)
"""After the last day of the draw."""


class Town(NamedTuple):
    """Site, market and gateway, with a lender and a bank of our own."""

    house: House
    lender: FakeLender

    @property
    def market(self) -> Market:
        """The market."""
        return self.house.market

    async def work(self) -> None:
        """Work off the jobs about loans and limits, once each."""
        db, lenders = self.market.sale.db, {"lender-1": self.lender}
        handlers: dict[str, Handler] = {
            ASK_APPROVAL: lambda job: handle_ask_approval(db, lenders, job),
            ASK_COMMITMENT: lambda job: handle_ask_commitment(db, lenders, job),
            ASK_DRAW: lambda job: handle_ask_draw(db, lenders, job),
            CHECK_DRAW: lambda job: handle_check_draw(db, job),
            TELL_LENDER: lambda job: handle_tell_lender(db, lenders, job),
            TELL_LIMIT: lambda job: handle_tell_limit(db, self.market.rooms.live, job),
        }
        for kind, handle in handlers.items():
            for job in await self.market.sale.jobs(kind):
                await handle(job)


@pytest.fixture
async def town(market: Market, market_wiring: Wiring) -> AsyncIterator[Town]:
    """A site with the lender's pages, whose pages find a gateway."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with running_gateway(market.rooms, origins=frozenset({url})) as gateway:
        settings = replace(market_wiring.settings, site_url=url, gateway_url=gateway.url, ticket_key=TICKET_SEED)
        ports = {**market_wiring.ports, "lender_names": {"lender-1": "示范商业银行"}}
        routes = (*market_wiring.routes, *ROOM_TICKETS, *LENDER_PAGES)
        wiring = replace(market_wiring, settings=settings, real_now=real_now, routes=routes, ports=ports)
        async with serving(wiring, listening):
            yield Town(House(url, market), FakeLender(bank=FakeBank()))


async def window(browser: Browser, town: Town, username: str, path: str) -> Page:
    """Open a page, signed in."""
    context = await open_context(browser, 1440, "zh")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await sign_in(page, town.house.url, username, path)
    return page


async def pictures(browser: Browser, town: Town, username: str, path: str, name: str) -> None:
    """Look at a page in both languages, narrow and wide."""
    for locale, width in WAYS:
        context = await open_context(browser, width, locale)
        page = await context.new_page()
        await sign_in(page, town.house.url, username, path)
        await check(page, f"{name}-{locale}-both")
        await context.close()


async def offer(page: Page, *, bridges: bool = False) -> None:
    """Offer a home loan at the lender's desk."""
    if bridges:
        await page.check("#bridges")
    for name, value in {
        "product_id": "home-30",
        "name_zh": "法拍住房贷",
        "name_en": "Home loan",
        "rate": "3.1",
    }.items():
        await page.fill(f"#{name}", value)
    await page.get_by_role("button", name="发布产品").click()
    await expect(page.locator("body")).to_contain_text("贷款产品已发布")


async def apply(page: Page, **also: str) -> None:
    """Ask for the pre-approval on the loan's page."""
    filled = also | {"price": "2400000", "wish": "1200000", "months": "240", "income": "30000", "debt": "0"}
    for name, value in {**filled, "born_on": "1990-05-05"}.items():
        await page.fill(f"#{name}", value)
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.locator("body")).to_contain_text("申请已提交")


async def limit(page: Page, yuan: str) -> None:
    """State own money, enforced by the room."""
    await page.fill("#own", yuan)
    await page.check("#enforced")
    await page.get_by_role("button", name="保存限额").click()
    await expect(page.locator("body")).to_contain_text("限额已保存")


async def approved(town: Town, browser: Browser) -> tuple[Page, str]:
    """Go from the product to the pre-approval; gives the borrower's page and its path."""
    market = town.market
    await market.announce()
    await offer(await window(browser, town, "lender1", "/lender"))
    await market.admit("bidder1")
    path = f"/my/registrations/{market.registered['bidder1'].registration_id}/loan"
    page = await window(browser, town, "bidder1", path)
    await limit(page, "850000")
    await page.fill("#wish", "2400000")
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.locator(".govuk-error-summary")).to_be_visible()
    await page.goto(town.house.url + path)
    await apply(page)
    await town.work()
    await page.reload()
    await expect(page.locator("body")).to_contain_text("已预审批")
    letter = await page.get_by_role("link", name="预审批函").get_attribute("href")
    assert (await page.request.get(f"{town.house.url}{letter}")).status == 200
    await pictures(browser, town, "bidder1", path, "loan-approved")
    return page, path


async def won(town: Town, browser: Browser, page: Page, path: str) -> None:
    """Bid against the own limit, raise it, wait for the pause on the open socket, bid again and buy."""
    market = town.market
    await market.open()
    room = await enter(browser, town.house, "bidder1")
    await room.locator("[data-room-part=ladder] button").nth(0).click()
    await expect(room.locator("[data-room-part=confirm-loan]")).to_be_visible()
    await check(room, "loan-room-warned-zh-1440")
    await room.locator("[data-room-part=confirm-yes]").click()
    await expect(room.locator("[data-room-part=answer]")).to_contain_text("您自己设定")
    assert (await market.room()).bid_count == 0

    await page.goto(town.house.url + path)
    await limit(page, "1000000")
    await expect(page.locator("body")).to_contain_text("待生效")
    await market.at(OPENS_AT + timedelta(hours=1, minutes=11))
    await town.work()
    await bid_rung(room, 0)
    await expect(room.locator("[data-room-part=standing]")).to_have_attribute("data-state", "leading")
    await market.close()


async def refused_and_retracted(town: Town, browser: Browser, page: Page, path: str) -> None:
    """The lender refuses to commit, then is silent: the page says what is owed until when, and has a way on each time."""
    await page.goto(town.house.url + path)
    town.lender.refuses_commitment = True
    await page.get_by_role("button", name="请银行出具放款承诺函").click()
    await town.work()
    town.lender.refuses_commitment = False
    await page.goto(town.house.url + path)
    await expect(page.locator("body")).to_contain_text("没有银行承诺放款，付款义务不变")
    await pictures(browser, town, "bidder1", path, "loan-refused")
    await page.get_by_role("button", name="请银行出具放款承诺函").click()
    await pictures(browser, town, "bidder1", path, "loan-committing")
    await page.get_by_role("button", name="撤回请求，可重新请求").click()
    await expect(page.locator("body")).to_contain_text("请求已撤回，可以重新请求")


async def drawn(town: Town, browser: Browser, page: Page, path: str) -> None:
    """Own money, commitment letter, a draw that is late and told, then the lender's money."""
    market, sale = town.market, town.market.sale
    town.lender.pays = False
    await sale.pay_balance(market.registered["bidder1"], RESERVE - DEPOSIT - LOAN)
    await refused_and_retracted(town, browser, page, path)
    await page.goto(town.house.url + path)
    await page.get_by_role("button", name="请银行出具放款承诺函").click()
    await expect(page.locator("body")).to_contain_text("已请银行出具放款承诺函")
    await town.work()
    await page.goto(town.house.url + path)
    await page.get_by_role("button", name="请银行放款至案款账户").click()
    await expect(page.locator("body")).to_contain_text("已请银行放款至案款账户")
    await market.sale.at(PAID_AT)
    await town.work()
    await page.goto(town.house.url + path)
    await expect(page.locator("body")).to_contain_text("银行逾期未放款")
    await expect(page.locator("body")).to_contain_text("余款期限")
    await pictures(browser, town, "bidder1", path, "loan-late")
    await pictures(browser, town, "lender1", "/lender", "lender-desk-late")
    town.lender.pays = True
    await town.work()
    await poll_bank(sale.db, town.lender.bank)


async def filed(sale: Sale) -> StepsFiled:
    """Rule, serve, and file at the registry what belongs together; the new mortgage is entered."""
    for job in await sale.jobs("sale.receipts_complete"):
        await handle_receipts_complete(sale.db, job)
    ruled = await rule(sale)
    await sale.sealed(ruled.document_id)
    await sale.serve(ruled.document_id, ruled.buyer_party_id, PAID_AT)
    for job in await sale.jobs("sale.note_title_service"):
        await handle_title_service(sale.db, job)
    place = {"registry": "示例区不动产登记中心", "receipt_number": "SL-1"}
    filing = FileRegistrySteps(
        command_id=new_id(), lot_id=sale.lot_id, old_mortgages=1, filed_on=PAID_AT.date(), **place
    )
    steps = await file_registry_steps(sale.db, sale.clerk, filing)
    entry = RecordRegistryEntry(
        command_id=new_id(),
        lot_id=sale.lot_id,
        step=RegistryStep.NEW_MORTGAGE,
        certificate_number="DY-1",
        entered_on=PAID_AT.date(),
    )
    await record_registry_entry(sale.db, sale.clerk, entry)
    return steps


@pytest.mark.timeout(400)
async def test_buyer_with_a_loan_from_product_to_registry(town: Town, browser: Browser) -> None:
    """Product, application, letter, own limit in the room, commitment, late draw, money, ruling, filing: one way."""
    page, path = await approved(town, browser)
    await won(town, browser, page, path)
    await drawn(town, browser, page, path)
    steps = await filed(town.market.sale)
    await town.work()

    assert steps.steps == (RegistryStep.CANCEL, RegistryStep.TRANSFER, RegistryStep.NEW_MORTGAGE)
    told = sorted(one.kind for one in town.lender.told.values())
    assert told == ["draw_late", "mortgage_filed", "mortgage_registered"]
    ((loan_id,),) = await town.market.sale.rows("SELECT loan_id FROM fund.loan")
    await pictures(browser, town, "lender1", f"/lender/loans/{loan_id}", "lender-loan")
    await page.goto(town.house.url + path)
    await expect(page.locator("body")).to_contain_text("已到案款账户")


async def test_loan_into_a_sell_off_rests_on_confirmed_bridge_money(town: Town, browser: Browser) -> None:
    """A mistyped agreement is refused and named anew; what the bank confirmed of the right one is shown to borrower and lender."""
    market = town.market
    await market.announce_sell_off()
    await offer(await window(browser, town, "lender1", "/lender"), bridges=True)
    registered = await market.register("bidder1")
    path = f"/my/registrations/{registered.registration_id}/loan"
    town.lender.bridge = BridgeMoney(reference="过桥协议1号", amount_fen=LOAN.fen, available_until=date(2099, 1, 1))
    page = await window(browser, town, "bidder1", path)

    await apply(page, bridge_ref="过桥协议11号")
    await town.work()
    await page.reload()
    await expect(page.locator("#loans-heading + article")).to_contain_text("银行的预审批函未确认")
    await apply(page, bridge_ref="过桥协议1号")
    await town.work()
    await page.reload()
    await expect(page.locator("body")).to_contain_text("已预审批")
    await expect(page.locator("body")).to_contain_text("2099年1月1日")
    await pictures(browser, town, "bidder1", path, "loan-bridged")
    loan_id = (await page.locator("article[id^='loan-']").last.get_attribute("id") or "").removeprefix("loan-")
    await pictures(browser, town, "lender1", f"/lender/loans/{loan_id}", "loan-bridged-lender")


async def test_bid_by_form_is_held_to_the_own_limit(town: Town, browser: Browser) -> None:
    """Without scripts the confirmation says that the bid depends on a loan, and the enforced limit refuses it."""
    market = town.market
    await market.announce()
    await market.admit("bidder1")
    path = f"/my/registrations/{market.registered['bidder1'].registration_id}/loan"
    page = await window(browser, town, "bidder1", path)
    await limit(page, "2000000")
    await market.open()
    await page.goto(f"{town.house.url}{market.lot_url}/bid?amount_yuan=2100000")
    await expect(page.locator("body")).to_contain_text("此出价依赖尚未获批的贷款")
    await page.locator("form[action$='/bid'] button.govuk-button").click()

    await expect(page.locator(".govuk-error-summary")).to_contain_text("超过您自己设定的限额")
    assert (await market.room()).bid_count == 0
    await pictures(browser, town, "bidder1", f"{market.lot_url}/bid?amount_yuan=2100000", "bid-above-limit")
