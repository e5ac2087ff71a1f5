"""Who is paid in which order, in a real browser: lines with their reasons, bills to the treasury, rent that is bounded."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from auction.fund.case_joins import note_join
from auction.fund.claims.claims import ClaimKind
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.world import RESERVE
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window

__all__ = ["desk_url"]
pytestmark = pytest.mark.browser


async def choose(page: Page, field: str, number: int = 1) -> None:
    """Choose by number in a list, or a radio button."""
    found = page.locator(f"select[name='{field}']")
    if await found.count():
        await found.select_option(index=number)
    else:
        await page.locator(f"input[type=radio][name='{field}']").nth(number - 1).check()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_the_fee_is_billed_beside_the_plan(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """The judge bills the fee by bands, finance records the treasury's receipt; the page says why each line stands where it does."""
    await court.settled()
    case = f"{desk_url}/court/cases/{court.case_id}"
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{case}/steps/issue-treasury-bill")
    await check(page, f"bill-{locale}")
    await choose(page, "kind")
    await choose(page, "party_id", 2)
    await page.fill("[name='basis']", "（2026）示0001执1号")
    await page.locator("main form button").last.click()
    await page.wait_for_url("**?done=step.issue-treasury-bill")
    await page.goto(f"{case}/steps/record-claim")
    await check(page, f"claim-{locale}")
    await context.close()
    context, page = await window(browser, desk_url, locale, "finance1")
    await page.goto(f"{desk_url}/finance/cases/{court.case_id}")
    await check(page, f"ranks-{locale}")
    text = await page.inner_text("main")
    assert {"zh": "民法典 414", "en": "Civil Code 414"}[locale] in text
    assert "1.5%" in text
    [bill] = await court.rows("SELECT amount_fen FROM fund.treasury_bill")
    await page.goto(f"{case}/steps/record-bill-payment")
    await page.fill("[name='amount_fen']", f"{bill.amount_fen // 100}.{bill.amount_fen % 100:02d}")
    await page.fill("[name='receipt_number']", "示库000001")
    await page.fill("[name='evidence_sha256']", "a" * 64)
    await check(page, f"bill-payment-{locale}")
    await page.locator("main form button").last.click()
    await page.wait_for_url("**?done=step.record-bill-payment")
    await page.goto(f"{desk_url}/finance/cases/{court.case_id}")
    await check(page, f"ranks-paid-{locale}")
    assert "示库000001" in await page.inner_text("#bills ~ *, section[aria-labelledby='bills']")

    assert (await court.rows("SELECT outcome FROM fund.treasury_bill_end"))[0].outcome == "paid"
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_rent_for_a_home_is_bounded(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """Nine years are refused at their field; eight become a line before the creditors, explained on the plan's page."""
    await court.planned()
    case = f"{desk_url}/court/cases/{court.case_id}"
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{case}/steps/record-replacement-rent")
    await page.fill("[name='rent_per_year_fen']", "12000")
    await page.fill("[name='years']", "9")
    await page.fill("[name='basis']", "示例标准")
    await page.fill("[name='evidence_sha256']", "a" * 64)
    await page.locator("main form button").last.click()
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"rent-refused-{locale}")
    await page.fill("[name='years']", "8")
    await page.locator("main form button").last.click()
    await page.wait_for_url("**?done=step.record-replacement-rent")
    await page.goto(f"{case}/steps/issue-plan-document")
    await check(page, f"plan-proposal-{locale}")
    text = await page.inner_text("main")

    assert ("异议复议规定 20" if locale == "zh" else "Objection and Review Provisions 20") in text
    [row] = await court.rows("SELECT amount_fen FROM fund.claim WHERE kind = 'housing'")
    assert row.amount_fen == 96_000_00
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_taxes_and_shares_are_worked_out(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """What the buyer advanced is typed row by row and comes back to him; the co-owner's half is what costs and taxes leave."""
    await court.planned()
    await court.party(PartyRole.CO_OWNER, "孙示例")
    await court.assessed(Money.yuan(20_000))
    case = f"{desk_url}/court/cases/{court.case_id}"
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{case}/steps/reimburse-tax-advance")
    await page.fill("[name='lines.0.name']", "增值税")
    await choose(page, "lines.0.law_says")
    await page.fill("[name='lines.0.assessed_fen']", "20000")
    await page.fill("[name='lines.0.paid_fen']", "5000.01")
    await page.fill("[name='receipts_sha256']", "a" * 64)
    await check(page, f"tax-advance-{locale}")
    await page.locator("main form button").last.click()
    await page.wait_for_url("**?done=step.reimburse-tax-advance")
    await page.goto(f"{case}/steps/record-co-owner-share")
    await page.fill("[name='numerator']", "1")
    await page.fill("[name='denominator']", "2")
    await page.fill("[name='basis']", "示例登记")
    await page.fill("[name='evidence_sha256']", "a" * 64)
    await check(page, f"co-owner-{locale}")
    await page.locator("main form button").last.click()
    await page.wait_for_url("**?done=step.record-co-owner-share")

    rows = await court.rows("SELECT kind, amount_fen FROM fund.claim WHERE state = 'recorded' ORDER BY kind")
    owed = {row.kind: row.amount_fen for row in rows}
    assert (owed["tax_reimbursement"], owed["sale_tax"]) == (5_000_01, 14_999_99)
    assert owed["co_owner_share"] == (RESERVE.fen - 20_000_00) // 2
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_doubled_interest_is_worked_out_before_it_is_sent(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """The form shows principal, rate, days and sum of what was typed; what is recorded is that sum, of the kind that ranks last."""
    await court.planned()
    case = f"{desk_url}/court/cases/{court.case_id}"
    context, page = await window(browser, desk_url, locale, "judge1")
    typed = {"principal_fen": "400000", "from_day": "2025-03-02", "to_day": "2026-03-02"}
    await page.goto(f"{case}/steps/record-late-interest")
    for name, value in typed.items():
        await page.fill(f"[name='stretches.0.{name}']", value)
    await page.locator("button[name='again']").click()
    assert "×365日 = ¥25,550.00" in await page.inner_text("main")
    await choose(page, "party_id")
    await page.fill("[name='basis']", "（2024）示01民初1号")
    await page.fill("[name='evidence_sha256']", "a" * 64)
    await check(page, f"late-interest-{locale}")
    await page.locator(".fapai-step__end button").first.click()
    await page.wait_for_url("**?done=step.record-late-interest")

    [row] = await court.rows("SELECT amount_fen FROM fund.claim WHERE kind = 'late_interest'")
    assert row.amount_fen == 25_550_00
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_criminal_order_and_who_holds_the_plan_up(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """Medical costs are refused in another order than the criminal one, and come first in it; an undecided application is told beside."""
    await court.planned()
    await court.claim(PartyRole.OTHER_CREDITOR, ClaimKind.MEDICAL, Money.yuan(3_000))
    case = f"{desk_url}/court/cases/{court.case_id}"
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{case}/steps/issue-plan-document")
    await check(page, f"criminal-refused-{locale}")
    refused = await page.inner_text("main")
    await page.check("[name='ordinary_order'][value='criminal']")
    await page.locator("main form button[name]").first.click()
    await page.wait_for_selector("main table")
    await check(page, f"criminal-order-{locale}")
    shown = await page.inner_text("main table")
    await held_up(court)
    await page.goto(f"{desk_url}/finance/cases/{court.case_id}")
    await check(page, f"join-holds-up-{locale}")
    money = await page.inner_text("main")
    await context.close()

    assert {"zh": "刑事", "en": "criminal"}[locale] in refused
    medical, mortgage = {"zh": ("医疗", "抵押"), "en": ("Medical", "Mortgage")}[locale]
    assert 0 <= shown.find(medical) < shown.find(mortgage)
    assert {"zh": "有1件参与分配申请尚未作出决定", "en": "1 "}[locale] in money


async def held_up(court: CourtWorld) -> None:
    """Have an application to join stand undecided."""

    async def work(tx: Transaction) -> None:
        await tx.about_case(court.case_id)
        await note_join(
            tx,
            application_id=new_id(),
            case_id=court.case_id,
            kind="ordinary",
            amount_fen=123_456_00,
            applied_on=local_day(tx.now),
            is_open=True,
            is_late=False,
        )

    await court.db.transact(work)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_interest_of_a_title_is_worked_out_before_it_is_sent(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """The form shows principal, rate, days and sum of what was typed; what is recorded is that sum, in the rank of its claim."""
    await court.planned()
    case = f"{desk_url}/court/cases/{court.case_id}"
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{case}/steps/record-title-interest")
    typed = {
        "principal_fen": "1000",
        "annual_percent": "3.65",
        "year_days": "365",
        "from_day": "2025-03-01",
        "to_day": "2025-03-31",
    }
    for name, value in typed.items():
        await page.fill(f"[name='stretches.0.{name}']", value)
    await page.locator("button[name='again']").click()
    assert "×31日÷365 = ¥3.10" in await page.inner_text("main")
    await choose(page, "of_claim_id")
    await page.fill("[name='basis']", "（2024）示01民初1号")
    await page.fill("[name='evidence_sha256']", "a" * 64)
    await check(page, f"title-interest-{locale}")
    await page.locator(".fapai-step__end button").first.click()
    await page.wait_for_url("**?done=step.record-title-interest")

    [row] = await court.rows("SELECT amount_fen, kind FROM fund.claim WHERE source_ref LIKE 'title-interest:%'")
    assert row.amount_fen == 3_10
    await context.close()
