"""Lists, declared registers and the proof of eligibility in a real browser, in both languages, at 320 px, checked with axe."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

import msgspec
import pytest
from playwright.async_api import Browser

from auction.kernel.actors import Role
from auction.kernel.clock import local_day
from auction.kernel.ids import new_id
from auction.kernel.persons import record_person
from auction.kernel.signed_questions import Gap
from auction.sale.guards.control import ControlQuestion, ControlReply
from auction.sale.registers.declare_register import DeclareRegister, declare_register
from auction.sale.registers.lists import Keepers, Question, Reply
from auction.sale.registers.record_eligibility import RecordEligibility, record_eligibility
from auction.sale.rounds.register_bidder import RegisterBidder, register_bidder
from tests.auction.sale.world import ANNOUNCED_ON, CLOSES_AT, actor, resident_number
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from web.wiring import Wiring

__all__ = ["desk_url"]
pytestmark = pytest.mark.browser


class SilentKeeper:
    """A keeper that never answers."""

    key = "lists-1"
    title = "示例名单管理机关"

    async def ask(self, question: Question, *, business_at: datetime) -> Reply | Gap:
        """Say nothing."""
        del question, business_at
        return Gap(reason="down", detail="")


class OneBoss:
    """A company register: one controller for the first company and the second, no answer about a third."""

    key = "companies"
    title = "示例公司登记机关"

    async def ask(self, question: ControlQuestion, *, business_at: datetime) -> ControlReply | Gap:
        """Answer about the two."""
        if question.credit_code == COMPANIES[2]:
            return Gap(reason="down", detail="")
        controllers = (resident_number(date(1966, 6, 6), 902),)
        return ControlReply(
            question_id=question.question_id,
            credit_code=question.credit_code,
            answer_no="1",
            as_of=business_at,
            controllers=controllers,
            content=msgspec.json.encode({"document": {"controllers": controllers}}),
            signature="00",
        )


COMPANIES = ("91110000600037341L", "91310000607228281B", "91350100M000100Y43")


async def register_companies(court: CourtWorld) -> list[UUID]:
    """Register three companies: two of one controller, and one about which the register is silent."""
    registered = []
    for code in COMPANIES:
        person = await court.read(
            partial(
                record_person, kind="organisation", name=f"示例公司{code[-1]}", identity_number=code, masked="示例公司"
            )
        )
        command = RegisterBidder(
            command_id=new_id(),
            registration_id=new_id(),
            lot_id=court.lot_id,
            accepts_warnings=True,
            undertakes_eligibility=True,
        )
        await register_bidder(court.db, actor(Role.BIDDER, person_id=person), command, companies=OneBoss())
        registered.append(command.registration_id)
    return registered


@pytest.fixture
def desks(desks: Wiring) -> Wiring:
    """The desks, with a keeper that is silent."""
    return replace(desks, ports={**desks.ports, "lists": {"lists-1": SilentKeeper()}})


async def known(court: CourtWorld) -> None:
    """Bring the case to: a silent list, a register that waits, a sale with purchase limits and a proof that has a gap."""
    lists: Keepers = {"lists-1": SilentKeeper()}
    published = await court.announced(purchase_limited=True)
    bidder = await court.bidder()
    registered = await register_bidder(
        court.db,
        bidder,
        RegisterBidder(
            command_id=new_id(),
            registration_id=new_id(),
            lot_id=court.lot_id,
            accepts_warnings=True,
            undertakes_eligibility=True,
        ),
        lists=lists,
    )
    paper = DeclareRegister(
        command_id=new_id(),
        declaration_id=new_id(),
        case_id=court.case_id,
        register="auxiliary_body",
        body="示例拍辅服务有限公司",
        document_ref="名册 1 号",
        valid_from=ANNOUNCED_ON,
        content=f"自然人,钱示例,{resident_number(date(1980, 1, 1), 1)},工作人员",
    )
    await declare_register(court.db, court.handler, paper)
    await court.pay_deposit(registered)
    (row,) = await court.rows("SELECT code FROM sale.bidder_code")
    await court.close(court.outcome(published, row.code))
    proof = RecordEligibility(
        command_id=new_id(),
        proof_id=new_id(),
        case_id=court.case_id,
        round_id=court.round_id,
        source="city",
        document_ref="购房资格核验单 3 号",
        from_on=ANNOUNCED_ON,
        to_on=local_day(CLOSES_AT),
        is_eligible=True,
    )
    await record_eligibility(court.db, court.handler, proof)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_lists_registers_and_eligibility(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """Each form says how things stand and reads at every width; a look at the names shows no whole number."""
    await known(court)
    context, page = await window(browser, desk_url, locale, "clerk1")
    steps = f"{desk_url}/court/cases/{court.case_id}/steps"
    for name in ("ask-lists", "declare-register", "decide-register", "view-register", "record-eligibility"):
        await page.goto(f"{steps}/{name}")
        await check(page, f"lists-{name}-{locale}")
        said = await page.locator("main").inner_text()
        if name == "ask-lists":
            assert ("Unanswered since" if locale == "en" else "未复") in said
        if name == "record-eligibility":
            assert "购房资格核验单 3 号" in said
    await page.goto(f"{steps}/view-register")
    await page.locator("form.fapai-step button.govuk-button").last.click()
    await check(page, f"lists-names-{locale}")
    shown = await page.locator("main").inner_text()

    assert "钱示例" in shown
    assert resident_number(date(1980, 1, 1), 1) not in shown
    assert resident_number(date(1980, 1, 1), 1)[-4:] in shown
    await context.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_common_control_and_silence_of_its_register_stand_before_the_court(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """The pair under one controller and the company that waits for an answer are shown by registration, with no name and no code."""
    await court.announced(purchase_limited=True)
    first, second, silent = await register_companies(court)
    context, page = await window(browser, desk_url, locale, "clerk1")
    await page.goto(f"{desk_url}/court/cases/{court.case_id}/steps/ask-lists")
    await check(page, f"lists-control-{locale}")
    tables = [await table.inner_text() for table in await page.locator("main table").all()]

    shared = next(text for text in tables if str(first) in text and str(second) in text)
    waits = next(text for text in tables if str(silent) in text and "示例公司登记机关" in text)
    assert str(silent) not in shared
    assert str(first) not in waits
    assert not any(code in text for text in tables for code in COMPANIES)
    await context.close()


@pytest.mark.timeout(600)
async def test_wrong_line_is_said_beside_the_form(court: CourtWorld, desk_url: str, browser: Browser) -> None:
    """A paper with a wrong line is refused by its number, and what was typed still stands there."""
    await known(court)
    context, page = await window(browser, desk_url, max(LOCALES), "clerk1")
    await page.goto(f"{desk_url}/court/cases/{court.case_id}/steps/declare-register")
    await page.locator("[name=body]").fill("示例评估有限公司")
    await page.locator("[name=document_ref]").fill("名册 2 号")
    await page.locator("[name=content]").fill("自然人,钱示例,1,工作人员")
    await page.locator("form.fapai-step button.govuk-button").last.click()
    said = await page.locator("main").inner_text()

    assert await page.locator("[name=content]").input_value() == "自然人,钱示例,1,工作人员"
    assert "govuk-error-summary" in await page.content()
    assert said
    await context.close()
