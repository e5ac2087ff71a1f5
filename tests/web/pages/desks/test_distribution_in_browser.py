"""Distribution in a real browser: an objection to the plan to its judgment, a creditor who buys by set-off, an outsider who joins."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page

from auction.contracts import DocumentServed
from auction.fund.claims.claims import ClaimKind
from auction.fund.payouts.disbursements import Step
from auction.fund.payouts.sign_step import handle_order_payout
from auction.fund.plans.store import PlanView, addressees_of, plan_view
from auction.fund.settlement.note_service import note_service
from auction.fund.settlement.take_tax_assessment import (
    AskTaxAssessment,
    ask_tax_assessment,
    handle_ask_assessment,
)
from auction.kernel.actors import Actor
from auction.kernel.clock import local, local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.kernel.persons import identity_of, name_of
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.rounds.register_bidder import Registered
from auction.sale.title.note_full_payment import handle_receipts_complete
from auction.sale.title.pass_title import handle_title_service
from tests.auction.fund.world import FakeBank, FakeTaxOffice
from tests.auction.sale.world import DEPOSIT, RESERVE
from tests.stages import staged
from tests.web.pages.desks.court_world import CLAIM, MORTGAGE, CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from web.demonstration.people import APPLICANT, TENANT
from web.pages.party.routes import PARTY_PAGES
from web.wiring import Wiring

__all__ = ["desk_url"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
DISPUTED = Money.yuan(100_000)
UPHELD = "60000"
"""What of it the judgment gives him, in yuan; the rest stays with the mortgage."""
NUMBER = "（2026）京0105民初9号"


class DistributionWorld(CourtWorld):
    """The court of the sample accounts, with people of sample accounts among its parties."""

    registered: Registered

    async def today(self) -> date:
        """The court day."""
        return await self.read(_today)

    @staged
    async def objectable(self) -> PlanView:
        """Come as far as a plan that is served on everybody; the sample party is an applicant with a claim that is not paid in full."""
        await self.paid()
        await self.party(PartyRole.APPLICANT, APPLICANT.name, identity_number=APPLICANT.identity_number)
        await self.party(PartyRole.OTHER_CREDITOR, "吴示例")
        await self.claim(PartyRole.OTHER_CREDITOR, ClaimKind.ORDINARY, RESERVE)
        await self.drawn()
        await self.plan_served()
        return self.plan

    async def plan_served(self) -> None:
        """Serve the plan today on everybody on whom it is to be."""
        today = await self.today()
        for addressee in await self.read(lambda tx: addressees_of(tx, self.plan.plan_id)):
            served = await self.serve(self.plan.document_id, addressee.party_id, local(today, 9))
            word = DocumentServed(
                service_id=served.service_id,
                case_id=self.case_id,
                document_id=self.plan.document_id,
                document_kind="distribution_plan",
                party_id=addressee.party_id,
                effective_on=served.effective_on,
            )
            await self.db.transact(lambda tx, word=word: note_service(tx, word))  # type: ignore[misc]

    @staged
    async def bought_by_a_creditor(self) -> None:
        """Come as far as a hammer price that the mortgagee owes: his deposit applied, the taxes assessed, the claims on record."""
        winner, self.registered = await self.sold()
        await self.pay_balance(self.registered, Money(1))
        _kind, number = await self.read(lambda tx: identity_of(tx, winner.person_id))
        name = await self.read(lambda tx: name_of(tx, winner.person_id))
        await self.party(PartyRole.MORTGAGEE, name, identity_number=number)
        await self.party(PartyRole.THIRD_PARTY, "示例税务局", kind="organisation", identity_number="91110105MA00000012")
        ask = AskTaxAssessment(
            command_id=new_id(),
            round_id=self.round_id,
            tax_party_id=self.parties[PartyRole.THIRD_PARTY],
            tax_person_id=await self._person(PartyRole.THIRD_PARTY),
            asset_class="home",
            seller_kind="individual",
        )
        await ask_tax_assessment(self.db, self.handler, ask)
        for job in await self.jobs("fund.ask_assessment"):
            await handle_ask_assessment(self.db, FakeTaxOffice(), job)
        await self.claim(PartyRole.MORTGAGEE, ClaimKind.MORTGAGE, MORTGAGE, date(2021, 3, 1))
        await self.claim(PartyRole.APPLICANT, ClaimKind.ORDINARY, CLAIM)

    async def after(self, days: int) -> datetime:
        """Let days pass."""
        moment = local(await self.today() + timedelta(days=days), 9)
        await self.at(moment)
        return moment

    async def newest(self, kind: DocumentKind) -> UUID:
        """Give the newest document of a kind."""
        rows = await self.rows(
            "SELECT document_id FROM sale.document WHERE kind = :kind ORDER BY issued_at DESC, document_id DESC LIMIT 1",
            kind=kind.value,
        )
        found: UUID = rows[0].document_id
        return found

    async def newest_plan(self) -> PlanView:
        """Give the plan as it stands."""
        rows = await self.rows("SELECT plan_id FROM fund.plan ORDER BY number DESC LIMIT 1")
        return await self.read(lambda tx: plan_view(tx, rows[0].plan_id))

    async def held(self) -> dict[str, int]:
        """Sum the case's accounts by kind, those at zero left out."""
        rows = await self.rows(
            "SELECT kind, sum(abs(balance_fen))::bigint AS fen FROM fund.account JOIN fund.balance ON account_code = code "
            "WHERE case_id = :id GROUP BY kind",
            id=self.case_id,
        )
        return {row.kind: row.fen for row in rows if row.fen}


async def _today(tx: Transaction) -> date:
    return local_day(tx.now)


@pytest.fixture
def court(database: Database, database_url: str, people: dict[str, Actor]) -> DistributionWorld:
    """The court of the sample accounts, with nothing on file yet."""
    return DistributionWorld(database, database_url, people)


@pytest.fixture
def desks(desks: Wiring) -> Wiring:
    """The site with the pages of the parties too."""
    return replace(desks, routes=(*desks.routes, *PARTY_PAGES))


class Desk:
    """Somebody at a browser, in his language."""

    def __init__(self, url: str, court: DistributionWorld, page: Page) -> None:
        """Bind."""
        self.url, self.court, self.page = url, court, page

    async def step(self, name: str, picture: str = "", /, refused: str = "", **typed: str) -> None:
        """Take a step by its form: fields are filled or chosen by their names; it is done, or refused with this code."""
        page = self.page
        await page.goto(f"{self.url}/court/cases/{self.court.case_id}/steps/{name}")
        for field, value in typed.items():
            await self._fill(field.replace("__", "."), value)
        if picture:
            await check(page, picture)
        await page.locator(".fapai-step__end button").first.click()
        if refused:
            await page.wait_for_selector(".govuk-error-summary")
            assert refused in await page.locator(".govuk-error-summary").inner_text()
            return
        await page.wait_for_url(f"**?done=step.{name}")

    async def see(self, path: str, picture: str) -> None:
        """Look at a page."""
        await self.page.goto(f"{self.url}{path}")
        await check(self.page, picture)

    async def _fill(self, field: str, value: str) -> None:
        found = self.page.locator(f"[name='{field}']")
        kind = await found.first.evaluate("element => element.tagName + ' ' + (element.type || '')")
        if kind.startswith("SELECT"):
            await found.first.select_option(value)
        elif "radio" in kind:
            await self.page.check(f"[name='{field}'][value='{value}']")
        elif "checkbox" in kind:
            await found.first.check()
        else:
            await found.first.fill(value)

    async def seal(self, kind: DocumentKind) -> UUID:
        """Put the seal on the newest document of a kind."""
        document_id = await self.court.newest(kind)
        await self.page.goto(f"{self.url}/court/cases/{self.court.case_id}/documents/{document_id}")
        await self.page.locator("form[action$='/seal'] button").click()
        await self.page.wait_for_url("**?done=sealed")
        return document_id

    async def close(self) -> None:
        """Leave."""
        await self.page.context.close()


async def at_desk(browser: Browser, url: str, court: DistributionWorld, locale: str, username: str) -> Desk:
    """Sit down at a desk."""
    _context, page = await window(browser, url, locale, username)
    return Desk(url, court, page)


async def pay_out(browser: Browser, url: str, court: DistributionWorld, line_id: UUID, bank: FakeBank) -> None:
    """Let four persons pay a line out in full, each at his desk, and the bank confirm it."""
    judge = await at_desk(browser, url, court, "zh", "judge1")
    await judge.page.goto(f"{url}/finance/lines/{line_id}/prepare")
    await judge.page.locator("main form button").click()
    await judge.page.wait_for_url("**/prepare?amount=*")
    await judge.page.locator("main form button").click()
    await judge.page.wait_for_url("**?done=prepared")
    payout = judge.page.url.split("?")[0]
    await judge.close()
    for username, step in (("head1", Step.APPROVE), ("finance1", Step.CHECK), ("cashier1", Step.PAY)):
        desk = await at_desk(browser, url, court, "zh", username)
        await desk.page.goto(f"{payout}/{step.value}")
        await desk.page.locator(f"form[action$='/{step.value}'] button").click()
        await desk.page.wait_for_url(f"**?done={step.value}")
        await desk.close()
    await run_orders(court, bank)


async def run_orders(court: DistributionWorld, bank: FakeBank) -> None:
    """Let the bank carry out and confirm what was ordered."""
    for job in await court.jobs("fund.order_payout"):
        await handle_order_payout(court.db, bank, job)


async def _sued(clerk: Desk, suit: UUID, opposition: UUID, notified: datetime) -> None:
    """Record the suit: filed twenty-five days after the notice of the opposition it is refused, filed after ten it stands."""
    sued = {"outcome": "suit", "document_id": str(suit), "notice_document_id": str(opposition)}
    late, in_time = ((notified + timedelta(days=days)).date().isoformat() for days in (25, 10))
    await clerk.step("decide-plan-objection", "", "plan_suit_too_late", **sued, filed_on=late)
    await clerk.step("decide-plan-objection", "objection-decide-en", **sued, filed_on=in_time)


@pytest.mark.timeout(600)
async def test_disputed_share_waits_for_its_judgment(court: DistributionWorld, desk_url: str, browser: Browser) -> None:
    """A party objects at its own desk; opposed and sued, the disputed part is set aside and the rest paid; the judgment releases it."""
    plan = await court.objectable()
    mortgage = next(line for line in plan.lines if line.kind == "mortgage")
    ordinary = next(line for line in plan.lines if line.kind == "ordinary" and line.owed_fen == CLAIM.fen)
    party = await at_desk(browser, desk_url, court, "zh", APPLICANT.username)
    await party.page.goto(f"{desk_url}/party/cases/{court.case_id}")
    await party.page.locator("a[href$='/plan']").click()
    await party.page.wait_for_url("**/plan")
    await check(party.page, "objection-plan-zh")
    await party.page.locator("form[action$='/object'] button").click()
    await party.page.wait_for_selector(".govuk-error-summary")
    await party.page.select_option("#line_id", str(mortgage.line_id))
    await party.page.fill("#disputed", "100000")
    await party.page.fill("#grounds", "该抵押权的登记已经注销")
    await party.page.locator("form[action$='/object'] button").click()
    await party.page.wait_for_url("**?done=objected_to_plan")
    assert "法院把您的异议通知其他债权人和被执行人" in await party.page.locator(".fapai-next").inner_text()
    await check(party.page, "objection-raised-zh")

    clerk = await at_desk(browser, desk_url, court, "en", "clerk1")
    moment = await court.after(1)
    opposition = await court.document(DocumentKind.PLAN_OPPOSITION_NOTICE)
    await court.serve(opposition, await _objector(court), moment)
    await court.after(30)
    await clerk.step("settle-case", refused="plan_objections_open")
    suit = await court.document(DocumentKind.PLAN_SUIT_NOTICE)
    await _sued(clerk, suit, opposition, moment)
    await clerk.step("settle-case")
    assert (await court.held())["escrow"] == DISPUTED.fen
    bank = FakeBank()
    await court.account(ordinary.payee_person_id, "6222000011110001")
    await court.account(mortgage.payee_person_id, "6222000011110002")
    await pay_out(browser, desk_url, court, mortgage.line_id, bank)
    assert [order.amount_fen for order, _seen in bank.orders.values()] == [mortgage.share_fen - DISPUTED.fen]

    judgment = await court.document(DocumentKind.PLAN_SUIT_JUDGMENT)
    terms = {"judgment_document_id": str(judgment), "judgment_number": NUMBER, "to_line_id": str(ordinary.line_id)}
    await clerk.step("issue-escrow-decision", "", "escrow_part_wrong", **terms, amount_fen="100001")
    terms["amount_fen"] = UPHELD
    await clerk.step("issue-escrow-decision", "escrow-decision-en", **terms)
    decision = await clerk.seal(DocumentKind.ESCROW_RELEASE)
    await check(clerk.page, "escrow-sealed-en")
    wrong = terms | {"judgment_number": "（2026）京0105民初10号"}
    await clerk.step("release-escrow", "", "escrow_text_differs", document_id=str(decision), **wrong)
    await clerk.step("release-escrow", "", document_id=str(decision), **terms)
    await clerk.see(f"/finance/cases/{court.case_id}", "objection-money-en")
    assert "escrow" not in await court.held()
    await party.page.goto(f"{desk_url}/party/cases/{court.case_id}/plan")
    told = await party.page.locator("main").inner_text()
    assert "已判决" in told
    assert "法院正在办理发放" in told
    assert "****0001" in told
    await check(party.page, "objection-judged-zh")
    await pay_out(browser, desk_url, court, ordinary.line_id, bank)
    await party.page.reload()
    assert "您的份额已经全部办结" in await party.page.locator("main").inner_text()
    await check(party.page, "objection-own-money-zh")
    await clerk.close()
    await party.close()


async def _objector(court: DistributionWorld) -> UUID:
    rows = await court.rows("SELECT party_id FROM fund.plan_objection")
    found: UUID = rows[0].party_id
    return found


@pytest.mark.timeout(600)
async def test_creditor_buys_by_set_off(court: DistributionWorld, desk_url: str, browser: Browser) -> None:
    """The court fixes the amount by two persons, he pays the rest, the ruling is made and served, the plan uses his share up, the rest is paid."""
    await court.bought_by_a_creditor()
    judge = await at_desk(browser, desk_url, court, "zh", "judge1")
    clerk = await at_desk(browser, desk_url, court, "en", "clerk1")
    amount = {"amount_fen": "1200000"}
    application = hashlib.sha256("抵价申请".encode()).hexdigest()
    await judge.step("issue-set-off-document", "set-off-document-zh", **amount)
    decision = await judge.seal(DocumentKind.SET_OFF_DECISION)
    typed = {"application_sha256": application, "document_id": str(decision)}
    await judge.step("propose-set-off", "set-off-propose-zh", **amount, **typed)
    assert "set_off" not in await court.held()
    vouched = {"application_sha256": application, "found": "agrees"}
    await judge.step("fix-set-off", "", "set_off_second_person", **vouched)
    await check(judge.page, "set-off-own-zh")
    await clerk.step("fix-set-off", "set-off-fix-en", **vouched)
    assert (await court.held())["set_off"] == MORTGAGE.fen

    await court.pay_balance(court.registered, RESERVE - DEPOSIT - Money(1) - MORTGAGE)
    for job in await court.jobs("sale.receipts_complete"):
        await handle_receipts_complete(court.db, job)
    await _ruled_and_served(court, browser, desk_url)

    debtor = str(court.parties[PartyRole.JUDGMENT_DEBTOR])
    await judge.step("issue-plan-document", debtor__party_id=debtor)
    carrying = await judge.seal(DocumentKind.DISTRIBUTION_PLAN)
    panel = await court.document(DocumentKind.OTHER)
    papers = {"document_id": str(carrying), "panel_document_id": str(panel), "debtor__party_id": debtor}
    await judge.step("draw-plan", "set-off-plan-zh", **papers)
    court.plan = await court.newest_plan()
    await court.plan_served()
    await court.after(30)
    await judge.step("settle-case")
    held = await court.held()
    assert "set_off" not in held
    loser = DEPOSIT.fen  # not refunded yet
    assert held["bank"] == RESERVE.fen - MORTGAGE.fen + loser
    ordinary = next(line for line in court.plan.lines if line.kind == "ordinary")
    await court.account(ordinary.payee_person_id, "6222000011110001")
    bank = FakeBank()
    await pay_out(browser, desk_url, court, ordinary.line_id, bank)
    assert [order.amount_fen for order, _seen in bank.orders.values()] == [CLAIM.fen]
    await clerk.page.goto(f"{desk_url}/finance/cases/{court.case_id}")
    await check(clerk.page, "set-off-money-en")
    await judge.close()
    await clerk.close()


async def _ruled_and_served(court: DistributionWorld, browser: Browser, url: str) -> None:
    presiding = await at_desk(browser, url, court, "zh", "presiding1")
    await presiding.page.goto(f"{url}/court/lots/{court.lot_id}/rule")
    await presiding.page.fill("[name='body']", "裁定示例正文")
    await presiding.page.locator("main form button").first.click()
    await presiding.page.wait_for_url("**?done=ruled")
    ruling = await presiding.seal(DocumentKind.SALE_RULING)
    await presiding.close()
    [buyer] = await court.rows("SELECT party_id FROM sale.party WHERE role = 'buyer'")
    await court.serve(ruling, buyer.party_id, local(await court.today(), 9))
    for job in await court.jobs("sale.note_title_service"):
        await handle_title_service(court.db, job)


@pytest.mark.timeout(600)
async def test_outsider_joins_after_an_objection(court: DistributionWorld, desk_url: str, browser: Browser) -> None:
    """He applies at his own desk, is refused with reason and article, objects, and the presiding judge admits him: he is of the case."""
    await court.open()
    outsider = await at_desk(browser, desk_url, court, "zh", TENANT.username)
    page = outsider.page
    await page.goto(f"{desk_url}/party")
    await page.locator("a[href='/party/join']").first.click()
    await check(page, "join-apply-zh")
    paper = hashlib.sha256("判决书".encode()).hexdigest()
    filled = {
        "case_number": "（2026）京0105执1234号",
        "debtor_name": "别人",
        "amount": "88000",
        "title_number": "(2025)京0105民初9号",
        "facts": "被执行人另欠货款，其他财产不足清偿。",
        "document_sha256": paper,
    }
    for name, value in filled.items():
        await page.fill(f"#{name}", value)
    await page.select_option("#kind", "ordinary")
    await page.locator("form[action='/party/join'] button.govuk-button").last.click()
    await page.wait_for_selector(".govuk-error-summary")
    assert await page.input_value("#facts") == filled["facts"]
    await check(page, "join-refused-form-zh")
    await page.fill("#debtor_name", "王示例")
    await page.locator("form[action='/party/join'] button.govuk-button").last.click()
    await page.wait_for_url("**?done=applied_to_join")

    judge = await at_desk(browser, desk_url, court, "en", "judge1")
    refusal = {"debtor_kind": "natural", "found": "refuse", "reason": "执行依据尚未生效", "article": "民诉法解释506"}
    await judge.step("decide-join", "join-decide-en", **refusal)
    await page.goto(f"{desk_url}/party/join")
    assert "执行依据尚未生效" in await page.locator("main").inner_text()
    await page.fill("#grounds", "判决已于上月生效")
    await page.locator("form[action$='/object'] button").click()
    await page.wait_for_url("**?done=objected")
    await check(page, "join-objected-zh")
    await judge.step("decide-join", "", "join_decided_by_same", **refusal)
    presiding = await at_desk(browser, desk_url, court, "zh", "presiding1")
    admitted = refusal | {"found": "admit", "reason": "判决已经生效"}
    await presiding.step("decide-join", "join-second-zh", **admitted)
    await page.goto(f"{desk_url}/party/join")
    assert "已准许" in await page.locator("main").inner_text()
    await check(page, "join-admitted-zh")
    for desk in (outsider, judge, presiding):
        await desk.close()
    [claim] = await court.rows("SELECT amount_fen, state FROM fund.claim")
    assert tuple(claim) == (88_000_00, "recorded")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_forms_of_distribution_are_accessible(
    court: DistributionWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """Each form of joining and of the bankruptcy court, and the parties' empty pages, pass axe and reflow."""
    await court.open()
    await court.document(DocumentKind.STAY_RULING)
    await court.document(DocumentKind.BANKRUPTCY_REFERRAL)
    for username, names in (
        ("judge1", ("record-join-application", "refer-to-bankruptcy")),
        ("vice1", ("set-join-cut-off",)),
    ):
        context, page = await window(browser, desk_url, locale, username)
        for name in names:
            answer = await page.goto(f"{desk_url}/court/cases/{court.case_id}/steps/{name}")
            assert answer is not None
            assert answer.ok, name
            await check(page, f"{name}-{locale}")
        await context.close()
    context, page = await window(browser, desk_url, locale, TENANT.username)
    await page.goto(f"{desk_url}/party/join")
    await check(page, f"join-empty-{locale}")
    await context.close()
