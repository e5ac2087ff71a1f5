"""The court's page of the way to a price: facts, order, steps with their grounds, sealed and opened proposals, clocks."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import httpx
import msgspec
import pytest
from playwright.async_api import Browser

from auction.contracts import ReferencePrice
from auction.kernel.clock import MICROSECOND, local, local_day
from auction.kernel.ids import AccountId, PersonId, new_id
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.world import FIRST_DAY
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.methods import all_ask
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from valuation.agreements.close_agreement import close_agreement
from valuation.agreements.invite_to_agree import InviteToAgree, invite_to_agree
from valuation.agreements.record_proposal import ConfirmProposal, RecordProposal, confirm_proposal, record_proposal
from valuation.appraisals.procedure.start_appraisal import StartAppraisal, start_appraisal
from valuation.appraisals.rules.terms import Scope, Terms
from valuation.facts.establish_facts import EstablishFacts, establish_facts
from valuation.facts.facts import SUBJECTS, Fact, FactState
from valuation.objections.confirm_agreement import ConfirmAgreement, confirm_agreement
from valuation.targeted_inquiries.record_targeted_answer import RecordTargetedAnswer, record_targeted_answer
from valuation.targeted_inquiries.start_targeted_inquiry import StartTargetedInquiry, start_targeted_inquiry
from web.pages.court.price_page import announced_since
from web.pages.steps.known import Known
from web.parties_of_cases import PartiesOfCases

__all__ = ["desk_url"]
PAPER = "d" * 64


async def facts(court: CourtWorld, *, title: FactState = "established") -> None:
    """Establish every fact; the title perhaps left unanswered."""
    found = tuple(
        Fact(
            subject=subject,
            state=title if subject == "title" else "established",
            statement_zh="登记为被执行人单独所有",
            statement_en="registered to the debtor alone",
            source="不动产登记中心",
            as_of=FIRST_DAY,
            document_sha256=None if subject == "title" and title == "unanswered" else PAPER,
        )
        for subject in SUBJECTS
    )
    command = EstablishFacts(command_id=new_id(), case_id=court.case_id, asset_id=court.asset_id, facts=found)
    await establish_facts(court.db, court.handler, command)


async def invited(court: CourtWorld) -> UUID:
    """Invite both sides to agree within a week."""
    until = FIRST_DAY + timedelta(days=7)
    command = InviteToAgree(command_id=new_id(), case_id=court.case_id, asset_id=court.asset_id, until=until)
    return (await invite_to_agree(court.db, court.handler, command, parties=PartiesOfCases())).step_id


async def proposed(court: CourtWorld, step_id: UUID, role: PartyRole, amount_fen: int) -> None:
    """Record a side's price by two officers."""
    command = RecordProposal(
        command_id=new_id(),
        step_id=step_id,
        party_id=court.parties[role],
        amount_fen=amount_fen,
        valid_until=FIRST_DAY + timedelta(days=200),
        document_sha256=PAPER,
    )
    typist, second = (court.clerk, court.handler) if role is PartyRole.APPLICANT else (court.handler, court.clerk)
    confirming = ConfirmProposal(
        command_id=new_id(),
        case_id=court.case_id,
        paper_id=await record_proposal(court.db, typist, command),
        amount_fen=amount_fen,
        valid_until=command.valid_until,
        document_sha256=PAPER,
    )
    await confirm_proposal(court.db, second, confirming)


async def asked_authority(court: CourtWorld) -> None:
    """Send a letter, and record an answer that nobody has checked."""
    command = StartTargetedInquiry(
        command_id=new_id(),
        case_id=court.case_id,
        asset_id=court.asset_id,
        authority="示例市税务局",
        price_kind="tax_base",
        requirements="请函告该房产计税基准价",
        until=FIRST_DAY + timedelta(days=10),
        letter_sha256=PAPER,
    )
    started = await start_targeted_inquiry(court.db, court.handler, command)
    answer = RecordTargetedAnswer(
        command_id=new_id(),
        step_id=started.step_id,
        received_on=FIRST_DAY,
        amount_fen=2_345_678_90,
        document_sha256=PAPER,
    )
    await record_targeted_answer(court.db, court.clerk, answer)


async def tried(court: CourtWorld) -> None:
    """Come as far as a failed agreement and an unchecked answer of the authority."""
    await court.open()
    await facts(court)
    step_id = await invited(court)
    await proposed(court, step_id, PartyRole.APPLICANT, 2_400_000_00)
    await proposed(court, step_id, PartyRole.JUDGMENT_DEBTOR, 2_600_000_00)
    await close_agreement(court.db, step_id)
    await asked_authority(court)


async def appraised(court: CourtWorld) -> None:
    """Let both sides ask for an appraisal, and begin it."""
    await all_ask(court, "entrusted_appraisal")
    terms = Terms(
        purpose="确定财产处置参考价",
        value_type="market_value",
        value_date=FIRST_DAY,
        scope=Scope(asset_class="home", description="示例路1号住宅一套", place="北京市"),
    )
    command = StartAppraisal(
        command_id=new_id(),
        case_id=court.case_id,
        asset_id=court.asset_id,
        terms=terms,
        parties=(court.parties[PartyRole.APPLICANT], court.parties[PartyRole.JUDGMENT_DEBTOR]),
    )
    await start_appraisal(court.db, court.handler, command)


def page_of(court: CourtWorld) -> str:
    """Give the page's address."""
    return f"/court/cases/{court.case_id}/assets/{court.asset_id}/price"


async def shown(desk: httpx.AsyncClient, court: CourtWorld) -> str:
    """Give the page's text as the case handler."""
    await sign_in(desk, "judge1")
    answer = await desk.get(page_of(court))
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_unanswered_fact_stands_there_and_closes_every_method(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A silent source is a dated gap, no method is offered, and the first clock runs from the seizure."""
    await court.open()
    await facts(court, title="unanswered")
    text = await shown(desk, court)

    assert "未获答复" in text
    assert "启动定价程序" in text
    assert "财产现状尚未全部查明：权属。" in text
    assert "2027年3月1日" in text[text.index("查询日期") :]
    assert f"/court/cases/{court.case_id}/steps/invite-to-agree" not in text


async def test_sealed_proposal_is_not_shown(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """While a party may still propose, the page says that another has, and not what."""
    await court.open()
    await facts(court)
    await proposed(court, await invited(court), PartyRole.APPLICANT, 2_400_000_00)
    text = await shown(desk, court)

    assert "已密封" in text
    assert "2,400,000" not in text
    assert "应当先进行当事人议价" in text


async def test_page_tells_why_each_step_was_right(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Failed agreement and pending letter stand there with their articles, amounts and what comes next."""
    await tried(court)
    text = await shown(desk, court)

    for told in ("各方价格不一致", "参考价 5(1)", "2,400,000", "2,600,000", "待第二人复核", "2,345,678.90"):
        assert told in text, told
    assert "录入的结果须由另一名工作人员对照复函复核。" in text
    assert f"/court/cases/{court.case_id}/steps/check-targeted-answer" in text


async def test_page_says_what_comes_next_and_who_does_it(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The next step is a link for whoever takes it; another reader is told which officers do."""
    await court.open()
    await facts(court)
    handler = await shown(desk, court)
    desk.cookies.clear()
    await sign_in(desk, "panel1")
    member = (await desk.get(page_of(court))).text

    said = "财产现状已经查明，依法应当采用：当事人议价。"
    for text in (handler, member):
        assert said in text
    link = f'href="/court/cases/{court.case_id}/steps/invite-to-agree?asset_id={court.asset_id}"'
    assert [link in text for text in (handler, member)] == [True, False]
    assert ["办理：通知双方当事人议价" in text for text in (handler, member)] == [False, True]


async def test_appraisal_stands_there_from_its_start(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """An appraisal that both sides asked for shows its terms, its ground, and that institutions are to be chosen."""
    await court.open()
    await facts(court)
    await appraised(court)
    text = await shown(desk, court)

    for told in ("参考价 14", "双方当事人要求", "待选定、委托评估机构", "确定财产处置参考价", "示例路1号住宅一套"):
        assert told in text, told


async def test_record_of_a_price_is_read_by_the_case_only(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The page leads to the kept file, whose fingerprint it tells; under another price's or asset's address there is none."""
    await court.open()
    await facts(court)
    step_id = await invited(court)
    for role in (PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR):
        await proposed(court, step_id, role, 2_400_000_00)
    await close_agreement(court.db, step_id)
    decision = ConfirmAgreement(command_id=new_id(), step_id=step_id, is_harmless=True, reasons="未损害他人")
    judge = court.actors["judge1"]
    other = msgspec.structs.replace(judge, person_id=PersonId(new_id()), account_id=AccountId(new_id()))
    price = (await confirm_agreement(court.db, other, decision)).price
    assert price is not None
    text = await shown(desk, court)
    kept = await desk.get(f"{page_of(court)}/records/{price.reference_price_id}")
    unknown = await desk.get(f"{page_of(court)}/records/{new_id()}")

    assert kept.status_code == 200
    assert hashlib.sha256(kept.content).hexdigest()[:16] in text
    assert kept.json()["price"]["amount_fen"] == "240000000"
    assert (unknown.status_code, "system_record_unknown" in unknown.text) == (404, True)


async def test_asset_of_another_case_is_not_there(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """An address with an asset that the case does not have shows nothing."""
    await court.open()
    await sign_in(desk, "judge1")
    answer: Any = await desk.get(f"/court/cases/{court.case_id}/assets/{new_id()}/price")

    assert answer.status_code == 404
    assert "case_asset_unknown" in answer.text


class Announced:
    """What the page reads of a case: rounds with their announcements, each of a lot of an asset."""

    def __init__(self, *announcements: tuple[UUID, datetime]) -> None:
        """Take ``(asset, announced at)``."""
        lots = [
            SimpleNamespace(asset_id=asset, rounds=[SimpleNamespace(announced_at=at)]) for asset, at in announcements
        ]
        self.file = SimpleNamespace(lots=[SimpleNamespace(lot=lot) for lot in lots])


@pytest.mark.parametrize(
    ("after", "counts"), [(-MICROSECOND, False), (timedelta(0), True), (MICROSECOND, True), (timedelta(days=3), True)]
)
def test_announcement_counts_from_the_fixing_of_the_price(after: timedelta, *, counts: bool) -> None:
    """One from before the price was fixed rested on another price (V58), to the microsecond; another asset's never counts."""
    asset_id, fixed_at = new_id(), local(FIRST_DAY, 12)
    price = ReferencePrice(
        reference_price_id=new_id(),
        case_id=new_id(),
        asset_id=asset_id,
        method="agreement",
        amount_fen=1,
        fixed_at=fixed_at,
        valid_until=FIRST_DAY + timedelta(days=300),
        evidence_sha256=PAPER,
    )
    known = cast(Known, Announced((asset_id, fixed_at + after), (new_id(), fixed_at + timedelta(days=1))))
    later = cast(Known, Announced((asset_id, fixed_at + after), (asset_id, fixed_at + timedelta(days=9))))

    assert announced_since(known, asset_id, price) == (local_day(fixed_at + after) if counts else None)
    assert announced_since(later, asset_id, price) == local_day(fixed_at + (after if counts else timedelta(days=9)))
    assert announced_since(known, asset_id, None) is None


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_price_page_is_accessible(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """The page passes axe and reflows."""
    await tried(court)
    context, page = await window(browser, desk_url, locale, "judge1")
    answer = await page.goto(f"{desk_url}{page_of(court)}")
    assert answer is not None
    assert answer.ok
    await check(page, f"price-{locale}")
    await context.close()
