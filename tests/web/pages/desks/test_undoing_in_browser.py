"""Reversal and the third party who wins, by the court's forms in a real browser (CPL 244; 法释〔2025〕10号 6)."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.async_api import Browser

from auction.fund.acts.store import waiting_acts
from auction.fund.undoings.store import undoings_of_case
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.world import RESERVE
from tests.web.pages.desks.court_world import CLAIM, CourtWorld
from tests.web.pages.desks.test_default_in_browser import send, step, yuan
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window

__all__ = ["desk_url"]
pytestmark = pytest.mark.browser


async def agreed(court: CourtWorld, url: str, browser: Browser, locale: str) -> None:
    """Let the clerk compare what waits with its paper, and agree."""
    (act,) = await court.read(lambda tx: waiting_acts(tx, court.case_id))
    context, page = await window(browser, url, locale, "clerk1")
    await step(page, url, court, "agree-to-act", paper_sha256=act.paper_sha256, found="agrees")
    await check(page, f"agree-{act.kind}-{locale}")
    await send(page)
    await context.close()


async def sealed_draft(court: CourtWorld, kind: DocumentKind) -> UUID:
    """Seal the draft of a kind that a form made, and give its id."""
    (row,) = await court.rows("SELECT document_id FROM sale.document WHERE kind = :kind", kind=kind.value)
    await court.sealed(row.document_id)
    return UUID(str(row.document_id))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_what_undoes_a_sale_is_ordered_by_form(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """A reversal takes a share back; a third party who refuses has the price in escrow, and takes it after all."""
    await court.settled()
    await court.party(PartyRole.THIRD_PARTY, "郑示例")
    line = next(line for line in court.plan.lines if line.kind == "ordinary")
    context, page = await window(browser, desk_url, locale, "judge1")
    money = f"{desk_url}/finance/cases/{court.case_id}"

    terms = {"claim_id": str(line.claim_id), "keeps_fen": "0"}
    await step(page, desk_url, court, "issue-reversal-ruling", **terms, reasons="执行依据已被再审判决撤销。")
    await check(page, f"reversal-ruling-{locale}")
    await send(page)
    ruling = await sealed_draft(court, DocumentKind.REVERSAL_RULING)
    await step(
        page,
        desk_url,
        court,
        "reverse-enforcement",
        claim_id=str(line.claim_id),
        document_id=str(ruling),
        keeps_fen="0",
    )
    await check(page, f"reversal-{locale}")
    await send(page)
    await page.goto(money)
    await check(page, f"waits-{locale}")
    await agreed(court, desk_url, browser, locale)
    judgment = await court.document(DocumentKind.THIRD_PARTY_JUDGMENT)
    party_id = str(court.parties[PartyRole.THIRD_PARTY])
    terms = {"round_id": str(court.round_id), "party_id": party_id, "document_id": str(judgment), "refuses": "yes"}
    terms |= {"amount_fen": yuan(RESERVE - CLAIM), "judgment_number": "（2026）京01民终1号"}
    await step(page, desk_url, court, "issue-award-decision", **terms)
    await check(page, f"award-decision-{locale}")
    await send(page)
    decision = await sealed_draft(court, DocumentKind.AWARD_DECISION)
    await step(page, desk_url, court, "award-proceeds", **terms, decision_document_id=str(decision))
    await check(page, f"award-{locale}")
    await send(page)
    await agreed(court, desk_url, browser, locale)
    await page.goto(money)
    await check(page, f"undone-{locale}")
    await step(page, desk_url, court, "take-from-escrow")
    await send(page)
    await context.close()

    reversal, award = await court.read(lambda tx: undoings_of_case(tx, court.case_id))
    assert (reversal.kind, reversal.held_fen, reversal.recoveries) == ("reversal", line.share_fen, ())
    assert (award.kind, award.in_escrow, award.recoveries) == ("third_party", True, ())
