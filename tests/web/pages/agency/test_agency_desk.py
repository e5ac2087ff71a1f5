"""The agency's desk: its own mandates only, each step by form, what is wrong said with its article, both languages."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx
import msgspec
import pypdf
import pytest
from playwright.async_api import Browser

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from tests.auction.sale.world import FIRST_DAY
from tests.valuation.appraisals import stage
from tests.valuation.appraisals.stage import KEEPER, RATES, SCOPE, SECOND, TERMS
from tests.valuation.methods.ground import PAPER
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.desks.conftest import court
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.methods import found
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from tests.web.pages.desks.test_price_page import facts
from valuation.agencies import register_store
from valuation.agencies.staff.staff_store import staff_of
from valuation.appraisals import store
from valuation.appraisals.mandates.inspect_site import TellInspection, tell_inspection
from valuation.appraisals.mandates.mandate_agency import MandateAgency, mandate_agency
from valuation.appraisals.procedure.start_appraisal import StartAppraisal, start_appraisal
from valuation.appraisals.reports.submit_report import SubmitReport, submit_report
from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.appraisals.rules.terms import scope_fingerprint
from valuation.selections import selection_store
from valuation.selections.selection import Selection
from web.api.queries_of_mandates import MANDATE_QUERIES
from web.pages.agency.routes import AGENCY_ENTRIES, AGENCY_PAGES
from web.people_of_agencies import PeopleOfAgencies
from web.sample_agencies import make_sample_register, sample_agency_id
from web.wiring import Wiring

__all__ = ["court", "desk_url"]


@pytest.fixture
def desks(wiring: Wiring, court: CourtWorld) -> Wiring:
    """The site with the agencies' desk."""
    return replace(
        wiring, routes=(*AGENCY_PAGES, *MANDATE_QUERIES), entries=AGENCY_ENTRIES, ports={"people": PeopleOfAgencies()}
    )


@pytest.fixture
async def desk(desks: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session, in front of the desk."""
    async with client_of(desks) as client:
        yield client


async def mandated(court: CourtWorld) -> tuple[UUID, UUID]:
    """Open a case and mandate the first sample agency; gives the appraisal and the mandate."""
    await court.open()
    await facts(court)
    await found(court, "appraisal_compelled")
    await make_sample_register(court.db, KEEPER, SECOND)
    parties = tuple(await _party_ids(court))
    started = StartAppraisal(
        command_id=new_id(), case_id=court.case_id, asset_id=court.asset_id, terms=TERMS, parties=parties
    )
    appraisal_id = (await start_appraisal(court.db, court.actors["judge1"], started)).appraisal_id
    await court.db.transact(lambda tx: rank(tx, court, appraisal_id))
    command = MandateAgency(command_id=new_id(), appraisal_id=appraisal_id, answer_by=FIRST_DAY + timedelta(days=5))
    made = (await mandate_agency(court.db, court.actors["clerk1"], command)).made_id
    assert made is not None
    return appraisal_id, made


async def _party_ids(court: CourtWorld) -> list[UUID]:
    return list(court.parties.values())[:2]


async def rank(tx: Transaction, court: CourtWorld, appraisal_id: UUID) -> None:
    """Choose the first three sample agencies."""
    register = await register_store.register(tx)
    selection = Selection(
        mandate_id=appraisal_id,
        purpose="valuation_agency",
        case_id=court.case_id,
        asset_id=court.asset_id,
        profession="real_estate",
        province="北京市",
        city="北京市",
        opened_by=court.actors["judge1"].person_id,
        opened_at=tx.now,
        proposals_until=tx.now + timedelta(days=5),
    )
    await selection_store.add_selection(tx, selection)
    chosen = [register[sample_agency_id(f"agency-{number}")] for number in (1, 2, 3)]
    await selection_store.add_ranks(tx, appraisal_id, chosen, origin="agreement", draw_id=None)


async def tell(court: CourtWorld, appraisal_id: UUID) -> None:
    """Tell the parties of an inspection two seconds from now, and let them pass."""
    async with court.db.reading() as tx:
        now = tx.now
    command = TellInspection(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        planned_at=now + timedelta(hours=1),
        told=tuple(await _party_ids(court)),
        document_sha256=PAPER,
    )
    await tell_inspection(court.db, court.actors["clerk1"], command)


async def read(court: CourtWorld, appraisal_id: UUID) -> AppraisalFile:
    """Read the file."""
    async with court.db.reading() as tx:
        return await store.file_of(tx, appraisal_id)


async def send(desk: httpx.AsyncClient, page: str, **fields: str) -> httpx.Response:
    """Fill in the form of a step, and send it twice as an impatient person does; gives the first answer."""
    shown = await desk.get(page)
    assert shown.status_code == 200, shown.text
    given = {"csrf_token": form_token(shown), "command_id": str(uuid4()), **fields}
    first = await desk.post(page, data=given)
    second = await desk.post(page, data=given)
    assert first.status_code == second.status_code
    return first


ACCEPTING = {
    "rates.association": RATES.association,
    "rates.filed_on": "2026-01-01",
    "rates.bands.0.up_to_fen": "1000000",
    "rates.bands.0.ratio": "1/200",
    "rates.bands.1.ratio": "1/400",
    "rates.document_sha256": PAPER,
}


def reporting(signed_on: date) -> dict[str, str]:
    """Fill in a lawful report."""
    return {
        "report.scope_sha256": scope_fingerprint(SCOPE),
        "report.agency_licence_no": "示例评备字〔2026〕0001号",
        "report.signed_on": signed_on.isoformat(),
        "report.signers.0.licence_no": "SAMPLE-001-A",
        "report.signers.1.licence_no": "SAMPLE-001-B",
        "report.basics": "测试住宅一套",
        "report.methods": "comparison",
        "report.one_method_reason": "准则规定",
        "report.standard": "GB/T 50291-2015",
        "report.value_fen": "3200000",
        "report.valid_until": (signed_on + timedelta(days=300)).isoformat(),
        "report.pdf_sha256": PAPER,
        "no_inspection_reason": "标的为股权，无须勘验",
    }


async def prepare(court: CourtWorld, mandate: UUID) -> None:
    """Let the first appraiser lay a report before its signers."""
    async with court.db.reading() as tx:
        today = local_day(tx.now)
    report = msgspec.structs.replace(
        stage.report(1, today), scope_sha256=scope_fingerprint(SCOPE), valid_until=today + timedelta(days=300)
    )
    command = SubmitReport(
        command_id=new_id(), mandate_id=mandate, report=report, no_inspection_reason="标的为股权，无须勘验"
    )
    await submit_report(court.db, court.actors["agency1"], command)


async def confirm(desk: httpx.AsyncClient, court: CourtWorld, page: str, appraisal_id: UUID) -> httpx.Response:
    """Let the second appraiser confirm the report that waits; gives the answer."""
    draft = (await read(court, appraisal_id)).draft
    assert draft is not None
    desk.cookies.clear()
    await sign_in(desk, "appraiser1")
    return await send(desk, f"{page}/confirm", draft_id=str(draft.draft_id))


async def test_agency_takes_its_mandate_and_reports(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Accepting starts the clock, sending twice accepts once; signed by two accounts, the report's figures are in the file."""
    appraisal_id, mandate = await mandated(court)
    await sign_in(desk, "agency1")
    page = f"/agency/mandates/{mandate}"
    listed = await desk.get("/agency")
    accepted = await send(desk, f"{page}/accept", **ACCEPTING)
    async with court.db.reading() as tx:
        today = local_day(tx.now)
    reported = await send(desk, f"{page}/submit", **reporting(today))
    waiting = await desk.get(page)
    assert (await read(court, appraisal_id)).paper is None
    own = await send(desk, f"{page}/confirm", draft_id=str(uuid4()))
    confirmed = await confirm(desk, court, page, appraisal_id)
    shown = await desk.get(page)
    file = await read(court, appraisal_id)

    assert f"/agency/mandates/{mandate}" in listed.text
    assert (accepted.status_code, reported.status_code, confirmed.status_code) == (303, 303, 303), confirmed.text
    assert ("待署名评估师确认的报告" in waiting.text, own.status_code) == (True, 409)
    assert SCOPE.place in shown.text
    assert file.paper is not None
    assert file.paper.report.value_fen == 320_000_000
    assert len(file.papers) == 1
    assert "3,200,000" in shown.text
    assert "参考价 19(1)" in shown.text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"report.scope_sha256": "9" * 64}, "appraisal_other_asset"),
        ({"report.agency_licence_no": "示例评备字〔2026〕0002号"}, "appraisal_other_agency"),
        ({"report.signers.1.licence_no": ""}, "appraisers_too_few"),
        ({"report.signers.0.licence_until": "2020-01-01"}, "appraisal_licence_expired"),
        ({"report.value_fen": "320000000000000000"}, "amount_malformed"),
        ({"report.one_method_reason": ""}, "appraisal_one_method"),
    ],
)
async def test_bad_report_comes_back_with_its_code(
    court: CourtWorld, desk: httpx.AsyncClient, fields: dict[str, str], code: str
) -> None:
    """Each fault is named by its code, what was typed is kept, and nothing is taken."""
    appraisal_id, mandate = await mandated(court)
    await sign_in(desk, "agency1")
    await send(desk, f"/agency/mandates/{mandate}/accept", **ACCEPTING)
    async with court.db.reading() as tx:
        today = local_day(tx.now)
    answer = await send(desk, f"/agency/mandates/{mandate}/submit", **{**reporting(today), **fields})

    assert answer.status_code in (409, 422, 400), answer.status_code
    assert code in answer.text
    assert "GB/T 50291-2015" in answer.text
    assert (await read(court, appraisal_id)).paper is None


async def test_declining_without_reason_is_a_lead(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The next agency is asked at once; the first one sees that its mandate is over, and may do nothing more."""
    appraisal_id, mandate = await mandated(court)
    await sign_in(desk, "agency1")
    page = f"/agency/mandates/{mandate}"
    declined = await send(desk, f"{page}/decline", ground="other")
    again = await send(desk, f"{page}/accept", **ACCEPTING)
    file = await read(court, appraisal_id)

    assert declined.status_code == 303
    assert again.status_code == 409
    assert "appraisal_mandate_over" in again.text
    assert file.mandates[0].has_removal_lead
    assert file.mandate is not None
    assert file.mandate.agency_id == sample_agency_id("agency-2")


async def test_letter_of_the_mandate_tells_the_whole_scope(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Purpose, thing, place, fixtures, lease and fingerprint stand in the PDF that the page offers, and no party's name."""
    _appraisal_id, mandate = await mandated(court)
    await sign_in(desk, "agency1")
    page = await desk.get(f"/agency/mandates/{mandate}")
    letter = await desk.get(f"/api/mandates/{mandate}/paper")
    text = "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(letter.content)).pages)
    told = "".join(text.split())

    assert f"/api/mandates/{mandate}/paper" in page.text
    assert letter.headers["content-type"] == "application/pdf"
    for said in (TERMS.purpose, SCOPE.description, SCOPE.place, *SCOPE.fixtures, "不带租", scope_fingerprint(SCOPE)):
        assert "".join(said.split()) in told, said


async def test_other_agency_sees_nothing(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """To another agency's officer the mandate does not exist, in list, page and form; nor to a judge."""
    _appraisal_id, mandate = await mandated(court)
    await sign_in(desk, "agency2")
    listed = await desk.get("/agency")
    shown = await desk.get(f"/agency/mandates/{mandate}")
    step = await desk.get(f"/agency/mandates/{mandate}/accept")
    letter = await desk.get(f"/api/mandates/{mandate}/paper")
    desk.cookies.clear()
    await sign_in(desk, "judge1")
    judge = await desk.get("/agency")
    letter_for_judge = await desk.get(f"/api/mandates/{mandate}/paper")

    assert str(mandate) not in listed.text
    assert (shown.status_code, step.status_code, letter.status_code) == (404, 404, 404)
    assert (judge.status_code, letter_for_judge.status_code) == (403, 403)


async def grants_of(court: CourtWorld, number: int) -> dict[str, str]:
    """Give the standing parts of a sample agency by what they are."""
    async with court.db.reading() as tx:
        found = await staff_of(tx, sample_agency_id(f"agency-{number}"))
    return {f"{one.part} {one.licence_no}".strip(): str(one.grant_id) for one in found}


async def test_manager_ends_and_names_parts_by_form(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The list shows the own people only; who is ended is refused from then on; who is no manager gets the article."""
    await mandated(court)
    await sign_in(desk, "agency1")
    listed = await desk.get("/agency/staff")
    signing = (await grants_of(court, 1))["appraiser SAMPLE-001-B"]
    ended = await send(desk, "/agency/staff/end-staff", grant_id=signing)
    theirs = await send(desk, "/agency/staff/end-staff", grant_id=(await grants_of(court, 2))["manager"])
    colleague = str(court.actors["appraiser1"].account_id)
    stranger = str(court.actors["appraiser2"].account_id)
    naming = {"part": "appraiser", "licence_no": "SAMPLE-001-B"}
    wrong = await send(desk, "/agency/staff/name-staff", account_id=stranger, **naming)
    desk.cookies.clear()
    await sign_in(desk, "appraiser1")
    nobody = await desk.get("/agency")
    vain = await send(desk, "/agency/staff/name-staff", account_id=colleague, part="manager")
    desk.cookies.clear()
    await sign_in(desk, "agency1")
    named = await send(desk, "/agency/staff/name-staff", account_id=colleague, **naming)

    assert ("appraiser1" in listed.text, "appraiser2" in listed.text) == (True, False)
    assert (ended.status_code, named.status_code) == (303, 303)
    assert "尚未分工，由本机构负责人指定后方可查看和办理委托。" in nobody.text
    assert [("agency_staff_unknown" in one.text, one.status_code) for one in (theirs, wrong)] == [(True, 404)] * 2
    assert (vain.status_code, "agency_part_lacking" in vain.text) == (403, True)
    assert "appraiser SAMPLE-001-B" in await grants_of(court, 1)


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_desk_is_accessible(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """List, mandate and forms pass axe and reflow, in both languages."""
    appraisal_id, mandate = await mandated(court)
    context, page = await window(browser, desk_url, locale, "agency1")
    await page.goto(f"{desk_url}/agency")
    await check(page, f"agency-desk-{locale}")
    at = f"{desk_url}/agency/mandates/{mandate}"
    await page.goto(f"{at}/accept")
    await check(page, f"agency-accept-{locale}")
    for name, value in ACCEPTING.items():
        await page.fill(f"[id='{name}']", value)
    await page.locator(".fapai-step__end button").first.click()
    await page.wait_for_url("**?done=accept")
    await tell(court, appraisal_id)
    await prepare(court, mandate)
    await page.goto(at)
    await check(page, f"agency-mandate-{locale}")
    for name in ("staff", "staff/name-staff", "staff/end-staff"):
        await page.goto(f"{desk_url}/agency/{name}")
        await check(page, f"agency-{name.replace('/', '-')}-{locale}")
    for name in ("submit", "inspect", "extend", "ask"):
        await page.goto(f"{at}/{name}")
        await check(page, f"agency-{name}-{locale}")
    await page.goto(f"{at}/submit")
    await page.locator(".fapai-step__end button").first.click()
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"agency-submit-refused-{locale}")
    await context.close()
