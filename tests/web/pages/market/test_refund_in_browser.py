"""A refund that the bank refused, tried again by finance; an account that is closed; a hold that was lost: all by their pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page
from sqlalchemy import text

from auction.fund.deposits.start_card_payment import StartCardPayment, push_card_payment, start_card_payment
from auction.kernel.ids import new_id
from auction.kernel.persons import name_of
from auction.sale.rounds.admit_bidder import handle_deposit_held
from auction.sale.rounds.register_bidder import Registered
from tests.auction.fund.world import ADVANCED
from tests.auction.sale.world import DEPOSIT, RESERVE
from tests.web.pages.market.browsing import sign_in
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_browser_market import pictures
from tests.web.pages.market.test_release_in_browser import BankedMarket, banked_url
from tests.web.test_browser import check

__all__ = ["banked_url"]
pytestmark = pytest.mark.browser
REFUNDS = "/finance/refunds"


async def test_refused_refund_is_tried_again_and_paid_once(banked_url: str, browser: Browser, market: Market) -> None:
    """Finance sees the failed refund with its clock, writes why, and tries again; the bidder has his money, once."""
    banked = BankedMarket(market)
    await market.announce()
    await banked.admit("bidder1")
    await banked.admit("bidder2")
    await market.open()
    await market.bid("bidder2", RESERVE.fen)
    await market.close()
    banked.bank.mood = "rejected"
    await banked.release()
    own = f"/my/registrations/{market.registered['bidder1'].registration_id}"
    (row,) = await market.sale.rows("SELECT person_id FROM fund.deposit d JOIN fund.refund f USING (deposit_id)")
    payer = await market.sale.read(lambda tx: name_of(tx, row.person_id))

    async def failed(page: Page, name: str) -> None:
        await sign_in(page, banked_url, "finance1", REFUNDS)
        await page.click("details summary")
        await check(page, f"refund-failed-{name}")

    await pictures(browser, failed)
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    await sign_in(page, banked_url, "finance1", REFUNDS)
    await page.click("form[action$='/again'] button")
    await page.wait_for_selector(".govuk-error-summary")
    await page.click("details summary")
    await page.fill("[name=account_number]", "6333000011112222")
    await page.fill("[name=account_name]", "某甲")
    await page.fill("[name=evidence_sha256]", "ab" * 32)
    await page.click("form[action$='/accounts'] button")
    await page.wait_for_selector(".govuk-error-summary")
    assert await page.input_value("[name=account_number]") == "6333000011112222"  # nothing is typed twice
    await page.fill("[name=account_name]", payer)
    await page.click("form[action$='/accounts'] button")
    await page.wait_for_url("**?done=refund_account")
    assert await page.locator("form[action$='/accounts/confirm']").count() == 0  # not by whoever recorded it

    async def told(page: Page, name: str) -> None:
        await sign_in(page, banked_url, "bidder1", own)
        await check(page, f"refund-told-{name}")
        assert "************2222" in await page.inner_text("main")

    await pictures(browser, told)
    await page.click("form[action$='/accounts/withdraw'] button")
    await page.wait_for_url("**?done=refund_account_withdrawn")
    banked.bank.mood = "confirmed"
    await page.fill("[name=reason]", "银行系统已恢复")
    await page.click("form[action$='/again'] button")
    await page.wait_for_url("**?done=refund_again")
    await banked.send()

    orders = [(order.to_account, seen.state) for order, seen in banked.bank.orders.values()]
    assert orders == [("6222", "rejected"), ("6222", "confirmed")]
    (refund,) = await market.sale.rows("SELECT amount_fen, state, attempt FROM fund.refund")
    assert (refund.amount_fen, refund.state, refund.attempt) == (DEPOSIT.fen, "done", 2)


class CardMarket(BankedMarket):
    """A market whose deposits are paid by card."""

    async def _transfer(self, registered: Registered) -> None:
        sale = self.market.sale
        name = next(name for name, one in self.market.registered.items() if one == registered)
        command = StartCardPayment(command_id=new_id(), deposit_id=registered.deposit_id, payment_id=new_id())
        await start_card_payment(sale.db, self.market.people[name], command, policy=ADVANCED)
        await push_card_payment(sale.db, self.cards, command.payment_id)
        paid = await self.cards.find_by_payment_id(str(command.payment_id))
        assert paid is not None
        self.cards.pay(paid.provider_id)
        await push_card_payment(sale.db, self.cards, command.payment_id)
        *_, job = await sale.jobs("sale.deposit_held")
        await handle_deposit_held(sale.db, job)


async def test_card_that_takes_nothing_back_is_replaced_by_an_account(
    banked_url: str, browser: Browser, market: Market
) -> None:
    """Finance reads that the operator pays first, records the bidder's account, and the second person confirms it; the bidder is told."""
    banked = CardMarket(market)
    await market.announce()
    await banked.admit("bidder1")
    await banked.admit("bidder2")
    await market.open()
    await market.bid("bidder2", RESERVE.fen)
    await market.close()
    banked.cards.refund_state = "failed"
    await banked.release()
    (row,) = await market.sale.rows(
        "SELECT d.person_id FROM fund.deposit d JOIN fund.card_payment p USING (deposit_id) JOIN fund.refund f USING (payment_id)"
    )
    payer = await market.sale.read(lambda tx: name_of(tx, row.person_id))

    async def failed(page: Page, name: str) -> None:
        await sign_in(page, banked_url, "finance1", REFUNDS)
        await page.click("details summary")
        await check(page, f"card-refund-failed-{name}")

    await pictures(browser, failed)
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    await sign_in(page, banked_url, "cashier1", REFUNDS)
    await page.click("details summary")
    await page.fill("[name=account_number]", "6333000011112222")
    await page.fill("[name=account_name]", payer)
    await page.fill("[name=evidence_sha256]", "ab" * 32)
    await page.click("form[action$='/accounts'] button")
    await page.wait_for_url("**?done=refund_account")

    async def named(page: Page, name: str) -> None:
        await sign_in(page, banked_url, "finance1", REFUNDS)
        await check(page, f"card-refund-named-{name}")

    await pictures(browser, named)
    await page.context.clear_cookies()
    await sign_in(page, banked_url, "finance1", REFUNDS)
    await page.click("form[action$='/accounts/confirm'] button")
    await page.wait_for_url("**?done=refund_account_confirmed")
    (account,) = await market.sale.rows("SELECT usable_from FROM fund.refund_account")
    await market.sale.at(account.usable_from + timedelta(seconds=1))
    await banked.send()

    async def covering(page: Page, name: str) -> None:
        await sign_in(page, banked_url, "finance1", REFUNDS)
        await check(page, f"card-refund-covering-{name}")
        assert await page.locator("form[action$='/accounts/withdraw']").count() == 0  # it could not stop it any more

    await pictures(browser, covering)
    (cover,) = await market.sale.rows("SELECT amount_fen, state FROM fund.advance WHERE refund_id IS NOT NULL")
    assert (cover.amount_fen, cover.state) == (DEPOSIT.fen, "asked")
    assert banked.bank.orders == {}


async def test_bidder_whose_hold_was_lost_is_shown_how_to_pay_anew(
    banked_url: str, browser: Browser, market: Market
) -> None:
    """The page says at once that nothing stands behind the deposit, until when, and offers the ways to pay."""
    banked = BankedMarket(market)
    await market.announce()
    await banked.admit("bidder1")
    await market.open()
    async with market.sale.db.transaction() as tx:
        await tx.session.execute(text("UPDATE fund.deposit SET backing = 'none'"))
    own = f"/my/registrations/{market.registered['bidder1'].registration_id}"

    async def lapsed(page: Page, name: str) -> None:
        await sign_in(page, banked_url, "bidder1", own)
        await check(page, f"deposit-lapsed-{name}")
        assert await page.locator("#lapsed-heading").count() == 1
        assert await page.locator("#pay").count() == 1

    await pictures(browser, lapsed)
