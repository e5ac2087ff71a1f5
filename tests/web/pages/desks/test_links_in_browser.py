"""The judge revokes a decided link in a real browser, in both languages, narrow and wide, checked with axe."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.auction.sale.rounds.test_tell_same_person import decide
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window

__all__ = ["desk_url"]
pytestmark = pytest.mark.browser
SAYS = {"zh": "竞价现场随即记录", "en": "the room records it at once"}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_judge_revokes_a_decided_link(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """The form says what a revocation does to a room that runs; sent with a reason it is recorded, and the rooms are told by a job."""
    await court.announced()
    one, other = await court.bidder(), await court.bidder("赵示例")
    await decide(court, one, other)
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{desk_url}/court/cases/{court.case_id}/steps/revoke-link")
    await expect(page.locator("main")).to_contain_text(SAYS[locale])
    await check(page, f"revoke-link-{locale}")
    await page.locator("[name=reason]").fill("复核后撤销")
    await page.locator("form.fapai-step button.govuk-button").last.click()
    await expect(page.locator("main")).not_to_contain_text(SAYS[locale])

    assert len(await court.rows("SELECT 1 FROM sale.link_revocation")) == 1
    assert len(await court.jobs("sale.tell_rooms_of_decided_link")) == 2
    await context.close()
