"""Steps in a real browser: rows are added by keyboard, refusals lead to their field, everything reflows at 320 px."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from auction.kernel.clock import local
from tests.auction.sale.world import FIRST_DAY
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window

__all__ = ["desk_url"]
pytestmark = pytest.mark.browser


async def tab_to(page: Page, element: str) -> None:
    """Press Tab until an element has the focus; fails if the keyboard never comes there."""
    for _press in range(200):
        if await page.evaluate("document.activeElement && document.activeElement.id") == element:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {element}")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_facts_are_established_by_keyboard(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str, tmp_path: Path
) -> None:
    """Five rows stand there; one is taken away, one added, Enter sends; a wrong row is named and keeps its text."""
    await court.open()
    paper = tmp_path / "extract.txt"
    paper.write_text("土地登记查询结果", encoding="utf-8")
    context, page = await window(browser, desk_url, locale, "clerk1")
    await page.goto(f"{desk_url}/court/cases/{court.case_id}/steps/establish-facts")
    await check(page, f"step-facts-{locale}")
    rows = page.locator(".fapai-group__row")
    assert await rows.count() == 5
    await page.fill("[id='facts.0.statement_zh']", "登记为被执行人单独所有")
    await page.locator("button[name='remove'][value='facts.4']").click()
    await expect(rows).to_have_count(4)
    assert await page.input_value("[id='facts.0.statement_zh']") == "登记为被执行人单独所有"
    await page.locator("button[name='add']").focus()
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(5)
    await tab_to(page, "facts.0.source")
    await page.keyboard.type("Land register")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"step-facts-refused-{locale}")
    await page.locator(".govuk-error-summary a[href='#facts.0.statement_en']").click()
    assert await page.evaluate("document.activeElement.id") == "facts.0.statement_en"
    await page.keyboard.type("Registered to the debtor alone")
    await page.locator("input[type=file]").first.set_input_files(paper)
    fingerprint = hashlib.sha256(paper.read_bytes()).hexdigest()
    await expect(page.locator("[id='facts.0.document_sha256']")).to_have_value(fingerprint)
    await tab_to(page, "facts.0.source")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**?done=step.establish-facts")
    await check(page, f"step-facts-done-{locale}")

    [row] = await court.rows("SELECT subject, statement_zh, document_sha256 FROM valuation.fact")
    assert (row.subject, row.statement_zh, row.document_sha256) == ("title", "登记为被执行人单独所有", fingerprint)
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_unlawful_listing_says_what_to_mend(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """A listing below the floor comes back with each finding, its article, and a link to the field that mends it."""
    await court.at(local(FIRST_DAY, 9))
    await court.open()
    await court.price()
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{desk_url}/court")
    await check(page, f"step-desk-{locale}")
    await page.goto(f"{desk_url}/court/steps/open-case")
    await check(page, f"step-open-case-{locale}")
    await page.goto(f"{desk_url}/court/cases/{court.case_id}/steps/list-lot")
    await check(page, f"step-list-{locale}")
    assert await page.input_value("[id='terms.reserve_fen']") == "2100000"
    await page.fill("[id='terms.reserve_fen']", "2000000")
    await page.fill("[id='terms.deposit_fen']", "1000000")
    await page.fill("[id='terms.increment_fen']", "10000")
    for name in ("title_en", "description_zh", "description_en"):
        await page.fill(f"[id='terms.{name}']", "Example")
    await page.fill("[id='terms.options.confirm_steps']", "1")
    await page.fill("[id='terms.options.confirm_percent']", "150")
    await page.locator("button[name='add']").click()
    await page.fill("[id='terms.options.increment_growth.0.after_extensions']", "10")
    await page.fill("[id='terms.options.increment_growth.0.times']", "1")
    await page.locator(".fapai-step__end button").first.click()
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"step-list-refused-{locale}")
    said = await page.locator(".govuk-error-summary").inner_text()
    for code in ("reserve_below_floor", "deposit_above_maximum", "confirmation_steps_out_of_bounds"):
        assert code in said
    assert "¥4,500,000" in await page.locator("main").inner_text()
    await page.locator("a[href='#terms.options.increment_growth.0.after_extensions']").first.click()
    assert await page.evaluate("document.activeElement.value") == "10"
    await page.locator(".govuk-error-summary a[href='#terms.reserve_fen']").first.click()

    assert await page.evaluate("document.activeElement.id") == "terms.reserve_fen"
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_plan_is_proposed(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """The form of the plan shows what the money and the claims make of it, line by line."""
    await court.planned()
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{desk_url}/court/cases/{court.case_id}/steps/draw-plan")
    await check(page, f"step-plan-{locale}")

    assert "1,200,000" in await page.locator("main").inner_text()
    await page.goto(f"{desk_url}/court/cases/{court.case_id}")
    await check(page, f"step-case-{locale}")
    await context.close()
