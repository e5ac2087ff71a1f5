"""What a party owes back stands on its own page in a real browser, with account and reference (CPL 244)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from playwright.async_api import Browser

from auction.fund.claims.claims import ClaimKind
from auction.fund.undoings.order_undoing import owe, record_undoing
from auction.fund.undoings.undoings import UndoingKind
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.cases import store as cases
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from tests.web.pages.desks.conftest import court
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from tests.web.pages.party.party_world import joined
from web.pages.court.routes import COURT_PAGES
from web.pages.party.routes import PARTY_ENTRIES, PARTY_PAGES
from web.wiring import Wiring

__all__ = ["court", "desk_url"]
pytestmark = pytest.mark.browser
OWED = Money(123_456_78)


@pytest.fixture
def desks(wiring: Wiring, court: CourtWorld) -> Wiring:
    """The site with the parties' desk, and the court's pages beside it."""
    return replace(wiring, routes=(*PARTY_PAGES, *COURT_PAGES), entries=PARTY_ENTRIES)


async def owing(court: CourtWorld) -> str:
    """Order the applicant to return what he got; gives the reference of his debt."""
    own = await joined(court)
    court.parties[PartyRole.APPLICANT] = own[PartyRole.APPLICANT]
    await court.claim(PartyRole.APPLICANT, ClaimKind.ORDINARY, OWED)
    (claim,) = await court.rows("SELECT claim_id, person_id FROM fund.claim")
    ruling = await court.document(DocumentKind.REVERSAL_RULING)

    undoing_id = new_id()
    await two_words(court, claim.claim_id, undoing_id, ruling)

    async def order(tx: Transaction) -> str:
        await tx.about_case(court.case_id)
        assert (await cases.party_row(tx, court.case_id, own[PartyRole.APPLICANT])).person_id == claim.person_id
        undoing = await record_undoing(
            tx,
            undoing_id,
            UndoingKind.REVERSAL,
            case_id=court.case_id,
            ground="title_set_aside",
            person_id=claim.person_id,
            amount=OWED,
            document_id=ruling,
            claim_id=claim.claim_id,
        )
        return (await owe(tx, undoing, person_id=claim.person_id, amount=OWED)).reference

    return await court.db.transact(order)


async def two_words(court: CourtWorld, claim_id: UUID, undoing_id: UUID, ruling: UUID) -> None:
    """Let two officers stand behind the reversal, as the books demand."""
    act_id = new_id()
    await court.rows(
        "INSERT INTO fund.proposed_act VALUES (:act, :case, 'reversal', :claim, "
        "jsonb_build_object('undoing_id', CAST(:undoing AS text), 'document_id', CAST(:ruling AS text)), 'ab', '[]', '{}', "
        ":one, kernel.now_at(), kernel.now_at() + interval '10 days') RETURNING 1",
        act=act_id,
        case=court.case_id,
        claim=claim_id,
        undoing=str(undoing_id),
        ruling=str(ruling),
        one=court.handler.person_id,
    )
    await court.rows(
        "INSERT INTO fund.act_check VALUES (:act, :one, :other, 'agreed', kernel.now_at()) RETURNING 1",
        act=act_id,
        one=court.handler.person_id,
        other=court.presiding.person_id,
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_debtor_of_a_return_finds_where_to_pay(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """Amount, account and reference stand there for him; nobody else sees them on his page."""
    reference = await owing(court)
    for username, sees in (("party1", True), ("party2", False)):
        context, page = await window(browser, desk_url, locale, username)
        await page.goto(f"{desk_url}/party/cases/{court.case_id}")
        text = await page.inner_text("main")
        assert (reference in text, "123,456.78" in text) == (sees, sees)
        if sees:
            await check(page, f"owed-{locale}")
        await context.close()
