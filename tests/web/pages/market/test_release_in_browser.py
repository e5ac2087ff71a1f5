"""A bidder who loses sees the clock of his deposit run until his bank has it back; one who will not wait out a stop leaves."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page

from auction.fund.channels.poll_bank import poll_bank
from auction.fund.deposits.release_deposit import handle_check_release, handle_release_deposit
from auction.fund.deposits.send_refund import push_refund
from auction.kernel.persons import name_of
from auction.sale.rounds.admit_bidder import handle_deposit_held
from auction.sale.rounds.register_bidder import Registered
from bidding.journal.stop_session import handle_stop_session
from bidding.journal.views import RoomsAtRest
from tests.auction.fund.world import FakeBank, FakeCards
from tests.auction.sale.rounds.test_stop_round import stop
from tests.auction.sale.world import CLOSES_AT, DEPOSIT, INCREMENT, RESERVE
from tests.bidding.journal.world import eventually
from tests.web.pages.market.browsing import serving, sign_in
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_browser_market import pictures
from tests.web.test_browser import check
from web.pages.finance.routes import FINANCE_PAGES
from web.wiring import Wiring

pytestmark = pytest.mark.browser


class BankedMarket:
    """A market whose deposits come and go through a bank of its own."""

    def __init__(self, market: Market) -> None:
        """Bind; nothing is stored yet."""
        self.market, self.bank, self.cards = market, FakeBank(), FakeCards()

    async def admit(self, name: str) -> None:
        """Register a sample bidder, let him transfer his deposit, and let him into the room."""
        self.market.sale.pay_deposit = self._transfer  # type: ignore[method-assign]  # the same by a real transfer
        await self.market.admit(name)

    async def _transfer(self, registered: Registered) -> None:
        sale = self.market.sale
        (row,) = await sale.rows(
            "SELECT reference, person_id FROM fund.deposit WHERE deposit_id = :id", id=registered.deposit_id
        )
        name = await sale.read(lambda tx: name_of(tx, row.person_id))
        self.bank.pay_in(registered.deposit_fen, name=name, remark=f"保证金 {row.reference}")
        await poll_bank(sale.db, self.bank)
        *_, job = await sale.jobs("sale.deposit_held")
        await handle_deposit_held(sale.db, job)

    async def release(self) -> None:
        """Work off the releases and send their refunds."""
        for job in await self.market.sale.jobs("fund.release_deposit"):
            await handle_release_deposit(self.market.sale.db, job)
        await self.send()

    async def send(self) -> None:
        """Send the refunds, or ask what became of them."""
        for row in await self.market.sale.rows("SELECT refund_id FROM fund.refund"):
            await push_refund(self.market.sale.db, self.cards, self.bank, row.refund_id)

    async def half_time(self) -> None:
        """Let half of the legal time go by."""
        (row,) = await self.market.sale.rows("SELECT max(release_due_at) AS due FROM fund.deposit")
        await self.market.sale.at(row.due - timedelta(hours=12))
        for job in await self.market.sale.jobs("fund.check_release"):
            await handle_check_release(self.market.sale.db, job)


@pytest.fixture
async def banked_url(market_wiring: Wiring) -> AsyncIterator[str]:
    """The site, the finance desk included, on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    wired = replace(
        market_wiring,
        routes=(*market_wiring.routes, *FINANCE_PAGES),
        ports={**market_wiring.ports, "rooms": RoomsAtRest()},
        settings=replace(market_wiring.settings, site_url=url),
    )
    async with serving(wired, listening):
        yield url


async def test_loser_sees_his_deposit_come_back(banked_url: str, browser: Browser, market: Market) -> None:
    """From the close to the bank's word a clock says what the law gives; finance sees the same clock, and an alarm at half of it."""
    banked = BankedMarket(market)
    await market.announce()
    await banked.admit("bidder1")
    await banked.admit("bidder2")
    await market.open()
    await market.bid("bidder1", RESERVE.fen)
    await market.bid("bidder2", RESERVE.fen + INCREMENT.fen)
    await market.close()
    own = f"/my/registrations/{market.registered['bidder1'].registration_id}"
    stage = "closed"
    shown: list[str] = []

    async def look(page: Page, name: str) -> None:
        await sign_in(page, banked_url, "bidder1", own)
        await check(page, f"loser-{stage}-{name}")
        assert (await page.locator(".fapai-deadline").count() > 0) is (stage != "returned")
        if stage in ("half-time", "returned"):
            await page.context.clear_cookies()
            await sign_in(page, banked_url, "finance1", "/finance")
            await check(page, f"finance-{stage}-{name}")
            shown.append(await page.inner_text("main"))

    await pictures(browser, look)
    stage, banked.bank.mood = "sent", "accepted"
    await banked.release()
    await pictures(browser, look)
    stage = "half-time"
    await banked.half_time()
    await pictures(browser, look)
    assert any("保证金退还已过法定时限一半" in text for text in shown)
    shown.clear()

    banked.bank.settle("confirmed")
    await banked.send()
    stage = "returned"
    await pictures(browser, look)

    assert not any("保证金退还已过法定时限一半" in text for text in shown)
    (row,) = await market.sale.rows("SELECT amount_fen, state FROM fund.refund")
    assert (row.amount_fen, row.state) == (DEPOSIT.fen, "done")
    assert [order.to_account for order, _ in banked.bank.orders.values()] == ["6222"]


async def test_bidder_leaves_a_stopped_round_by_his_page(banked_url: str, browser: Browser, market: Market) -> None:
    """The page offers to leave while the round is stopped, asks for a tick, and then shows the clock of the money's return."""
    banked = BankedMarket(market)
    await market.announce()
    await banked.admit("bidder1")
    await banked.admit("bidder2")
    await market.open()
    await market.bid("bidder2", RESERVE.fen)
    await stop(market.sale, "stay")
    for job in await market.sale.jobs("bidding.stop_session"):
        await handle_stop_session(market.sale.db, market.rooms.live, job)

    async def at_rest() -> bool:
        return (await market.room()).phase == "stopped"

    await eventually(at_rest)
    own = f"/my/registrations/{market.registered['bidder1'].registration_id}"

    async def look(page: Page, name: str) -> None:
        await sign_in(page, banked_url, "bidder1", own)
        await check(page, f"leave-{name}")

    async def leads(page: Page, name: str) -> None:
        await sign_in(page, banked_url, "bidder2", f"/my/registrations/{market.registered['bidder2'].registration_id}")
        await page.check("#understood")
        await page.click("form[action$=leave] button")
        await page.wait_for_selector(".govuk-error-summary")
        await check(page, f"leave-leader-{name}")

    async def left(page: Page, name: str) -> None:
        await sign_in(page, banked_url, "bidder1", own)
        if await page.locator("form[action$=leave]").count():
            await page.click("form[action$=leave] button")
            await page.wait_for_selector(".govuk-error-summary")
            await check(page, f"leave-unticked-{name}")
            await page.check("#understood")
            await page.click("form[action$=leave] button")
            await page.wait_for_selector(".fapai-deadline")
        await check(page, f"left-{name}")
        await page.goto(f"{banked_url}{market.lot_url}")
        await check(page, f"left-lot-{name}")

    await pictures(browser, look)
    await pictures(browser, leads)
    await pictures(browser, left)

    rows = await market.sale.rows("SELECT state FROM sale.registration ORDER BY state")
    assert [row.state for row in rows] == ["admitted", "left"]
    assert CLOSES_AT > (await market.sale.rows("SELECT kernel.now_at() AS now"))[0].now
