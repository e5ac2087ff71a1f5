"""Register and draws in a real browser: both languages, narrow and wide, axe, and a secret made on the page."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from auction.kernel.clock import local
from tests.auction.sale.world import FIRST_DAY
from tests.web.pages.agencies.draw_world import MANDATE, DrawWorld, Hand
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from valuation.draw_v1.draw import commitment
from valuation.draws.fail_draw import DRAW_DUE, handle_draw_due
from valuation.draws.look_at_draws import look_at_draws

__all__ = ["desk_url"]
pytestmark = pytest.mark.browser


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_pages_of_a_draw(court: DrawWorld, desk: object, desk_url: str, browser: Browser, locale: str) -> None:
    """Register, list, a frozen and a drawn draw, and the party's pages reflow and have no finding."""
    await court.appraised()
    hand = Hand(desk, court)  # type: ignore[arg-type] # the client of the fixture
    draw_id = await hand.frozen()
    context, page = await window(browser, desk_url, locale, "party1")
    for name, path in (
        ("agencies", "/agencies"),
        ("draws", "/draws"),
        ("draw-frozen", f"/draws/{draw_id}"),
        ("take-part", f"/draws/{draw_id}/take-part"),
        ("propose", f"/selections/{MANDATE}"),
        ("party-cases", "/party"),
        ("party-frozen", f"/party/cases/{court.case_id}"),
    ):
        await page.goto(f"{desk_url}{path}")
        await check(page, f"{name}-{locale}")
    await court.at_draw()
    await hand.drawn_now()
    await page.goto(f"{desk_url}/draws/{draw_id}")
    await check(page, f"draw-drawn-{locale}")
    await look_at_draws(court.db)
    await page.goto(f"{desk_url}/draws/monitor")
    await check(page, f"monitor-{locale}")
    await page.goto(f"{desk_url}/party/cases/{court.case_id}")
    await check(page, f"party-{locale}")
    await page.goto(f"{desk_url}/draws/{draw_id}")
    await page.locator(".fapai-order a").first.click()
    await page.wait_for_url("**/agencies/**")
    await check(page, f"agency-{locale}")
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_secret_is_made_on_the_page(
    court: DrawWorld, desk: object, desk_url: str, browser: Browser, locale: str, tmp_path: Path
) -> None:
    """The page makes 32 bytes and their commitment, offers them for download, and sends the commitment only."""
    await court.appraised()
    draw_id = await Hand(desk, court).requested()  # type: ignore[arg-type] # the client of the fixture
    context, page = await window(browser, desk_url, locale, "technology1")
    await page.goto(f"{desk_url}/draws/{draw_id}")
    await page.locator(".fapai-todo a").first.click()
    await page.wait_for_selector("[data-make]")
    await page.locator("[data-make]").click()
    made = page.locator("[data-secret]")
    await expect(made).not_to_be_empty()
    secret = await made.inner_text()
    await check(page, f"commit-secret-{locale}")
    async with page.expect_download() as download:
        await page.locator("[data-download]").click()
    await (await download.value).save_as(tmp_path / "kept.json")
    kept = json.loads((tmp_path / "kept.json").read_text("utf-8"))
    await page.locator(".fapai-step__end button").first.click()
    await page.wait_for_url("**/draws/**")
    [row] = await court.rows("SELECT commitment FROM valuation.draw_commitment")

    assert len(secret) == 64
    assert kept["secret"] == secret
    assert row.commitment == commitment(str(draw_id), "court", secret)
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_pages_of_a_draw_without_a_result(
    court: DrawWorld, desk: object, desk_url: str, browser: Browser, locale: str
) -> None:
    """A requested draw with its term, and the failure after it, reflow and have no finding."""
    await court.appraised()
    draw_id = await Hand(desk, court).requested()  # type: ignore[arg-type] # the client of the fixture
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{desk_url}/draws/{draw_id}")
    await check(page, f"draw-requested-{locale}")
    await page.goto(f"{desk_url}/court/cases/{court.case_id}/steps/establish-facts")
    await check(page, f"establish-facts-{locale}")
    await court.at(local(FIRST_DAY + timedelta(days=40), 9))
    for job in await court.jobs(DRAW_DUE):
        await handle_draw_due(court.db, job)
    await page.goto(f"{desk_url}/draws/{draw_id}")
    await check(page, f"draw-lapsed-{locale}")
    await page.goto(f"{desk_url}/draws/monitor")
    await check(page, f"monitor-lapsed-{locale}")
    await context.close()
