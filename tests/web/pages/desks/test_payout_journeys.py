"""Two journeys in a real browser, both languages, narrow and wide: a payout that comes back, and a changed payee account."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
import uvicorn
from playwright.async_api import Browser, Page

from auction.contracts import PayeeAccountChanged
from auction.fund.gateway import BankOrderSeen, OrderState
from auction.fund.payouts.disbursements import Step
from auction.fund.payouts.note_payout import note_payout_seen
from auction.kernel.clock import SHANGHAI
from auction.kernel.persons import name_of
from auction.sale.cases import store as cases
from auction.sale.cases.issue_account_notice import handle_payee_account_changed
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, START_S, check, window
from web.app import create_app
from web.pages.public.unclaimed_page import show_unclaimed
from web.wiring import Wiring

pytestmark = pytest.mark.browser

NEW_ACCOUNT = "6222000099998888"


@pytest.fixture
async def site_url(desks: Wiring) -> AsyncIterator[str]:
    """The desks and the public page of unclaimed money on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    app = create_app(replace(desks, routes=(*desks.routes, show_unclaimed)))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    async with asyncio.timeout(START_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def bank_says(court: CourtWorld, payout_id: UUID, state: OrderState, reason: str = "") -> None:
    """Let the bank say this of a payout."""
    seen = BankOrderSeen(key=f"payout:{payout_id}", state=state, reason=reason)
    await court.db.transact(lambda tx: note_payout_seen(tx, payout_id, seen))


async def sign_as(browser: Browser, url: str, locale: str, username: str, payout: str, step: str) -> None:
    """Take a step of the chain by hand."""
    context, page = await window(browser, url, locale, username)
    await page.goto(f"{url}{payout}/{step}")
    await page.locator(f"form[action$='/{step}'] button").click()
    await page.wait_for_url(f"**?done={step}")
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_returned_payout_is_paid_anew(court: CourtWorld, site_url: str, browser: Browser, locale: str) -> None:
    """The bank sends the money back after it was paid; the handler reads why, prepares anew, four sign, and it is paid."""
    await court.settled()
    first = await court.prepared()
    await court.signed(first, Step.APPROVE, Step.CHECK, Step.PAY)
    await bank_says(court, first.disbursement_id, "confirmed")
    await bank_says(court, first.disbursement_id, "returned", "收款账户已销户")
    context, page = await window(browser, site_url, locale, "judge1")
    await page.goto(f"{site_url}/finance/standing")
    await check(page, f"standing-{locale}")
    await page.goto(f"{site_url}/finance/payouts/{first.disbursement_id}")
    assert "收款账户已销户" in await page.inner_text("main")
    await check(page, f"payout-returned-{locale}")
    await page.locator("main a[href$='/prepare']").click()
    await page.locator("main form button").click()
    await page.wait_for_url("**/prepare?amount=*")
    await page.locator("main form button").click()
    await page.wait_for_url("**?done=prepared")
    anew = page.url.split("?")[0].removeprefix(site_url)
    await context.close()
    for username, step in (("head1", "approve"), ("finance1", "check"), ("cashier1", "pay")):
        await sign_as(browser, site_url, locale, username, anew, step)
    await bank_says(court, UUID(anew.rsplit("/", 1)[1]), "confirmed")
    context, page = await window(browser, site_url, locale, "finance1")
    await page.goto(f"{site_url}{anew}")
    await check(page, f"payout-paid-anew-{locale}")
    assert await page.locator("#sources").count() == 1
    await page.goto(f"{site_url}/finance/figures")
    await check(page, f"figures-{locale}")
    await page.goto(f"{site_url}/finance/reconciliations")
    await check(page, f"reconciliations-{locale}")
    await page.goto(f"{site_url}/unclaimed")
    await check(page, f"unclaimed-{locale}")
    await context.close()
    states = await court.rows("SELECT state FROM fund.disbursement ORDER BY prepared_at")
    assert [row.state for row in states] == ["returned", "paid"]
    assert await court.rows("SELECT 1 FROM fund.alarm WHERE cleared_at IS NULL") == []


async def serve_by_hand(court: CourtWorld, page: Page, url: str, person_id: UUID) -> None:
    """Issue the notice as the worker does, and record on its page that it was handed over."""
    (job,) = await court.jobs("sale.issue_account_notice")
    await handle_payee_account_changed(court.db, job)
    notice = job.decode(PayeeAccountChanged).document_id
    party = (await court.read(lambda tx: cases.parties_by_person(tx, court.case_id, person_id)))[0].party_id
    now = (await court.rows("SELECT kernel.now_at() AS at"))[0].at.astimezone(SHANGHAI)
    await page.goto(f"{url}/court/cases/{court.case_id}/documents/{notice}/serve")
    await page.check(f"input[name='party_id'][value='{party}']")
    await page.check("input[name='method'][value='direct']")
    await page.fill("#sent_on", now.date().isoformat())
    await page.fill("#sent_time", "00:00")
    await page.fill("#arrived_on", now.date().isoformat())
    await page.fill("#arrived_time", "00:00")
    await page.fill("#evidence_ref", "送达回证")
    await page.locator("main form button[type='submit'], main form button").last.click()
    await page.wait_for_url("**done=served*")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_changed_account_is_told_confirmed_and_waits(
    court: CourtWorld, site_url: str, browser: Browser, locale: str
) -> None:
    """A change is recorded on paper, told at the contact on file, confirmed by another, voids what was signed, and waits a working day."""
    plan = await court.settled()
    line = next(line for line in plan.lines if line.kind == "ordinary")
    signed = await court.prepared()
    await court.signed(signed, Step.APPROVE)
    case_page = f"{site_url}/finance/cases/{court.case_id}"
    context, page = await window(browser, site_url, locale, "judge1")
    await page.goto(case_page)
    await page.locator("details summary").last.click()
    await page.select_option("#person_id", str(line.payee_person_id))
    await page.fill("#account_number", NEW_ACCOUNT)
    await page.fill("#account_name", await court.read(lambda tx: name_of(tx, line.payee_person_id)))
    await page.fill("#evidence_sha256", "c" * 64)
    await page.select_option("#signed_by", "agent")
    await check(page, f"account-form-{locale}")
    await page.locator("form[action$='/payee-account'] button").click()
    await page.wait_for_selector(".govuk-error-summary")
    assert "special_authority_needed" in await page.inner_text(".govuk-error-summary")
    await check(page, f"account-refused-{locale}")
    assert await page.input_value("#person_id") == str(line.payee_person_id)
    assert await page.input_value("#account_number") == NEW_ACCOUNT
    assert await page.input_value("#evidence_sha256") == "c" * 64
    await page.select_option("#signed_by", "payee")
    await page.locator("form[action$='/payee-account'] button").click()
    await page.wait_for_url("**?done=account")
    await check(page, f"account-proposed-{locale}")
    await context.close()
    context, page = await window(browser, site_url, locale, "clerk1")
    await page.goto(case_page)
    assert await page.locator("form[action$='/payee-account/confirm']").count() == 0
    await serve_by_hand(court, page, site_url, line.payee_person_id)
    await page.goto(case_page)
    await check(page, f"account-told-{locale}")
    await page.locator("form[action$='/payee-account/confirm'] button").click()
    await page.wait_for_url("**?done=account_confirmed")
    await check(page, f"account-confirmed-{locale}")
    await context.close()
    context, page = await window(browser, site_url, locale, "judge1")
    await page.goto(f"{site_url}/finance/payouts/{signed.disbursement_id}")
    await check(page, f"account-voided-{locale}")
    await page.goto(f"{site_url}/finance/lines/{line.line_id}/prepare?amount=1")
    await page.locator("main form button").click()
    await page.wait_for_selector(".govuk-error-summary")
    assert "payee_account_missing" in await page.inner_text(".govuk-error-summary")
    usable = await court.rows(
        "SELECT usable_from FROM fund.payee_account WHERE state = 'confirmed' AND confirmed_by IS NOT NULL"
    )
    await court.at(usable[0].usable_from)
    await page.goto(f"{site_url}/finance/lines/{line.line_id}/prepare?amount=1")
    await page.locator("main form button").click()
    await page.wait_for_url("**?done=prepared")
    await context.close()
    states = await court.rows("SELECT state FROM fund.disbursement ORDER BY prepared_at")
    assert [row.state for row in states] == ["voided", "prepared"]
