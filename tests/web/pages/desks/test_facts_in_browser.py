"""The facts in a real browser: forms and tables in both languages, reflowing at 320 px, checked with axe."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from playwright.async_api import Browser

from auction.kernel.ids import new_id
from auction.kernel.signed_questions import Gap
from auction.sale.cases.ask_handover import AskHandover, ask_handover
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.record_asset import record_asset
from auction.sale.cases.record_seizure import record_seizure
from tests.auction.sale.world import FIRST_DAY
from tests.valuation.facts.facts_world import TestRegister, fact
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from valuation.facts.ask_register import ASK_REGISTER, AskRegister, ask_register, handle_ask_register
from valuation.facts.establish_facts import EstablishFacts, establish_facts
from valuation.facts.record_paper_answer import RecordPaperAnswer, record_paper_answer
from valuation.facts.register import Register, RegisterKey
from web.asset_file import AssetsOnFile
from web.pages.public.routes import PUBLIC_PAGES
from web.wiring import Wiring

__all__ = ["desk_url"]
pytestmark = pytest.mark.browser


@pytest.fixture
def desks(desks: Wiring) -> Wiring:
    """The desks, with the public's pages beside."""
    routes = (*desks.routes, *(page for page in PUBLIC_PAGES if page not in desks.routes))
    return replace(desks, routes=routes, ports={**desks.ports, "registers": {}, "platforms": ()})


async def asked(court: CourtWorld, register: TestRegister) -> None:
    """Ask a register, and run its job once."""
    command = AskRegister(command_id=new_id(), case_id=court.case_id, asset_id=court.asset_id, register=register.key)
    lines: dict[RegisterKey, Register] = {register.key: register}
    await ask_register(court.db, court.clerk, command, asset_file=AssetsOnFile(), registers=lines)
    await handle_ask_register(court.db, lines, (await court.jobs(ASK_REGISTER))[-1])


async def known(court: CourtWorld) -> None:
    """Bring the case to: tax answered, registry silent, defects found, a reply on paper that waits."""
    await court.open()
    await asked(court, TestRegister("tax"))
    await asked(court, TestRegister("registry", Gap(reason="down", detail="")))
    found = EstablishFacts(
        command_id=new_id(), case_id=court.case_id, asset_id=court.asset_id, facts=(fact("defects"),)
    )
    await establish_facts(court.db, court.clerk, found, asset_file=AssetsOnFile())
    paper = RecordPaperAnswer(
        command_id=new_id(),
        case_id=court.case_id,
        asset_id=court.asset_id,
        subject="title",
        state="established",
        statement_zh="登记为被执行人单独所有，建筑面积89.76平方米",
        statement_en="Registered to the debtor alone, 89.76 m²",
        source="示例不动产登记中心复函〔2027〕3号",
        as_of=date(2027, 2, 20),
        scan_sha256="d" * 64,
    )
    await record_paper_answer(court.db, court.clerk, paper, asset_file=AssetsOnFile())


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_facts_and_their_gaps(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """Case page, question, paper, second person, and the published table: each reads and reflows."""
    await known(court)
    context, page = await window(browser, desk_url, locale, "judge1")
    steps = f"{desk_url}/court/cases/{court.case_id}/steps"
    for name in ("ask-register", "establish-facts", "record-paper-answer", "confirm-paper-answer"):
        await page.goto(f"{steps}/{name}")
        await check(page, f"facts-{name}-{locale}")
    await page.goto(f"{desk_url}/court/cases/{court.case_id}")
    await check(page, f"facts-case-{locale}")
    await page.goto(f"{desk_url}/unanswered")
    await check(page, f"facts-unanswered-{locale}")

    assert ("Unanswered since" if locale == "en" else "未复") in await page.locator("main").inner_text()
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_hand_over_and_class(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """A vehicle whose first seizure another court holds: its form, the request, the answer, the file."""
    await court.open()
    court.asset_id = new_id()
    vehicle = court.asset(AssetClass.VEHICLE, asset_id=court.asset_id, title="示例牌轿车", registry_number="京A00001")
    await record_asset(court.db, court.handler, vehicle)
    theirs = court.seizure(
        seizure_id=new_id(),
        court="天津市示例区人民法院",
        case_number="(2026)津0101执77号",
        valid_until=date(2028, 5, 31),
    )
    await record_seizure(court.db, court.handler, theirs)
    context, page = await window(browser, desk_url, locale, "judge1")
    steps = f"{desk_url}/court/cases/{court.case_id}/steps"
    await page.goto(f"{steps}/establish-facts?asset_id={court.asset_id}")
    await check(page, f"facts-vehicle-{locale}")
    await page.goto(f"{steps}/ask-handover?asset_id={court.asset_id}")
    await check(page, f"facts-ask-handover-{locale}")
    request = AskHandover(
        command_id=new_id(), case_id=court.case_id, asset_id=court.asset_id, ground="priority_claim",
        asked_on=FIRST_DAY, claim_is_final=True, sale_begun=False, document_ref="商请函〔2027〕1号",
    )  # fmt: skip
    await ask_handover(court.db, court.clerk, request)
    await page.goto(f"{steps}/record-handover-answer")
    await check(page, f"facts-handover-answer-{locale}")
    await page.goto(f"{desk_url}/court/cases/{court.case_id}")
    await check(page, f"facts-handover-case-{locale}")

    cited = "首封移送批复" if locale == "zh" else "First Seizure Reply"
    assert "handover" in page.url or cited in await page.locator("main").inner_text()
    await context.close()
