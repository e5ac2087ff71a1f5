"""A default and a resale below the first price in a real browser: deposit and top-up cover cost and shortfall, to zero (网拍 24)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page

from auction.contracts import DocumentServed
from auction.fund.channels.take_bank_line import take_bank_line
from auction.fund.claims.claims import ClaimKind
from auction.fund.deposits.send_refund import note_refund_seen
from auction.fund.gateway import BankLine, BankOrderSeen
from auction.fund.payouts.disbursements import Step
from auction.fund.payouts.note_payout import note_payout_seen
from auction.fund.plans.store import plan_view
from auction.fund.settlement.note_service import note_service
from auction.fund.settlement.take_tax_assessment import (
    AskTaxAssessment,
    ReserveTaxes,
    ask_tax_assessment,
    reserve_taxes,
)
from auction.fund.undoings.store import undoings_of_case
from auction.kernel.clock import local, local_day
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.lots.panel import DefaultProposal
from tests.auction.sale.title.test_title import DUE, ask
from tests.auction.sale.title.test_undoing import FIRST_PRICE, OPEN_LOSS, resell
from tests.auction.sale.world import DEPOSIT, RESERVE
from tests.stages import staged
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window

__all__ = ["desk_url"]
pytestmark = pytest.mark.browser

COSTS = Money.yuan(10_000)
TAX = Money.yuan(30_000)
DEBT = Money.yuan(5_000_000)
TOP_UP = OPEN_LOSS + COSTS


@staged
async def late(world: CourtWorld) -> None:
    """Come as far as a buyer who has not paid, and a panel that decided on his default."""
    published = await world.announced()
    _, registered, code = await world.admitted()
    await world.close(world.outcome(published, code, hammer_price_fen=FIRST_PRICE.fen))
    await world.pay_balance(registered, Money(1))
    await world.at(DUE)
    await ask(world, DefaultProposal(lot_id=world.lot_id, round_id=world.round_id, outcome="declare"))


def yuan(amount: Money) -> str:
    """Write an amount as it is typed."""
    return f"{amount.fen // 100}.{amount.fen % 100:02d}"


async def step(page: Page, url: str, court: CourtWorld, name: str, **values: str) -> None:
    """Take a step of the case by its form."""
    await page.goto(f"{url}/court/cases/{court.case_id}/steps/{name}")
    for field, value in values.items():
        place = page.locator(f"main form [name='{field}']")
        kind = await place.first.evaluate("element => element.type")
        if kind in ("radio", "checkbox"):
            await page.check(f"main form [name='{field}'][value='{value}']")
        elif kind == "select-one":
            await place.select_option(value)
        else:
            await place.fill(value)


async def send(page: Page) -> None:
    """Send the form; the case page says that it was done."""
    await page.locator("main form button:not([name])").last.click()
    await page.wait_for_url("**?done=step.*")


async def top_up_paid(court: CourtWorld) -> None:
    """Let the defaulter's transfer arrive, with the reference of his debt."""
    (shown,) = await court.read(lambda tx: undoings_of_case(tx, court.case_id))
    (owed,) = shown.recoveries
    (row,) = await court.rows("SELECT kernel.now_at() AS now")
    line = BankLine(
        line_id="top-up",
        sequence=1,
        direction="in",
        amount_fen=owed.left_fen,
        opening_fen=0,
        closing_fen=owed.left_fen,
        sub_account="",
        counter_account="6222000011110000",
        counter_name="张示例",
        remark=f"补交 {owed.reference}",
        order_key="",
        booked_at=row.now,
    )
    await take_bank_line(court.db, line)


async def claims(court: CourtWorld) -> None:
    """Record the cost, the tax of the resale and the applicant's debt."""
    await court.party(PartyRole.OTHER_CREDITOR, "周示例")
    party_id = court.parties[PartyRole.OTHER_CREDITOR]
    (row,) = await court.rows("SELECT person_id FROM sale.party WHERE party_id = :party", party=party_id)
    asked = AskTaxAssessment(
        command_id=new_id(),
        round_id=court.round_id,
        tax_party_id=party_id,
        tax_person_id=row.person_id,
        asset_class="home",
        seller_kind="individual",
    )
    await ask_tax_assessment(court.db, court.handler, asked)
    reserve = ReserveTaxes(command_id=new_id(), round_id=court.round_id, amount_fen=TAX.fen, reason="税务机关未复")
    await reserve_taxes(court.db, court.handler, reserve)
    await court.claim(PartyRole.APPLICANT, ClaimKind.SALE_COST, COSTS)
    await court.claim(PartyRole.APPLICANT, ClaimKind.ORDINARY, DEBT)


async def served(court: CourtWorld, plan_id: UUID, document_id: UUID) -> None:
    """Serve the plan on everybody and let the time to object pass."""
    (row,) = await court.rows("SELECT kernel.now_at() AS now")
    today = local_day(row.now)
    for party_id in court.parties.values():
        found = await court.serve(document_id, party_id, local(today, 9))
        word = DocumentServed(
            service_id=found.service_id,
            case_id=court.case_id,
            document_id=document_id,
            document_kind="distribution_plan",
            party_id=party_id,
            effective_on=found.effective_on,
        )
        await court.db.transact(lambda tx, word=word: note_service(tx, word))  # type: ignore[misc]  # bound now
    await court.at(local(today + timedelta(days=30), 9))
    court.plan = await court.read(lambda tx: plan_view(tx, plan_id))


async def paid_out(court: CourtWorld) -> None:
    """Let the tax office assess what was reserved, pay every line by four officers, and let the bank confirm it all."""
    await court.assessed(TAX)
    for number, payee in enumerate({line.payee_person_id for line in court.plan.lines}):
        await court.account(payee, f"622200001111{number:04d}")
    for line in court.plan.lines:
        payout = await court.prepared(line.kind)
        await court.signed(payout, Step.APPROVE, Step.CHECK, Step.PAY)
        seen = BankOrderSeen(key=f"payout:{payout.disbursement_id}", state="confirmed")

        async def confirm(
            tx: Transaction, payout_id: UUID = payout.disbursement_id, seen: BankOrderSeen = seen
        ) -> bool:
            return await note_payout_seen(tx, payout_id, seen)

        await court.db.transact(confirm)
    for row in await court.rows("SELECT refund_id FROM fund.refund"):
        sent = BankOrderSeen(key=f"refund:{row.refund_id}", state="confirmed")
        await court.db.transact(lambda tx, row=row, sent=sent: note_refund_seen(tx, row.refund_id, sent))  # type: ignore[misc]  # bound now


async def ruled(page: Page, desk_url: str, court: CourtWorld, locale: str, terms: dict[str, str]) -> str:
    """Have the ruling on the top-up written by its form, and sealed."""
    reasons = "买受人悔拍，重新拍卖的价款低于原成交价。"
    await step(page, desk_url, court, "issue-top-up-ruling", **terms, reasons=reasons, amount_fen=yuan(TOP_UP))
    await check(page, f"top-up-ruling-{locale}")
    await send(page)
    (ruling,) = await court.rows("SELECT document_id FROM sale.document WHERE kind = 'top_up_ruling'")
    await court.sealed(ruling.document_id)
    return str(ruling.document_id)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_default_and_resale_below_the_first_price_end_at_zero(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """The handler declares the default, orders the top-up, draws the plan and closes the account, each by its form."""
    await late(court)
    first = court.round_id
    context, page = await window(browser, desk_url, locale, "judge1")
    money = f"{desk_url}/finance/cases/{court.case_id}"

    await step(page, desk_url, court, "declare-default")
    await send(page)
    await page.goto(f"{money}#forfeited")
    await check(page, f"forfeited-waits-{locale}")

    await resell(court)
    terms = {"round_id": str(first), "ground": "auction_rule", "costs_fen": yuan(COSTS)}
    terms["document_id"] = await ruled(page, desk_url, court, locale, terms)
    await step(page, desk_url, court, "order-top-up", **terms, amount_fen=yuan(TOP_UP + Money(1)))
    await page.locator("main form button:not([name])").last.click()
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"top-up-refused-{locale}")
    await page.fill("[name='amount_fen']", yuan(TOP_UP))
    await send(page)
    await page.goto(money)
    await check(page, f"top-up-owed-{locale}")

    await top_up_paid(court)
    await claims(court)
    await step(page, desk_url, court, "issue-plan-document", forfeited_fen=yuan(DEPOSIT))
    await send(page)
    (plan_paper,) = await court.rows("SELECT document_id FROM sale.document WHERE kind = 'distribution_plan'")
    await court.sealed(plan_paper.document_id)
    panel = str(await court.document(DocumentKind.OTHER))
    await step(page, desk_url, court, "draw-plan", forfeited_fen=yuan(DEPOSIT), panel_document_id=panel)
    await check(page, f"default-plan-{locale}")
    await send(page)
    (plan,) = await court.rows("SELECT plan_id FROM fund.plan")
    await served(court, plan.plan_id, plan_paper.document_id)
    await step(page, desk_url, court, "settle-case")
    await send(page)
    await paid_out(court)
    await page.goto(money)
    await check(page, f"default-paid-{locale}")
    await step(page, desk_url, court, "close-case-account")
    await send(page)
    await context.close()

    shares = {line.kind: line.share_fen for line in court.plan.lines}
    assert sum(shares.values()) == (RESERVE + DEPOSIT + TOP_UP).fen == (FIRST_PRICE + COSTS).fen
    assert (shares["sale_cost"], shares["sale_tax"]) == (COSTS.fen, TAX.fen)
    rows = await court.rows(
        "SELECT b.account_code FROM fund.balance b JOIN fund.account a ON a.code = b.account_code "
        "WHERE a.case_id = :case AND b.balance_fen <> 0",
        case=court.case_id,
    )
    assert rows == []
