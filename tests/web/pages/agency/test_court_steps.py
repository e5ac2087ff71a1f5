"""The court's steps of an appraisal by form, from the start to the price, with the agency's own in between; its page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.async_api import Browser

from auction.kernel.clock import local
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.disclosure.sold_lots import SoldLots
from tests.auction.sale.world import FIRST_DAY
from tests.valuation.appraisals.stage import KEEPER, SECOND
from tests.valuation.methods.ground import PAPER
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.agency.test_agency_desk import ACCEPTING, rank, reporting, send
from tests.web.pages.desks.conftest import court
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.methods import found
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from tests.web.pages.desks.test_panel_page import leave
from tests.web.pages.desks.test_price_page import facts
from valuation.appraisals import store
from valuation.appraisals.reports.note_paper_service import handle_note_paper_service
from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.appraisals.rules.figures import figure_that_counts
from web.demonstration.people import APPLICANT
from web.pages.agency.routes import AGENCY_PAGES
from web.pages.court.routes import COURT_PAGES
from web.pages.party.routes import PARTY_PAGES
from web.pages.steps.routes import STEP_PAGES
from web.sale_of_assets import SaleOfAssets
from web.sample_agencies import make_sample_register
from web.services_of_documents import ServicesOfDocuments
from web.wiring import Wiring

__all__ = ["court", "desk_url"]


@pytest.fixture
def desks(wiring: Wiring, court: CourtWorld) -> Wiring:
    """The site with the court's and the agencies' pages."""
    return replace(
        wiring,
        routes=(*COURT_PAGES, *STEP_PAGES, *AGENCY_PAGES, *PARTY_PAGES),
        ports={"sale": SoldLots(), "announcements": SaleOfAssets(), "services": ServicesOfDocuments()},
    )


@pytest.fixture
async def desk(desks: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session, in front of the desks."""
    async with client_of(desks) as client:
        yield client


async def ready(court: CourtWorld) -> None:
    """Open a case in which nothing but an appraisal is lawful, with a register."""
    await court.open()
    await facts(court)
    await found(court, "appraisal_compelled")
    await make_sample_register(court.db, KEEPER, SECOND)


async def the_file(court: CourtWorld) -> AppraisalFile:
    """Read the case's only appraisal."""
    async with court.db.reading() as tx:
        (file,) = await store.files_of_case(tx, court.case_id)
        return file


async def take(
    court: CourtWorld, desk: httpx.AsyncClient, name: str, who: str = "judge1", **fields: str | list[str]
) -> httpx.Response:
    """Take a step of the court by its form, as somebody; gives the answer."""
    desk.cookies.clear()
    await sign_in(desk, who)
    page = f"/court/cases/{court.case_id}/steps/{name}"
    shown = await desk.get(page)
    assert shown.status_code == 200, shown.text
    given = {"csrf_token": form_token(shown), "command_id": str(uuid4()), **fields}
    answer = await desk.post(page, data=given)
    assert answer.status_code == 303, answer.text
    return answer


async def as_reader(desk: httpx.AsyncClient, page: str) -> httpx.Response:
    """Read a page as the first agency."""
    desk.cookies.clear()
    await sign_in(desk, "agency1")
    return await desk.get(page)


async def as_agency(desk: httpx.AsyncClient, page: str, who: str = "agency1", **fields: str) -> None:
    """Take a step of the first agency."""
    desk.cookies.clear()
    await sign_in(desk, who)
    answer = await send(desk, page, **fields)
    assert answer.status_code == 303, answer.text


def parties(court: CourtWorld) -> list[str]:
    """Give applicant and debtor as a form sends them."""
    return [str(court.parties[role]) for role in (PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)]


async def mandated(court: CourtWorld, desk: httpx.AsyncClient) -> str:
    """Start and mandate by form; gives the agency's page."""
    await ready(court)
    starting: dict[str, str | list[str]] = {
        "asset_id": str(court.asset_id),
        "terms.purpose": "确定财产处置参考价",
        "terms.value_type": "market_value",
        "terms.value_date": FIRST_DAY.isoformat(),
        "terms.scope.description": "测试住宅一套",
        "terms.scope.place": "测试路1号2单元301",
        "fixtures": "固定装修\n厨卫设备\n",
        "parties": parties(court),
    }
    await take(court, desk, "start-appraisal", "judge1", **starting)
    file = await the_file(court)
    assert file.terms.scope.fixtures == ("固定装修", "厨卫设备")
    await court.db.transact(lambda tx: rank(tx, court, file.appraisal_id))
    await take(
        court,
        desk,
        "mandate-agency",
        "clerk1",
        appraisal_id=str(file.appraisal_id),
        answer_by=(FIRST_DAY + timedelta(days=5)).isoformat(),
    )
    mandate = (await the_file(court)).mandate
    assert mandate is not None
    return f"/agency/mandates/{mandate.mandate_id}"


async def started(court: CourtWorld, desk: httpx.AsyncClient) -> str:
    """Start and mandate by form, and let the agency accept; gives the agency's page."""
    page = await mandated(court, desk)
    await as_agency(desk, f"{page}/accept", **ACCEPTING)
    return page


async def price_page(court: CourtWorld, desk: httpx.AsyncClient, who: str = "judge1") -> str:
    """Give the court's page of the price."""
    desk.cookies.clear()
    await sign_in(desk, who)
    return (await desk.get(f"/court/cases/{court.case_id}/assets/{court.asset_id}/price")).text


async def test_silent_agency_is_replaced_only_after_its_time(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Until the last day (moved from a Saturday) the court waits, and nothing is offered; then it is what comes next."""
    await mandated(court, desk)
    waiting = await price_page(court, desk)
    await court.at(local(FIRST_DAY + timedelta(days=7), 23))
    last_day = await price_page(court, desk)
    await court.at(local(FIRST_DAY + timedelta(days=8), 0))
    late = await price_page(court, desk)

    assert "最迟于 2027年3月8日 答复是否接受委托" in waiting
    assert ["steps/replace-agency" in text for text in (waiting, last_day, late)] == [False, False, True]
    assert "逾期未答复，由法院决定委托下一顺序机构" in late


async def reported(court: CourtWorld, desk: httpx.AsyncClient, page: str) -> UUID:
    """Let the agency report, the court check, and everybody be served on 2 March; gives the appraisal."""
    file = await the_file(court)
    await as_agency(desk, f"{page}/submit", **{**reporting(FIRST_DAY), "report.scope_sha256": file.scope_sha256})
    draft = (await the_file(court)).draft
    assert draft is not None
    await as_agency(desk, f"{page}/confirm", "appraiser1", draft_id=str(draft.draft_id))
    paper = (await the_file(court)).paper
    assert paper is not None
    document = await court.document(DocumentKind.APPRAISAL_REPORT, sealed=False)
    await take(court, desk, "check-report", paper_id=str(paper.paper_id), document_id=str(document))
    await court.at(local(FIRST_DAY + timedelta(days=1), 9))
    for party in parties(court):
        await _serve(court, document, UUID(party))
    return file.appraisal_id


async def _serve(court: CourtWorld, document: UUID, party: UUID) -> None:
    """Hand a document to a party now, and let the worker tell the appraisal."""
    async with court.db.reading() as tx:
        now = tx.now
    before = len(await court.jobs("valuation.note_service"))
    await court.serve(document, party, now)
    for job in (await court.jobs("valuation.note_service"))[before:]:
        await handle_note_paper_service(court.db, job)


async def test_court_takes_every_step_to_a_price_by_hand(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Start, mandate, extension, check, objection, forwarding, dispute, review: each by its form, and the figure stands."""
    page = await started(court, desk)
    await as_agency(desk, f"{page}/extend", days="10", reason="标的复杂", document_sha256=PAPER)
    file = await the_file(court)
    assert file.mandate is not None
    assert file.mandate.pending is not None
    await take(court, desk, "decide-extension", request_id=str(file.mandate.pending.request_id), granted_days="10")
    await as_agency(desk, f"{page}/ask", for_material="yes", text="缺少平面图")
    question = (await the_file(court)).questions[0]
    await take(court, desk, "answer-agency", "clerk1", question_id=str(question.question_id), text="已补充")
    appraisal_id = await reported(court, desk, page)
    served = await price_page(court, desk)
    assert "异议期至 2027年3月8日；期满且异议处理完毕后自动确定参考价。" in served
    assert "异议期尚未届满，暂无" in served
    assert "无人提出异议" not in served
    debtor = parties(court)[1]
    objection = {"appraisal_id": str(appraisal_id), "party_id": debtor, "against": "report", "document_sha256": PAPER}
    await take(court, desk, "object-to-report", "clerk1", grounds=["result", "method"], **objection)
    objection_id = str((await the_file(court)).objections[0].objection_id)
    await take(court, desk, "forward-objection", "clerk1", objection_id=objection_id)
    await as_agency(
        desk, f"{page}/explain-objection", objection_id=objection_id, text="案例可比", document_sha256=PAPER
    )
    document = await court.document(DocumentKind.EXPLANATION, sealed=False)
    linking = {"objection_id": objection_id, "document_id": str(document)}
    await take(court, desk, "link-explanation", "clerk1", **linking)
    await _serve(court, document, UUID(debtor))
    await take(court, desk, "dispute-explanation", "clerk1", objection_id=objection_id, document_sha256=PAPER)
    await take(
        court,
        desk,
        "ask-review",
        appraisal_id=str(appraisal_id),
        association="示例估价师协会",
        conclude_by=(FIRST_DAY + timedelta(days=40)).isoformat(),
        document_sha256=PAPER,
    )
    review = (await the_file(court)).reviews[0]
    await take(
        court,
        desk,
        "record-review",
        "clerk1",
        review_id=str(review.review_id),
        conclusion="confirmed",
        document_sha256=PAPER,
    )
    figure = figure_that_counts(await the_file(court))
    shown = await desk.get(f"/court/cases/{court.case_id}/assets/{court.asset_id}/price")

    assert figure is not None
    assert figure.basis == "confirmed"
    assert "评审未否定评估结果" in shown.text
    assert "3,200,000" in shown.text
    assert "参考价 23(1)" in shown.text


async def test_pause_advance_and_withdrawal_by_hand(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """An advance, a deferral, its end and a withdrawal are taken by form; then the fee is stated on the expense."""
    page = await started(court, desk)
    appraisal_id = str((await the_file(court)).appraisal_id)
    await take(
        court,
        desk,
        "record-advance",
        "clerk1",
        appraisal_id=appraisal_id,
        kind="guarantee",
        insurer_pays="yes",
        estimated_value_fen="3000000",
        amount_fen="6000",
        document_sha256=PAPER,
    )
    await take(
        court,
        desk,
        "pause-appraisal",
        appraisal_id=appraisal_id,
        kind="deferral",
        ground="case_deferred",
        from_day=FIRST_DAY.isoformat(),
        document_sha256=PAPER,
    )
    pause_id = str((await the_file(court)).open_pauses[0].pause_id)
    await take(court, desk, "resume-appraisal", pause_id=pause_id, on_day=FIRST_DAY.isoformat())
    await take(court, desk, "withdraw-appraisal", appraisal_id=appraisal_id, ground="debt_paid", document_sha256=PAPER)
    await as_agency(desk, f"{page}/claim-fee", expense_fen="300.00", document_sha256=PAPER)
    await take(
        court,
        desk,
        "state-fee",
        appraisal_id=appraisal_id,
        outcome="withdrawn",
        expense_fen="300.00",
        document_sha256=PAPER,
    )
    statement = (await the_file(court)).statement

    assert statement is not None
    assert (statement.fee_fen, statement.charge_fen, statement.charged_to) == (30_000, 30_000, "insurer")
    price = await desk.get(f"/court/cases/{court.case_id}/assets/{court.asset_id}/price")
    own = await as_reader(desk, page)
    assert ("谁应向谁付多少" in price.text, "本结算单本身不记账、不划款" in price.text) == (True, True)
    assert ("应付本机构" in own.text, "保险人" in own.text, "被执行人负担" in own.text) == (True, True, False)
    await court.party(PartyRole.APPLICANT, APPLICANT.name, identity_number=APPLICANT.identity_number)
    await leave(desk)
    await sign_in(desk, "party1")
    told = (await desk.get(f"/party/cases/{court.case_id}")).text
    assert ("评估费的垫付和担保" in told, "谁应向谁付多少" in told, "¥300" in told) == (True, True, True)


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_courts_page_of_an_appraisal_is_accessible(
    court: CourtWorld, desk: httpx.AsyncClient, desk_url: str, browser: Browser, locale: str
) -> None:
    """The page of the price with an appraisal, and forms of it, pass axe and reflow."""
    page_of_agency = await started(court, desk)
    appraisal_id = await reported(court, desk, page_of_agency)
    await take(
        court,
        desk,
        "object-to-report",
        "clerk1",
        appraisal_id=str(appraisal_id),
        party_id=parties(court)[1],
        against="report",
        grounds=["procedure"],
        document_sha256=PAPER,
    )
    context, page = await window(browser, desk_url, locale, "presiding1")
    case = f"{desk_url}/court/cases/{court.case_id}"
    await page.goto(f"{case}/assets/{court.asset_id}/price")
    await check(page, f"court-appraisal-{locale}")
    await page.goto(f"{case}/steps/decide-report-objection")
    await check(page, f"court-decide-objection-{locale}")
    await context.close()
    await settled(court, desk, page_of_agency)
    context, page = await window(browser, desk_url, locale, "judge1")
    await page.goto(f"{case}/assets/{court.asset_id}/price")
    await check(page, f"court-fee-{locale}")
    await context.close()
    context, page = await window(browser, desk_url, locale, "agency1")
    await page.goto(f"{desk_url}{page_of_agency}")
    await check(page, f"agency-fee-{locale}")
    await context.close()


async def settled(court: CourtWorld, desk: httpx.AsyncClient, page: str) -> None:
    """Advance the fee in money and by a letter, withdraw, and state the fee on what the agency claims."""
    appraisal_id = str((await the_file(court)).appraisal_id)
    paid = {"appraisal_id": appraisal_id, "estimated_value_fen": "1000000", "document_sha256": PAPER}
    await take(court, desk, "record-advance", "clerk1", kind="money", amount_fen="2500", **paid)
    await take(court, desk, "record-advance", "clerk1", kind="guarantee", amount_fen="2500", insurer_pays="yes", **paid)
    ending = {"appraisal_id": appraisal_id, "document_sha256": PAPER}
    await take(court, desk, "withdraw-appraisal", ground="debt_paid", **ending)
    await as_agency(desk, f"{page}/claim-fee", expense_fen="6000.00", document_sha256=PAPER)
    await take(court, desk, "state-fee", outcome="withdrawn", expense_fen="6000.00", **ending)
