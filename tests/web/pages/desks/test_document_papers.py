"""Papers of documents: kept to the byte, given to whom they are due and to nobody else, and verified in public without a name."""

from __future__ import annotations

import asyncio
import hashlib
import io
from datetime import datetime
from uuid import UUID

import httpx
import pypdf
import pytest
from playwright.async_api import Browser
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.sale.cases.documents import DocumentIsDraft, DocumentKind
from auction.sale.cases.keep_paper import KeptPaper, keep_paper, kept_paper
from auction.sale.cases.parties import PartyRole
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, desk_url, window
from web.document_papers import set_again

__all__ = ["desk_url"]
PDF = "application/pdf"


def words_of(pdf: bytes) -> str:
    """Give the text of a PDF without its spaces."""
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def address(court: CourtWorld, document_id: UUID) -> str:
    """Give where the desk takes the paper."""
    return f"/court/cases/{court.case_id}/documents/{document_id}/paper.pdf"


async def held(court: CourtWorld, document_id: UUID) -> KeptPaper | None:
    """Give what is kept of a document."""
    async with court.db.reading() as tx:
        return await kept_paper(tx, document_id)


async def test_sealed_paper_is_kept_and_set_again_to_the_byte(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Two ask at once and a third later: one file, kept; the recorded content and template set its very bytes again."""
    await court.open()
    document_id = await court.document(DocumentKind.AUCTION_RULING)
    await sign_in(desk, "judge1")
    answers = await asyncio.gather(*(desk.get(address(court, document_id)) for _ in range(2)))
    later = await desk.get(address(court, document_id))
    kept = await held(court, document_id)

    assert [answer.headers["content-type"] for answer in answers] == [PDF, PDF]
    assert kept is not None
    assert {answer.content for answer in (*answers, later)} == {kept.file}
    assert await set_again(kept) == kept.file
    assert "示例正文" in words_of(kept.file)
    assert "草稿" not in words_of(kept.file)


async def test_draft_is_marked_and_not_kept(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A draft is given as one and leaves nothing; sealed, it is another paper."""
    await court.open()
    document_id = await court.document(DocumentKind.ENFORCEMENT_NOTICE, sealed=False)
    await sign_in(desk, "judge1")
    draft = await desk.get(address(court, document_id))
    empty = KeptPaper(
        template="court-1", typesetter="", fonts="", at=await court.db.transact(_now), content=b"", file=b""
    )

    assert "草稿" in words_of(draft.content)
    assert await held(court, document_id) is None
    with pytest.raises(DocumentIsDraft):
        await keep_paper(court.db, court.case_id, document_id, empty)

    await court.sealed(document_id)
    assert "草稿" not in words_of((await desk.get(address(court, document_id))).content)


async def _now(tx: Transaction) -> datetime:
    return tx.now


async def test_first_paper_counts_and_nobody_changes_it(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A later template's paper does not replace the first; the row takes neither change nor removal."""
    await court.open()
    document_id = await court.document(DocumentKind.AUCTION_RULING)
    await sign_in(desk, "judge1")
    first = (await desk.get(address(court, document_id))).content
    kept = await held(court, document_id)
    assert kept is not None
    other = KeptPaper(template="court-9", typesetter="x", fonts="x", at=kept.at, content=b"{}", file=b"other")

    assert (await keep_paper(court.db, court.case_id, document_id, other)).file == first
    for change in ("UPDATE sale.kept_paper SET template = 'court-9'", "DELETE FROM sale.kept_paper"):
        with pytest.raises(DBAPIError):
            async with court.db.transaction() as tx:
                await tx.session.execute(text(change))


async def test_only_the_served_person_takes_it_away(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Before service there is none for anybody; after it for the party's own person, and for no other account and no visitor."""
    await court.open()
    debtor = court.parties[PartyRole.JUDGMENT_DEBTOR]
    await court.db.transact(lambda tx: _is_person_of(tx, debtor, court.actors["bidder1"].person_id))
    document_id = await court.document(DocumentKind.AUCTION_RULING)
    own = f"/my/documents/{document_id}/paper.pdf"
    statuses = {"visitor": (await desk.get(own)).status_code}
    await sign_in(desk, "bidder1")
    statuses["before"] = (await desk.get(own)).status_code
    assert own not in (await desk.get("/my/documents")).text
    async with court.db.reading() as tx:
        now = tx.now
    await court.serve(document_id, debtor, now)
    after = await desk.get(own)
    assert own in (await desk.get("/my/documents")).text
    statuses["desk"] = (await desk.get(address(court, document_id))).status_code
    for name in ("bidder2", "judge1"):
        await sign_in(desk, name)
        statuses[name] = (await desk.get(own)).status_code
        assert own not in (await desk.get("/my/documents")).text

    assert (after.status_code, after.headers["content-type"]) == (200, PDF)
    assert after.headers["cache-control"] == "private, no-store"
    assert statuses == {"visitor": 401, "before": 404, "desk": 403, "bidder2": 404, "judge1": 404}


async def _is_person_of(tx: Transaction, party_id: UUID, person_id: UUID) -> None:
    """Make a sample account's person the party."""
    await tx.session.execute(text("SET LOCAL session_replication_role = replica"))
    await tx.session.execute(
        text("UPDATE sale.party SET person_id = :person WHERE party_id = :party"),
        {"person": person_id, "party": party_id},
    )


async def test_public_page_says_how_it_stands_and_no_name(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Draft, then sealed; found by id, by text and by file; what is not there is not found; text and parties never stand there."""
    await court.open()
    document_id = await court.document(DocumentKind.AUCTION_RULING, sealed=False)
    draft = (await desk.get(f"/verify/{document_id}")).text
    await court.sealed(document_id)
    await sign_in(desk, "judge1")
    file = (await desk.get(address(court, document_id))).content
    desk.cookies.clear()
    kept = hashlib.sha256(file).hexdigest()
    sealed = (await desk.get(f"/verify/{document_id}")).text
    by_file = (await desk.get(f"/verify/{kept}")).text
    by_text = await desk.get(f"/verify/{hashlib.sha256('示例正文'.encode()).hexdigest()}")

    assert "仍为草稿" in draft
    assert "印记经核验通过" in sealed
    assert "印记经核验通过" in by_file
    assert by_text.status_code == 200
    assert "".join(kept) in "".join(sealed.split())
    assert "示例正文" not in sealed
    for absent in (str(new_id()), "0" * 64, "none"):
        assert (await desk.get(f"/verify/{absent}")).status_code == 404


async def test_confirmation_that_was_set_aside_is_superseded(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A confirmation needs no seal; after a sealed ruling sets the sale aside, the page says superseded."""
    await court.sold()
    async with court.db.reading() as tx:
        found = await tx.session.execute(text("SELECT document_id FROM sale.document WHERE kind = 'confirmation'"))
        document_id = found.scalar_one()
    assert "不加盖院印" in (await desk.get(f"/verify/{document_id}")).text
    ruling = await court.document(DocumentKind.SETTING_ASIDE_RULING)
    await court.db.transact(lambda tx: _about_lot(tx, ruling, document_id))

    assert "已被之后的裁定撤销" in (await desk.get(f"/verify/{document_id}")).text


async def _about_lot(tx: Transaction, ruling: UUID, document_id: UUID) -> None:
    await tx.session.execute(text("SET LOCAL session_replication_role = replica"))
    await tx.session.execute(
        text(
            "UPDATE sale.document SET lot_id = (SELECT lot_id FROM sale.document WHERE document_id = :of), "
            "issued_at = issued_at + interval '1 second' WHERE document_id = :ruling"
        ),
        {"of": document_id, "ruling": ruling},
    )


@pytest.mark.browser
@pytest.mark.parametrize("locale", LOCALES)
async def test_own_documents_and_their_verification_are_accessible(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """The list of what was served and the page that verifies one of it, in both languages and widths."""
    await court.open()
    debtor = court.parties[PartyRole.JUDGMENT_DEBTOR]
    await court.db.transact(lambda tx: _is_person_of(tx, debtor, court.actors["bidder1"].person_id))
    document_id = await court.document(DocumentKind.AUCTION_RULING)
    async with court.db.reading() as tx:
        now = tx.now
    await court.serve(document_id, debtor, now)
    context, page = await window(browser, desk_url, locale, "bidder1")
    for name, address in (("own-documents", "/my/documents"), ("verify-document", f"/verify/{document_id}")):
        await page.goto(desk_url + address)
        assert name == "verify-document" or str(document_id) in await page.content()
        await check(page, f"{name}-{locale}")
    assert await page.locator("text=示例正文").count() == 0
    await context.close()
