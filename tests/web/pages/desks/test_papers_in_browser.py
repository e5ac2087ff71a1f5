"""The forms of a second person in a real browser: what waits is told where it is open, and never where it is sealed."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Browser

from auction.kernel.ids import new_id
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.world import FIRST_DAY
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.methods import PAPER, typed_request
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from tests.web.pages.desks.test_price_page import facts, invited
from valuation.agreements.record_proposal import RecordProposal, record_proposal
from valuation.sides.state_representative import StateRepresentative, state_representative
from web.parties_of_cases import PartiesOfCases

__all__ = ["desk_url"]
FORMS = ("confirm-method-paper", "confirm-representative", "confirm-proposal", "state-representative")


async def waiting(court: CourtWorld) -> None:
    """A case of two debtors in which a request, a statement and a price wait for their second person."""
    await court.open()
    await facts(court)
    first = court.parties[PartyRole.JUDGMENT_DEBTOR]
    second = await court.party(PartyRole.JUDGMENT_DEBTOR, "李示例")
    await typed_request(court, first)
    stating = StateRepresentative(
        command_id=new_id(), case_id=court.case_id, party_id=second, representative_id=first, document_sha256=PAPER
    )
    await state_representative(court.db, court.handler, stating, parties=PartiesOfCases())
    price = RecordProposal(
        command_id=new_id(),
        step_id=await invited(court),
        party_id=first,
        amount_fen=2_345_678_90,
        valid_until=FIRST_DAY + timedelta(days=100),
        document_sha256=PAPER,
    )
    await record_proposal(court.db, court.handler, price)


async def test_forms_tell_what_is_open_and_not_what_is_sealed(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The request and the statement stand there to be compared; of the price nothing but whose paper it is."""
    await waiting(court)
    await sign_in(desk, "clerk1")
    texts = {form: (await desk.get(f"/court/cases/{court.case_id}/steps/{form}")).text for form in FORMS}

    assert "请求网络询价" in texts["confirm-method-paper"]
    assert "代为表示" in texts["confirm-representative"]
    assert "被执行人" in texts["confirm-proposal"]
    assert "2,345,678.90" not in "".join(texts.values())
    assert "2345678.90" not in "".join(texts.values())


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_forms_of_papers_are_accessible(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """Each form passes axe and reflows; a wrong scan is refused on the page."""
    await waiting(court)
    context, page = await window(browser, desk_url, locale, "clerk1")
    for form in FORMS:
        answer = await page.goto(f"{desk_url}/court/cases/{court.case_id}/steps/{form}")
        assert answer is not None
        assert answer.ok
        await check(page, f"{form}-{locale}")
    await context.close()
