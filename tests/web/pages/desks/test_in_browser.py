"""The desks in a real browser: both languages, narrow and wide, checked with axe, by hand, with scripts off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page

from auction.fund.payouts.disbursements import Step
from auction.sale.cases.documents import DocumentKind
from tests.web.pages.desks.court_world import CourtWorld
from web.app import create_app
from web.auth.sample_accounts import SAMPLE_PASSWORD
from web.wiring import Wiring

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[4] / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("FAPAI_SCREENSHOTS")
WIDTHS = (320, 1440)
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
START_S = 20.0
RULES = "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']"


@pytest.fixture
async def desk_url(desks: Wiring) -> AsyncIterator[str]:
    """The desks on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(desks), log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    async with asyncio.timeout(START_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def window(browser: Browser, url: str, locale: str, username: str) -> tuple[BrowserContext, Page]:
    """Open a fresh window of this language, signed in."""
    context = await browser.new_context(
        viewport={"width": WIDTHS[0], "height": 900}, locale=LOCALES[locale], reduced_motion="reduce"
    )
    await context.add_init_script(path=AXE)
    page = await context.new_page()
    await page.goto(f"{url}/sign-in?next=/account")
    await page.fill("#username", username)
    await page.fill("#password", SAMPLE_PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/account")
    return context, page


async def check(page: Page, name: str) -> None:
    """Check a page at each width: no sideways scrolling, and at one of them no finding of axe; keep a picture if asked.

    Axe looks narrow in Chinese and wide in English.
    """
    is_narrow = (await page.evaluate("document.documentElement.lang")).startswith("zh")
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        if SHOTS:
            await page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} at {width}"
        if is_narrow != (width == WIDTHS[0]):
            continue
        found = await page.evaluate(
            f"async () => (await axe.run(document, {{runOnly: {RULES}}}))"
            ".violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(' | '))"
        )
        assert found == [], f"{name} at {width}"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_panel_votes(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """A member reads the listing, forgets the choice, votes; the clerk closes; every state passes axe and reflows."""
    await court.listed(tax_burden_zh="一切税费由买受人承担。")
    url = f"{desk_url}/court/questions/{court.question_id}"
    context, page = await window(browser, desk_url, locale, "panel1")
    await page.goto(url)
    await check(page, f"panel-{locale}")
    await page.locator("form[action$='/vote'] button").click()
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"panel-refused-{locale}")
    await page.check("#vote")
    await page.fill("#opinion", "同意按方案上拍")
    await page.locator("form[action$='/vote'] button").click()
    await page.wait_for_url("**?done=voted")
    await check(page, f"panel-voted-{locale}")
    await context.close()
    await court.vote_as(court.question_id, "presiding1", "panel2")
    context, page = await window(browser, desk_url, locale, "clerk1")
    await page.goto(url)
    await page.locator("form[action$='/close'] button").click()
    await page.wait_for_url("**?done=decided")
    await check(page, f"panel-decided-{locale}")
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_money_is_paid_out(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """The handler prepares, the head approves; the pages in between pass axe and reflow."""
    plan = await court.settled()
    line = next(line for line in plan.lines if line.kind == "ordinary")
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{desk_url}/finance/lines/{line.line_id}/prepare")
    await check(page, f"prepare-{locale}")
    await page.locator("main form button").click()
    await page.wait_for_url("**/prepare?amount=*")
    await check(page, f"prepare-confirm-{locale}")
    await page.locator("main form button").click()
    await page.wait_for_url("**?done=prepared")
    payout = page.url.split("?")[0]
    await check(page, f"payout-prepared-{locale}")
    await context.close()
    context, page = await window(browser, desk_url, locale, "head1")
    await page.goto(payout)
    await page.locator(f"main a[href='{payout.removeprefix(desk_url)}/approve']").click()
    await page.wait_for_url("**/approve")
    await check(page, f"sign-{locale}")
    await page.locator("form[action$='/approve'] button").click()
    await page.wait_for_url("**?done=approve")
    await check(page, f"payout-approved-{locale}")
    await context.close()


async def test_cashier_pays_without_scripts(court: CourtWorld, desk_url: str, browser: Browser) -> None:
    """With JavaScript off, and by keyboard, the cashier's confirmation works."""
    await court.settled()
    payout = await court.prepared()
    await court.signed(payout, Step.APPROVE, Step.CHECK)
    context = await browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{desk_url}/sign-in?next=/finance/payouts/{payout.disbursement_id}/pay")
    await page.fill("#username", "cashier1")
    await page.fill("#password", SAMPLE_PASSWORD)
    await page.press("#password", "Enter")
    await page.locator("form[action$='/pay'] button").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**?done=pay")

    assert len(await court.jobs("fund.order_payout")) == 1
    await context.close()


@pytest.mark.languages
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_desks_are_accessible(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """Every page of both desks passes axe and reflows."""
    await court.settled()
    payout = await court.prepared()
    draft = await court.document(DocumentKind.ASSISTANCE_NOTICE, sealed=False)
    notice = await court.document(DocumentKind.ENFORCEMENT_NOTICE)
    case = f"/court/cases/{court.case_id}"
    visits = {
        "judge1": {
            "court": "/court",
            "case": case,
            "draft": f"{case}/documents/{draft}",
            "serve": f"{case}/documents/{notice}/serve",
            "rule": f"/court/lots/{court.lot_id}/rule",
            "delivery": f"/court/lots/{court.lot_id}/delivery",
            "money": f"/finance/cases/{court.case_id}",
        },
        "head1": {"finance-head": "/finance"},
        "finance1": {"finance": "/finance", "payout": f"/finance/payouts/{payout.disbursement_id}"},
        "supervisor1": {
            "audit": f"/supervision/cases/{court.case_id}/audit",
            "law": "/supervision/law",
            "calendar": "/supervision/calendar?year=2026",
            "books": "/finance/books",
            "statement": f"/finance/cases/{court.case_id}/statement",
            "public": f"/statements/{court.case_id}",
            "trace": f"/finance/cases/{court.case_id}/trace",
            "public-trace": f"/statements/{court.case_id}/trace",
        },
    }
    for username, pages in visits.items():
        context, page = await window(browser, desk_url, locale, username)
        for name, path in pages.items():
            await page.goto(f"{desk_url}{path}")
            await check(page, f"{name}-{locale}")
        await context.close()
