"""The court's page of the platforms' register, and the forms of an inquiry beyond its plain course."""

from __future__ import annotations

import httpx
import pytest
from playwright.async_api import Browser

from auction.kernel.ids import new_id
from auction.sale.cases.parties import PartyRole
from tests.valuation.test_online_inquiry import FEATURES, FakePlatform, report
from tests.web.conftest import form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.methods import all_ask
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from tests.web.pages.desks.test_price_page import facts
from valuation.inquiries.close_inquiry import close_inquiry
from valuation.inquiries.corrections.check_reports import CheckReports, ReportFlaw, check_reports
from valuation.inquiries.start_online_inquiry import StartOnlineInquiry, start_online_inquiry
from valuation.inquiries.take_platform_report import take_platform_report

__all__ = ["desk_url"]
PAPER = "d" * 64
LISTING = {
    "platform_id": "platform-4",
    "platform_name": "示例平台四",
    "listed_on": "2027-03-01",
    "price_kinds": "以往成交、政府指导价、公开市场价",
    "retention_years": "10",
    "licensed": "true",
    "truthful": "true",
    "analysis": "true",
    "sound": "true",
    "document_sha256": PAPER,
}
REMOVAL = {
    "removed": "platform-4",
    "ground": "collusion",
    "reason": "经查属实",
    "removed_on": "2027-03-01",
    "decision_sha256": PAPER,
}


async def send(desk: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Send a form of the page."""
    page = await desk.get("/court/platforms")
    form = {**fields, "csrf_token": form_token(page), "command_id": str(new_id())}
    return await desk.post(path, data=form)


async def test_platform_is_listed_and_removed_by_hand(desk: httpx.AsyncClient, court: CourtWorld) -> None:
    """Both are shown with their days; a barred platform is refused with the article and the day."""
    await court.open()
    await sign_in(desk, "technology1")
    assert (await send(desk, "/court/platforms", **LISTING)).status_code == 303
    listed = (await desk.get("/court/platforms")).text
    assert (await send(desk, "/court/platforms/removal", **REMOVAL)).status_code == 303
    removed = (await desk.get("/court/platforms")).text
    again = await send(desk, "/court/platforms", **LISTING)

    assert "示例平台四" in listed
    assert "在库" in listed
    assert "已除名" in removed
    assert "2032年3月1日" in removed
    assert again.status_code == 422
    assert "platform_barred" in again.text


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"platform_name": ""}, "form_field_needed"),
        ({"listed_on": "2027-02-30"}, "day_malformed"),
        ({"retention_years": "x"}, "form_whole_malformed"),
        ({"retention_years": "9"}, "platform_conditions_not_met"),
        ({"price_kinds": "以往成交"}, "platform_conditions_not_met"),
        ({"document_sha256": "x"}, "form_fingerprint_malformed"),
    ],
)
async def test_wrong_entry_comes_back_with_what_is_wrong(
    desk: httpx.AsyncClient, court: CourtWorld, wrong: dict[str, str], code: str
) -> None:
    """Each refusal names its code, and what was typed stands there again."""
    await court.open()
    await sign_in(desk, "technology1")
    answer = await send(desk, "/court/platforms", **(LISTING | wrong))

    assert answer.status_code == 422
    assert code in answer.text
    assert "platform-4" in answer.text


async def test_only_judicial_technology_keeps_the_register(desk: httpx.AsyncClient, court: CourtWorld) -> None:
    """A handler does not see the page."""
    await court.open()
    await sign_in(desk, "judge1")

    assert (await desk.get("/court/platforms")).status_code == 403


async def checked_inquiry(court: CourtWorld) -> None:
    """An inquiry of three platforms, checked: one right, one wrong, one silent."""
    await facts(court)
    await all_ask(court)
    asked = StartOnlineInquiry(
        command_id=new_id(),
        case_id=court.case_id,
        asset_id=court.asset_id,
        features=FEATURES,
        addressees=(court.parties[PartyRole.APPLICANT], court.parties[PartyRole.JUDGMENT_DEBTOR]),
    )
    platforms = [FakePlatform(name) for name in ("platform-1", "platform-2", "platform-3")]
    started = await start_online_inquiry(court.db, court.handler, asked, platforms=platforms)
    for name, value in (("platform-1", 300_000_000), ("platform-2", 3_100_000_000)):
        await take_platform_report(court.db, report(started.inquiry_id, name, value))
    await court.at(started.deadline_at)
    await close_inquiry(court.db, started.inquiry_id)
    flaw = ReportFlaw(platform_id="platform-2", error="basics_wrong", note="面积多计一位，按8976平方米计算")
    checked = CheckReports(command_id=new_id(), inquiry_id=started.inquiry_id, flaws=(flaw,), document_id=new_id())
    await check_reports(court.db, court.handler, checked)


async def test_file_shows_why_each_report_counts(desk: httpx.AsyncClient, court: CourtWorld) -> None:
    """Counting, errors and signals stand on the page of the price, each with its article or figures."""
    await court.open()
    await checked_inquiry(court)
    await sign_in(desk, "judge1")
    page = (await desk.get(f"/court/cases/{court.case_id}/assets/{court.asset_id}/price")).text

    for text in (
        "报告有误，另有报告无误，不退回补正",
        "面积多计一位",
        "部分平台按期出具且无误",
        "未出具",
        "合理性提示",
        "相差933.3%",
    ):
        assert text in page


@pytest.mark.parametrize("name", ["judge-lateness", "stay-inquiry", "withdraw-inquiry"])
async def test_forms_of_a_running_inquiry_are_offered(desk: httpx.AsyncClient, court: CourtWorld, name: str) -> None:
    """What fits the state of the inquiry can be done by hand."""
    await court.open()
    await checked_inquiry(court)
    await sign_in(desk, "judge1")
    page = await desk.get(f"/court/cases/{court.case_id}/steps/{name}")

    assert page.status_code == 200
    assert str(court.asset_id) not in page.text


@pytest.mark.browser
@pytest.mark.parametrize("locale", LOCALES)
async def test_pages_in_a_browser(browser: Browser, desk_url: str, court: CourtWorld, locale: str) -> None:
    """Register, price and forms fit narrow and wide screens, and axe finds nothing, in both languages."""
    await court.open()
    await checked_inquiry(court)
    for user, path in (
        ("technology1", "/court/platforms"),
        ("judge1", f"/court/cases/{court.case_id}/assets/{court.asset_id}/price"),
        ("judge1", f"/court/cases/{court.case_id}/steps/withdraw-inquiry"),
    ):
        context, page = await window(browser, desk_url, locale, user)
        await page.goto(f"{desk_url}{path}")
        await check(page, f"inquiry-{path.rsplit('/', 1)[-1]}-{locale}")
        await context.close()
