"""The parties' desk: own cases only, a sealed price, a request of one's side, and nothing said for others."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser

from auction.contracts import DocumentServed
from auction.kernel.clock import local
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.world import FIRST_DAY
from tests.valuation.test_online_inquiry import job
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.desks.conftest import court
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.methods import confirm, found, typed_request
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from tests.web.pages.desks.test_price_page import asked_authority, invited, page_of
from tests.web.pages.party.party_world import joined, reported
from valuation.agreements import agreement_store
from valuation.inquiries.corrections.check_reports import ReportFlaw
from valuation.methods import step_store
from valuation.methods.order import lawful_methods
from valuation.objections.check_targeted_answer import CheckTargetedAnswer, check_targeted_answer
from valuation.objections.fix_price import fix_price
from valuation.objections.note_targeted_service import handle_note_targeted_service
from valuation.objections.store import open_objections
from valuation.objections.supervise_price import AskSupervision, DecideSupervision, ask_supervision, decide_supervision
from valuation.party_papers import papers_of_case
from valuation.sides.speaking import side_of
from valuation.ways.ways import way_of
from web.pages.court.routes import COURT_PAGES
from web.pages.party.routes import PARTY_ENTRIES, PARTY_PAGES
from web.parties_of_cases import PartiesOfCases
from web.sale_of_assets import SaleOfAssets
from web.wiring import Wiring

__all__ = ["court", "desk_url"]
PRICE = {"amount": "2400000", "valid_until": (FIRST_DAY + timedelta(days=100)).isoformat()}


@pytest.fixture
def desks(wiring: Wiring, court: CourtWorld) -> Wiring:
    """The site with the parties' desk, and the court's pages beside it."""
    return replace(wiring, routes=(*PARTY_PAGES, *COURT_PAGES), entries=PARTY_ENTRIES)


@pytest.fixture
async def desk(desks: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session, in front of the desk."""
    async with client_of(desks) as client:
        yield client


async def send(desk: httpx.AsyncClient, page: str, form: str, **fields: str) -> httpx.Response:
    """Fill in the form of the page that goes to ``form``, and send it twice as an impatient person does."""
    shown = await desk.get(page)
    assert shown.status_code == 200, shown.text
    part = shown.text[shown.text.index(f'action="{page}/{form}"') :]
    part = part[: part.index("</form>")]
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', part))
    first = await desk.post(f"{page}/{form}", data={**given, **fields})
    second = await desk.post(f"{page}/{form}", data={**given, **fields})
    assert first.status_code == second.status_code
    return first


async def test_party_seals_a_price_at_its_own_desk(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The form stands there while the party may propose; a resend changes nothing; afterwards the amount is nowhere."""
    await joined(court)
    step_id = await invited(court)
    page = f"/party/cases/{court.case_id}"
    await sign_in(desk, "party1")
    answer = await send(desk, page, "propose", **PRICE)
    after = await desk.get(page)

    assert answer.status_code == 303
    assert "您的价格已密封提交" in after.text
    assert "2,400,000" not in after.text
    assert f'action="{page}/propose"' not in after.text
    async with court.db.reading() as tx:
        assert len(await agreement_store.proposed_at(tx, step_id)) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({**PRICE, "amount": "0"}, "proposal_malformed"),
        ({**PRICE, "amount": "2,400,000"}, "amount_malformed"),
        ({**PRICE, "valid_until": "2020-01-01"}, "proposal_malformed"),
    ],
)
async def test_wrong_price_is_refused_with_its_code(
    court: CourtWorld, desk: httpx.AsyncClient, fields: dict[str, str], code: str
) -> None:
    """What is no price comes back with code and article, and nothing is sealed."""
    await joined(court)
    step_id = await invited(court)
    await sign_in(desk, "party2")
    answer = await send(desk, f"/party/cases/{court.case_id}", "propose", **fields)

    assert answer.status_code == 422
    assert code in answer.text
    async with court.db.reading() as tx:
        assert await agreement_store.proposed_at(tx, step_id) == {}


async def test_nobody_speaks_for_another_party(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A form that names another's part is refused, and changes nothing."""
    own = await joined(court)
    step_id = await invited(court)
    await sign_in(desk, "party1")
    page = f"/party/cases/{court.case_id}"
    shown = await desk.get(page)
    forged = {
        "csrf_token": form_token(shown),
        "command_id": str(new_id()),
        "step_id": str(step_id),
        "party_id": str(own[PartyRole.JUDGMENT_DEBTOR]),
        **PRICE,
    }
    answer = await desk.post(f"{page}/propose", data=forged)

    assert answer.status_code == 403
    assert "not_that_party" in answer.text


async def test_method_is_lawful_when_every_party_of_both_sides_asked(
    court: CourtWorld, desk: httpx.AsyncClient
) -> None:
    """One of each side does not speak for the second of it, whose papers complete the jump; a tenant has no side to ask for."""
    own = await joined(court)
    page = f"/party/cases/{court.case_id}"
    lawful = []
    for username in ("party1", "party2"):
        await sign_in(desk, username)
        answer = await send(desk, page, "ask-method", method="online_inquiry")
        assert answer.status_code == 303, answer.text
        desk.cookies.clear()
        async with court.db.reading() as tx:
            methods = lawful_methods(await step_store.standing_of(tx, court.asset_id))
        lawful.append("online_inquiry" in [method for method, _ in methods])
    async with court.db.reading() as tx:
        on_file = await PartiesOfCases().of_case(tx, court.case_id)
    for party in on_file:
        if side_of(party.role) is not None and party.party_id not in own.values():
            await confirm(court, await typed_request(court, party.party_id))
    async with court.db.reading() as tx:
        methods = lawful_methods(await step_store.standing_of(tx, court.asset_id))
    lawful.append("online_inquiry" in [method for method, _ in methods])
    await sign_in(desk, "party3")
    tenant = await desk.get(page)

    assert lawful == [False, False, True]
    assert tenant.status_code == 200
    assert f'action="{page}/ask-method"' not in tenant.text


async def test_case_of_others_does_not_exist(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Whoever has no part in a case finds it neither in his list nor by its address."""
    await court.open()
    await sign_in(desk, "party1")
    listed = await desk.get("/party")
    asked = await desk.get(f"/party/cases/{court.case_id}")

    assert "您没有作为当事人的案件" in listed.text
    assert asked.status_code == 404


async def test_party_objects_to_the_reports_served_on_it(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Reports, window and form are there for whoever was served, and the writing is kept; for others there is nothing."""
    own = await joined(court)
    inquiry_id = await reported(court, own)
    page = f"/party/cases/{court.case_id}"
    await sign_in(desk, "party1")
    other = await desk.get(page)
    desk.cookies.clear()
    await sign_in(desk, "party2")
    empty = await send(desk, page, "object", platform_id="p1", ground="basics_wrong", writing=" ")
    answer = await send(desk, page, "object", platform_id="p1", ground="basics_wrong", writing="面积少计十平方米")
    after = await desk.get(page)
    async with court.db.reading() as tx:
        papers = await papers_of_case(tx, court.case_id)
        [objection] = await open_objections(tx, inquiry_id)

    assert "已送达的询价报告" not in other.text
    assert (empty.status_code, "party_writing_malformed" in empty.text) == (422, True)
    for kept in ('<option value="p1" selected>', '<option value="basics_wrong" selected>'):
        assert kept in empty.text
    assert "有异议尚未处理，结果待定" in after.text
    assert "<span>p1</span>" not in after.text
    assert answer.status_code == 303
    assert "我提出的异议" in after.text
    assert [(paper.party_id, paper.text) for paper in papers] == [(own[PartyRole.JUDGMENT_DEBTOR], "面积少计十平方米")]
    assert objection is not None


async def test_flaws_that_the_court_noted_are_not_shown_to_parties(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Reports and figures are there for whoever was served, the court's note on a flaw only in its own file."""
    own = await joined(court)
    note = "漏记阳台面积，疑似录入错误"
    await reported(court, own, ReportFlaw(platform_id="p1", error="basics_wrong", note=note))
    texts = {}
    for who, page in (("party2", f"/party/cases/{court.case_id}"), ("judge1", page_of(court))):
        await sign_in(desk, who)
        texts[who] = (await desk.get(page)).text
        desk.cookies.clear()

    assert "已送达的询价报告" in texts["party2"]
    assert [note in texts[who] for who in ("judge1", "party2")] == [True, False]
    assert ["法院审查发现的错误" in texts[who] for who in ("judge1", "party2")] == [True, False]


async def result_served(court: CourtWorld) -> None:
    """Come as far as an authority's answer that reached the debtor of the sample account, and not yet the applicant."""
    own = await joined(court)
    await found(court, "party_absent")
    await asked_authority(court)
    async with court.db.reading() as tx:
        way = await way_of(tx, court.asset_id)
    assert way.targeted is not None
    [answer] = way.targeted.answers
    document_id = new_id()
    checking = CheckTargetedAnswer(
        command_id=new_id(),
        step_id=way.targeted.inquiry.step_id,
        answer_id=answer.answer_id,
        document_sha256=answer.document_sha256,
        is_right=True,
        document_id=document_id,
        addressees=(own[PartyRole.APPLICANT], own[PartyRole.JUDGMENT_DEBTOR]),
    )
    await check_targeted_answer(court.db, court.handler, checking)
    served = DocumentServed(
        service_id=new_id(),
        case_id=court.case_id,
        document_id=document_id,
        document_kind="targeted_result",
        party_id=own[PartyRole.JUDGMENT_DEBTOR],
        effective_on=FIRST_DAY,
    )
    await handle_note_targeted_service(court.db, job("valuation.note_service", served))


async def test_targeted_result_is_there_for_whom_it_reached(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The authority's price stands on the desk of the party served with it, and on no other's before (参考价 21(1))."""
    await result_served(court)
    texts = {}
    for who, page in (("party1", None), ("party2", None), ("judge1", page_of(court))):
        await sign_in(desk, who)
        texts[who] = (await desk.get(page or f"/party/cases/{court.case_id}")).text
        desk.cookies.clear()

    assert ["2,345,678.90" in texts[who] for who in ("party1", "party2")] == [False, True]
    assert "已送达的定向询价结果" in texts["party2"]
    assert "待送达" in texts["judge1"]


async def test_objection_after_the_window_is_refused(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """After the fifth day the form is gone, and one kept open is refused with the article; its writing is not kept."""
    own = await joined(court)
    inquiry_id = await reported(court, own)
    page = f"/party/cases/{court.case_id}"
    await court.at(local(FIRST_DAY + timedelta(days=10), 9))
    await sign_in(desk, "party2")
    kept = await desk.get(page)
    late = {
        "csrf_token": form_token(kept),
        "command_id": str(new_id()),
        "inquiry_id": str(inquiry_id),
        "party_id": str(own[PartyRole.JUDGMENT_DEBTOR]),
        "ground": "procedure",
        "writing": "程序违法",
    }
    answer = await desk.post(f"{page}/object", data=late)
    after = await desk.get(page)
    async with court.db.reading() as tx:
        papers = await papers_of_case(tx, court.case_id)

    assert answer.status_code == 422
    assert "objection_late" in answer.text
    assert f'action="{page}/object"' not in after.text
    assert papers == []


async def priced(court: CourtWorld) -> UUID:
    """Fix a price by the step of an agreement; gives the price."""
    step_id = await invited(court)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(court.case_id)
        step = await step_store.step(tx, step_id)
        until = FIRST_DAY + timedelta(days=200)
        fixed = await fix_price(tx, step, amount_fen=246_813_579, valid_until=until, evidence_sha256="e" * 64)
        return fixed.reference_price_id

    return await court.db.transact(work)


async def test_price_set_aside_is_no_price_on_any_page(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """After the ruling party and court read that the price was set aside, and what may be asked for is open again."""
    own = await joined(court)
    price_id = await priced(court)
    pages = {"party1": f"/party/cases/{court.case_id}", "judge1": page_of(court)}
    texts: dict[str, list[str]] = {who: [] for who in pages}
    for is_set_aside in (False, True):
        if is_set_aside:
            asking = AskSupervision(
                command_id=new_id(),
                case_id=court.case_id,
                reference_price_id=price_id,
                party_id=own[PartyRole.APPLICANT],
                ground="collusion",
                evidence_sha256="b" * 64,
            )
            asked = await ask_supervision(court.db, court.clerk, asking, announcements=SaleOfAssets())
            deciding = DecideSupervision(
                command_id=new_id(),
                case_id=court.case_id,
                supervision_id=asked,
                founded=True,
                document_sha256="b" * 64,
            )
            await decide_supervision(court.db, court.presiding, deciding)
        for who, page in pages.items():
            await sign_in(desk, who)
            texts[who].append((await desk.get(page)).text)
            desk.cookies.clear()

    court_before, court_after = texts["judge1"]
    assert ['id="supervision"' in text for text in (court_before, court_after)] == [False, True]
    assert "成立，参考价已撤销" in court_after
    for before, after in texts.values():
        assert ("参考价已经确定，不再采用其他方式" in before, "现可采用" in after) == (True, True)
        assert ("2,468,135.79" in before, "已撤销" in before) == (True, False)
        assert ("2,468,135.79" in after, "已撤销" in after) == (False, True)
    assert ["ask-method" in text for text in texts["party1"]] == [False, True]


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_reports_served_are_accessible(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """The page with reports and the form of an objection passes axe and reflows."""
    await reported(court, await joined(court))
    context, page = await window(browser, desk_url, locale, "party2")
    answer = await page.goto(f"{desk_url}/party/cases/{court.case_id}")
    assert answer is not None
    assert answer.ok
    await check(page, f"party-reports-{locale}")
    await context.close()


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_result_served_is_accessible(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """The party's page with a result served, and the court's with what is still to be served, pass axe and reflow."""
    await result_served(court)
    for who, path in (("party2", f"/party/cases/{court.case_id}"), ("judge1", page_of(court))):
        context, page = await window(browser, desk_url, locale, who)
        answer = await page.goto(f"{desk_url}{path}")
        assert answer is not None
        assert answer.ok
        await check(page, f"targeted-{who}-{locale}")
        await context.close()


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_party_desk_is_accessible(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """List and case pass axe and reflow, before and after a refusal."""
    await joined(court)
    await invited(court)
    context, page = await window(browser, desk_url, locale, "party1")
    await page.goto(f"{desk_url}/party")
    await check(page, f"party-cases-{locale}")
    await page.goto(f"{desk_url}/party/cases/{court.case_id}")
    await check(page, f"party-case-{locale}")
    await page.fill("[name=amount]", "0")
    await page.fill("[name=valid_until]", PRICE["valid_until"])
    await page.locator("form[action$='/propose'] button").click()
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"party-refused-{locale}")
    await context.close()
