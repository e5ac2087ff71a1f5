"""Documents that the record proposes: in the form, by the API, and in a browser."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Browser, expect

from auction.kernel.ids import new_id
from auction.sale.cases.documents import GAP, DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.drafting.wording import WRITERS
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from tests.web.pages.desks.test_panel_page import leave

__all__ = ["desk_url"]


async def test_record_fills_what_it_knows(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Once the price is paid, the ruling that lifts the seizures and the notice to the registry name asset, buyer and price."""
    await court.paid()
    lot = (await court.rows("SELECT lot_id FROM sale.lot"))[0].lot_id
    await sign_in(desk, "clerk1")
    path = f"/api/sale/cases/{court.case_id}/drafts"

    drafts = {kind: (await desk.get(f"{path}/{kind}?lot_id={lot}")).json() for kind in WRITERS}

    release, assist = drafts[DocumentKind.RELEASE_RULING], drafts[DocumentKind.ASSISTANCE_NOTICE]
    assert release["gaps"] == 0
    for text in ("张示例", "竞得", "全部付清", "一、解除"):
        assert text in release["body"], text
    assert assist["gaps"] == 2, "the registry and the number of copies"
    for kind, draft in drafts.items():
        assert draft["gaps"] == draft["body"].count(GAP), kind
        assert "None" not in draft["body"], kind


async def test_drafts_are_for_the_officers_of_the_case(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Nobody else reads names; a kind that a step writes, another case's lot and an unknown kind are refused."""
    await court.open()
    path = f"/api/sale/cases/{court.case_id}/drafts"
    assert (await desk.get(f"{path}/stay_ruling")).status_code == 401
    await sign_in(desk, "bidder1")
    assert (await desk.get(f"{path}/stay_ruling")).status_code == 403
    await leave(desk)
    await sign_in(desk, "clerk1")

    written = await desk.get(f"{path}/top_up_ruling")
    assert (written.status_code, written.json()["code"]) == (422, "document_not_drafted")
    assert (await desk.get(f"{path}/no_such_kind")).status_code == 422
    other = await desk.get(f"{path}/stay_ruling?lot_id={new_id()}")
    assert other.json()["code"] == "belongs_to_other_case"


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_clerk_completes_a_draft(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """A draft with gaps is refused on the page with what was typed kept; filled in, it is made."""
    await court.open()
    await court.party(PartyRole.TENANT, "租户示例")
    context, page = await window(browser, desk_url, locale, "clerk1")
    await page.goto(f"{desk_url}/court/cases/{court.case_id}/steps/issue-document")
    await page.locator("#draft").select_option("stay_ruling")
    await page.locator(".fapai-draft button").click()
    body = page.locator("textarea#body")
    await expect(body).to_have_value(re.compile(re.escape(GAP)))
    await check(page, f"draft-{locale}")

    await page.locator(".fapai-step__end button").first.click()
    await expect(page.locator(".govuk-error-summary")).to_contain_text("document_gap_left")
    text = await body.input_value()
    assert GAP in text
    await body.fill(text.replace(GAP, "案外人提出执行异议"))
    await page.locator(".fapai-step__end button").first.click()
    await expect(page.locator(".govuk-notification-banner")).to_be_visible()
    await context.close()
