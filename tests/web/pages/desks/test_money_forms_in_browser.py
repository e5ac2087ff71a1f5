"""Forms of money in a real browser, sent wrongly first: reversal, escrow, a claim's asset, a lot's owner, a deposit that is missing (W-74).

Each refusal leads to the field that it is about and loses nothing of what was typed; each choice names what it is about.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page

from auction.contracts import Admission, DepositHeld
from auction.fund.claims.claims import ClaimKind
from auction.fund.deposits.start_card_payment import StartCardPayment, push_card_payment, start_card_payment
from auction.kernel.actors import SYSTEM
from auction.kernel.clock import local
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.record_asset import record_asset
from auction.sale.cases.record_seizure import record_seizure
from auction.sale.lots.panel import DefaultProposal
from auction.sale.rounds.admit_bidder import AdmitBidder, admit_bidder
from tests.auction.fund.world import FakeCards
from tests.auction.sale.title.test_title import DUE, ask
from tests.auction.sale.world import ADVANCED
from tests.stages import staged
from tests.web.pages.desks.court_world import CLAIM, MORTGAGE, CourtWorld
from tests.web.pages.desks.test_default_in_browser import send, step, yuan
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from tests.web.pages.desks.test_undoing_in_browser import agreed, sealed_draft

__all__ = ["desk_url"]
pytestmark = pytest.mark.browser

REDUCED = CLAIM - Money.yuan(2_000)
COST = Money.yuan(1_200)
SECOND_OPENS = local(date(2027, 6, 2), 10)
BASIS = "京(2020)示例区不动产权第0000001号不动产权证书"


def at(court: CourtWorld, url: str, name: str) -> str:
    """Give the address of a step."""
    return f"{url}/court/cases/{court.case_id}/steps/{name}"


async def refused(page: Page, *fields: str) -> None:
    """Send the form; it comes back, and its summary leads to these fields, in their order."""
    await page.locator("main form button:not([name])").last.click()
    await page.wait_for_selector(".govuk-error-summary")
    links = await page.locator(".govuk-error-summary__list a").evaluate_all("all => all.map(a => a.hash.slice(1))")

    assert links == list(fields)


async def worked_out(page: Page) -> str:
    """Let the form work out what stands in it, and give what it shows; nothing is sent."""
    await page.locator("main form button[name='again']").click()
    await page.wait_for_selector("main .fapai-ledger")
    return await page.locator("main .fapai-ledger").inner_text()


async def chosen(page: Page, name: str) -> str:
    """Give what stands chosen or typed in a field."""
    field = page.locator(f"main form [name='{name}']")
    if await field.first.evaluate("element => element.type") == "radio":
        field = page.locator(f"main form [name='{name}']:checked")
    return await field.first.input_value()


async def said_of(page: Page, name: str) -> str:
    """Give the texts of a choice as they are read."""
    return await page.locator(f".govuk-form-group:has([name='{name}'])").first.inner_text()


# Reversal ------------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_reversal_by_form_leads_to_what_is_wrong(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """Interest in part, nothing reduced, a ruling on another amount: each is refused at its field with the rest kept, then it is done."""
    await court.settled()
    line = next(line for line in court.plan.lines if line.kind == "ordinary")
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(at(court, desk_url, "reverse-enforcement"))
    await check(page, f"reversal-without-ruling-{locale}")
    terms = {"claim_id": str(line.claim_id), "keeps_fen": yuan(REDUCED)}
    interest = {"interest_percent": "3.45", "interest_from": "2027-05-01"}
    await step(page, desk_url, court, "issue-reversal-ruling", **terms, **interest, reasons="再审判决减少了债权数额。")
    await refused(page, "interest_to")
    await check(page, f"reversal-ruling-refused-{locale}")

    assert {name: await chosen(page, name) for name in terms | interest} == terms | interest
    await page.fill("[name='interest_percent']", "")
    await page.fill("[name='interest_from']", "")
    await page.fill("[name='keeps_fen']", yuan(CLAIM))
    await refused(page, "keeps_fen")
    await page.fill("[name='keeps_fen']", yuan(REDUCED))
    shown = await worked_out(page)
    assert "¥2,000" in shown
    assert "¥498,000.01" in shown
    assert await court.rows("SELECT 1 FROM sale.document WHERE kind = 'reversal_ruling'") == []
    await check(page, f"reversal-ruling-worked-out-{locale}")
    await send(page)
    ruling = await sealed_draft(court, DocumentKind.REVERSAL_RULING)
    await step(page, desk_url, court, "reverse-enforcement", claim_id=str(line.claim_id))
    assert await chosen(page, "document_id") == str(ruling)
    await refused(page, "document_id")
    await check(page, f"reversal-refused-{locale}")
    await page.fill("[name='keeps_fen']", yuan(REDUCED))
    await send(page)
    await agreed(court, desk_url, browser, locale)
    await page.goto(f"{desk_url}/finance/cases/{court.case_id}")
    await check(page, f"reversed-{locale}")
    assert "¥2,000" in await page.locator("section[aria-labelledby='undoings']").inner_text()
    await context.close()


# Escrow --------------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_escrow_by_form_leads_to_what_is_wrong(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """A cost without a payee and a decision on other terms are refused at their fields; then the share stands in escrow."""
    await court.settled()
    line = next(line for line in court.plan.lines if line.kind == "mortgage")
    payee = str(court.parties[PartyRole.APPLICANT])
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(at(court, desk_url, "put-in-escrow"))
    await check(page, f"escrow-without-decision-{locale}")
    terms = {"line_id": str(line.line_id), "ground": "unreachable", "cost_fen": yuan(COST)}
    await step(page, desk_url, court, "issue-escrow-order", **terms)
    await refused(page, "cost_party_id")
    await check(page, f"escrow-order-refused-{locale}")

    assert {name: await chosen(page, name) for name in terms} == terms
    await page.locator("main form [name='cost_party_id']").select_option(payee)
    shown = await worked_out(page)
    assert "¥1,198,800" in shown
    assert "¥1,200,000" in shown
    await check(page, f"escrow-worked-out-{locale}")
    await send(page)
    decision = await sealed_draft(court, DocumentKind.ESCROW_DECISION)
    await step(page, desk_url, court, "put-in-escrow", **(terms | {"cost_fen": "0"}))
    assert await chosen(page, "document_id") == str(decision)
    await refused(page, "document_id")
    await check(page, f"escrow-refused-{locale}")
    await page.fill("[name='cost_fen']", yuan(COST))
    await page.locator("main form [name='cost_party_id']").select_option(payee)
    await send(page)
    await page.goto(f"{desk_url}/finance/cases/{court.case_id}")
    await check(page, f"escrowed-{locale}")
    assert "¥1,198,800" in await page.locator("section[aria-labelledby='payouts']").inner_text()
    await context.close()


# Assets --------------------------------------------------------------------------------------------------------------


@staged
async def two_assets(court: CourtWorld) -> None:
    """Come as far as a sold lot and a listed one in a case with two debtors, whose mortgage names neither."""
    await court.paid()
    await court.party(PartyRole.MORTGAGEE, "示例商业银行", kind="organisation", identity_number="91110105MA00000012")
    await court.claim(PartyRole.MORTGAGEE, ClaimKind.MORTGAGE, MORTGAGE, date(2021, 3, 1))
    await court.claim(PartyRole.APPLICANT, ClaimKind.ORDINARY, CLAIM)
    await court.party(PartyRole.JUDGMENT_DEBTOR, "赵示例")
    court.asset_id, court.lot_id, court.seizure_id = new_id(), new_id(), new_id()
    await record_asset(court.db, court.handler, court.asset(AssetClass.HOME, title="示例路 2 号"))
    await record_seizure(court.db, court.handler, court.seizure())
    await court.price()
    await court.list(
        title_zh="朝阳区示例路 2 号住宅一套",
        title_en="A home at 2 Shili Road",
        opens_at=SECOND_OPENS,
        closes_at=SECOND_OPENS + timedelta(days=1),
    )


async def first_lot(court: CourtWorld) -> UUID:
    """Give the lot that was sold."""
    (row,) = await court.rows("SELECT lot_id FROM sale.lot WHERE lot_id <> :second", second=court.lot_id)
    return UUID(str(row.lot_id))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_claim_names_its_asset_by_form(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """Only the mortgage is offered, for an ordinary claim names no asset; once named nothing is left to choose."""
    await two_assets(court)
    sold = await first_lot(court)
    (mortgage,) = await court.rows("SELECT claim_id FROM fund.claim WHERE kind = 'mortgage'")
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(at(court, desk_url, "name-claim-asset"))
    await check(page, f"claim-asset-{locale}")
    await refused(page, "lot_id")
    await check(page, f"claim-asset-refused-{locale}")

    assert await chosen(page, "claim_id") == str(mortgage.claim_id)
    assert await page.locator("main form [name='claim_id']").count() == 1
    assert "¥1,200,000" in await said_of(page, "claim_id")
    await page.check(f"main form [name='lot_id'][value='{sold}']")
    await send(page)
    await page.goto(at(court, desk_url, "name-claim-asset"))
    await check(page, f"claim-asset-named-{locale}")
    assert await page.locator("main form [name='claim_id']").count() == 0
    await context.close()
    rows = await court.rows("SELECT lot_id FROM fund.claim_lot WHERE claim_id = :claim", claim=mortgage.claim_id)
    assert [row.lot_id for row in rows] == [sold]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_owner_of_a_lot_is_recorded_by_form(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """A fingerprint that is none is refused with everything kept; afterwards the form says whose the lot was."""
    await two_assets(court)
    sold, debtor = await first_lot(court), str(court.parties[PartyRole.JUDGMENT_DEBTOR])
    context, page = await window(browser, desk_url, locale, "judge1")
    typed = {"lot_id": str(sold), "party_id": debtor, "basis": BASIS}
    await step(page, desk_url, court, "record-lot-owner", **typed, evidence_sha256="12 345")
    await check(page, f"lot-owner-{locale}")
    assert "赵**" not in await said_of(page, "lot_id")
    await refused(page, "evidence_sha256")
    await check(page, f"lot-owner-refused-{locale}")

    assert {name: await chosen(page, name) for name in typed} == typed
    await page.fill("[name='evidence_sha256']", "a" * 64)
    await send(page)
    await page.goto(at(court, desk_url, "record-lot-owner"))
    await check(page, f"lot-owner-recorded-{locale}")
    assert (await said_of(page, "lot_id")).count("赵**") == 1
    await context.close()


# A deposit that is missing --------------------------------------------------------------------------------------------


@staged
async def unsecured(court: CourtWorld) -> None:
    """Come as far as a panel's decision on a default over a deposit whose card authorisation was lost: nothing of it was there."""
    published = await court.announced()
    bidder = await court.bidder()
    registered = await court.register(bidder)
    cards = FakeCards(capture_before=DUE)
    payment = StartCardPayment(command_id=new_id(), deposit_id=registered.deposit_id, payment_id=new_id())
    await start_card_payment(court.db, bidder, payment, policy=ADVANCED)
    await push_card_payment(court.db, cards, payment.payment_id)
    (provider_id,) = cards.held
    cards.pay(provider_id, hold=True)
    await push_card_payment(court.db, cards, payment.payment_id)
    held = DepositHeld(
        registration_id=registered.registration_id,
        deposit_id=registered.deposit_id,
        case_id=court.case_id,
        amount_fen=registered.deposit_fen,
    )
    await admit_bidder(court.db, SYSTEM, AdmitBidder(command_id=new_id(), held=held))
    cards.change(provider_id, state="cancelled")
    await push_card_payment(court.db, cards, payment.payment_id)
    code = (await court.jobs("bidding.admit_bidder"))[-1].decode(Admission).bidder_code
    await court.close(court.outcome(published, code))
    await court.at(DUE)
    await ask(court, DefaultProposal(lot_id=court.lot_id, round_id=court.round_id, outcome="declare"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_missing_deposit_is_closed_by_form(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """The alarm stands on the case's money; the form names lot, defaulter and amounts, and says which paper must come first."""
    await unsecured(court)
    money = f"{desk_url}/finance/cases/{court.case_id}"
    context, page = await window(browser, desk_url, locale, "judge1")
    await step(page, desk_url, court, "declare-default")
    await send(page)
    await page.goto(money)
    await check(page, f"deposit-missing-{locale}")
    assert await page.locator("section[aria-labelledby='alarms'] tbody tr").count() == 1
    await page.goto(at(court, desk_url, "close-missing-deposit"))
    await check(page, f"missing-without-ruling-{locale}")
    await court.document(DocumentKind.DEFAULT_RULING)
    await page.goto(at(court, desk_url, "close-missing-deposit"))
    said = await said_of(page, "round_id")
    assert "¥210,000" in said
    assert "张**" in said
    await refused(page, "reason")
    await check(page, f"missing-refused-{locale}")

    await page.fill("[name='reason']", "已裁定责令悔拍人补缴保证金，并移送执行。")
    await send(page)
    await agreed(court, desk_url, browser, locale)
    await page.goto(money)
    await check(page, f"missing-closed-{locale}")
    assert await page.locator("section[aria-labelledby='alarms']").count() == 0
    await context.close()
