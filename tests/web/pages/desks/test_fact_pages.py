"""The facts by hand: registers asked, paper by two persons, the hand-over; and the public page of what silence blocks."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from auction.kernel.clock import local
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.kernel.signed_questions import Gap
from auction.law.asset_facts import FACT_LAW
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.record_asset import record_asset
from auction.sale.cases.record_seizure import record_seizure
from tests.auction.sale.world import FIRST_DAY
from tests.valuation.facts.facts_world import TestRegister
from tests.web.conftest import ClientMaker
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_case_by_hand import PAPER, Office
from valuation.facts.ask_register import ASK_REGISTER, handle_ask_register
from web.display import cited
from web.pages.public.routes import PUBLIC_PAGES
from web.texts import speaking
from web.wiring import Wiring

THEIRS = "天津市示例区人民法院"


@pytest.fixture
def registry() -> TestRegister:
    """A title registry that is down at first, and then answers."""
    return TestRegister("registry", Gap(reason="down", detail="x"), "answer")


@pytest.fixture
async def office(
    desks: Wiring, court: CourtWorld, client_of: ClientMaker, registry: TestRegister
) -> AsyncIterator[Office]:
    """A browser in front of a court with a line to the title registry, and the public's pages beside."""
    ports = {**desks.ports, "registers": {"registry": registry}, "platforms": ()}
    routes = (*desks.routes, *(page for page in PUBLIC_PAGES if page not in desks.routes))
    async with client_of(replace(desks, ports=ports, routes=routes)) as client:
        made = Office(client, court)
        await court.open()
        made.case = f"/court/cases/{court.case_id}"
        await made.be("clerk1")
        yield made


async def work(office: Office, registry: TestRegister) -> None:
    """Run the newest job that asks a register."""
    job: Job = (await office.court.jobs(ASK_REGISTER))[-1]
    await handle_ask_register(office.court.db, {"registry": registry}, job)


async def text_of(office: Office, path: str) -> str:
    """Give a page's text without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (await office.open(path)).text))


async def test_register_is_asked_by_form_and_its_silence_is_dated(office: Office, registry: TestRegister) -> None:
    """The case page says since when it is unanswered; with the answer it says what was found, from where, and its age."""
    await office.step("ask-register", register="registry")
    await work(office, registry)
    silent = await text_of(office, office.case)
    public = await text_of(office, "/unanswered")
    await office.court.at(local(FIRST_DAY + timedelta(days=3), 9))
    await work(office, registry)
    await office.be("clerk1")
    answered = await text_of(office, office.case)
    public_after = await text_of(office, "/unanswered")

    assert "自2027年3月1日起未复" in silent.replace(" ", "")
    assert "未获答复，继续询问" in silent
    assert "自2027年3月1日起未复" in public.replace(" ", "")
    assert "REG-1" in answered
    assert "没有未复的查询" in public_after
    assert "（2026）京0105执1234号" not in public


async def test_paper_by_two_persons(office: Office) -> None:
    """The clerk records, and cannot confirm; the judge confirms, and the finding stands."""
    await office.step(
        "record-paper-answer",
        subject="title",
        statement_zh="登记为被执行人单独所有",
        statement_en="Registered to the debtor alone",
        source="示例不动产登记中心复函",
        scan_sha256=PAPER,
    )
    path = f"{office.case}/steps/confirm-paper-answer"
    page = await office.open(path)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    paper = re.findall(r'name="paper_id"[^>]*value="([^"]+)"|<option value="([0-9a-f-]{36})"', page.text)
    paper_id = next(value for pair in paper for value in pair if value)
    form = {"csrf_token": token, "command_id": str(uuid.uuid4()), "paper_id": paper_id, "found": "agrees"}
    refused = await office.client.post(path, data=form)
    before = await text_of(office, office.case)
    await office.be("judge1")
    await office.step("confirm-paper-answer", found="agrees")
    after = await text_of(office, office.case)

    assert refused.status_code == 403
    assert "paper_same_person" in refused.text
    assert "示例不动产登记中心复函" not in before
    assert "示例不动产登记中心复函" in after
    assert f'href="{path}"' not in (await office.open(office.case)).text


async def test_handover_is_asked_and_answered_by_form(office: Office) -> None:
    """The page says that nothing may be priced or listed, with code and article; after the letter that the court may sell."""
    court = office.court
    court.asset_id = new_id()
    await record_asset(court.db, court.handler, court.asset(AssetClass.LAND, asset_id=court.asset_id))
    theirs = court.seizure(
        seizure_id=new_id(), court=THEIRS, case_number="(2026)津0101执77号", valid_from=date(2026, 6, 1)
    )
    await record_seizure(court.db, court.handler, theirs)
    before = await text_of(office, office.case)
    chosen = {"asset_id": str(court.asset_id), "ground": "priority_claim", "claim_is_final": "yes"}
    await office.step("ask-handover", **chosen, document_ref="商请函〔2027〕1号")
    silent = await text_of(office, office.case)
    await office.step("record-handover-answer", answer="handed_over", document_ref="移送函〔2027〕9号")
    after = await text_of(office, office.case)

    assert "不得询价、评估和上拍" in before
    assert "未复不视为同意" in silent
    assert "不得询价、评估和上拍" not in after
    assert "已移送" in after


async def test_price_is_not_asked_without_the_right_to_sell(office: Office) -> None:
    """The door of the inquiry refuses with the code of the missing hand-over, before anything else is looked at."""
    court = office.court
    court.asset_id = new_id()
    await record_asset(court.db, court.handler, court.asset(AssetClass.HOME, asset_id=court.asset_id))
    theirs = court.seizure(seizure_id=new_id(), court=THEIRS, case_number="(2026)津0101执77号")
    await record_seizure(court.db, court.handler, theirs)
    await office.be("judge1")
    page = await office.open(f"{office.case}/steps/record-asset")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {
        "csrf_token": token,
        "command_id": str(uuid.uuid4()),
        "asset_id": str(court.asset_id),
        **{f"features.{name}": "1" for name in ("city", "district", "address", "area_cm2", "floor", "floors")},
        "features.built_year": "2014",
        "features.orientation": "南",
        "features.decoration": "简装",
        "addressees": str(court.parties[PartyRole.APPLICANT]),
    }
    refused = await office.client.post(f"{office.case}/steps/start-online-inquiry", data=form)

    assert "first_seizure_elsewhere" in refused.text
    assert "首封移送批复 1" in refused.text


async def test_form_offers_what_the_class_has(office: Office) -> None:
    """A vehicle's form has a row for each of its nine subjects, and nothing that only a house has."""
    court = office.court
    vehicle = new_id()
    asset = court.asset(AssetClass.VEHICLE, asset_id=vehicle, title="示例牌轿车", registry_number="京A00001")
    await record_asset(court.db, court.handler, asset)
    page = (await office.open(f"{office.case}/steps/establish-facts?asset_id={vehicle}")).text

    assert len(set(re.findall(r'name="facts\.(\d+)\.subject"', page))) == 9
    assert "行驶里程" in page
    assert "财务报表" not in page


@pytest.mark.parametrize(("language", "heading"), [("zh", "未获答复的后果"), ("en", "What a missing reply blocks")])
async def test_published_table_says_what_each_silence_blocks(office: Office, language: str, heading: str) -> None:
    """Public, in both languages: every kind of request, what it blocks with its article, and nothing of any case."""
    office.client.cookies.clear()
    answer = await office.client.get("/unanswered", headers={"accept-language": language})

    assert answer.status_code == 200
    assert heading in answer.text
    for silence in FACT_LAW.silences:
        assert (silence.title_zh if language == "zh" else silence.title_en) in answer.text
        with speaking("zh" if language == "zh" else "en"):
            assert cited(silence.article).split("; ")[0] in answer.text


async def test_law_page_shows_what_each_class_owes(office: Office) -> None:
    """Officers read the table with its articles, readings and where a dated gap is enough; every duty has its row."""
    await office.be("judge1")
    shown = await text_of(office, "/supervision/law")

    for duty in FACT_LAW.all_duties:
        assert FACT_LAW.title(duty.subject)[0] in shown
        assert duty.cite in shown
        assert duty.reading_zh in shown
    assert shown.count("股权规定 12") == 4
    assert all(phrase.text in shown for phrase in FACT_LAW.phrases)
