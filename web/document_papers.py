"""The paper of a document, for whoever may read the document: kept once it may be served, set anew while it is a draft."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from auction.kernel.db import Database, Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.documents import KINDS
from auction.sale.cases.keep_paper import KeptPaper, keep_paper, kept_paper
from auction.sale.cases.views import DocumentFile, document_file
from auction.sale.lots.store import members_of, panel_on
from web.papers.court_paper import TEMPLATE, CourtPaper, Signer, court_paper
from web.papers.typeset import set_content, versions

RULING = "裁定书"


async def paper_of_document(db: Database, case_id: UUID, document_id: UUID, *, site_url: str) -> bytes:
    """Give the file of a document's paper. Raises: `DocumentUnknown`, `OtherCase`, and what `typeset` raises."""
    async with db.reading() as tx:
        document = await document_file(tx, case_id, document_id)
        held = None if document.is_draft else await kept_paper(tx, document_id)
        paper = await _paper(tx, document, site_url)
    if held is not None:
        return held.file
    made = await _set(paper)
    if document.is_draft:
        return made.file
    return (await keep_paper(db, case_id, document_id, made)).file


async def set_again(kept: KeptPaper) -> bytes:
    """Set a kept paper anew by its own template; with the recorded versions these are the kept bytes."""
    return await set_content(kept.template, kept.content, at=kept.at)


async def _set(paper: CourtPaper) -> KeptPaper:
    content = msgspec.json.encode(paper)
    typesetter, fonts = versions()
    file = await set_content(TEMPLATE, content, at=paper.at)
    return KeptPaper(template=TEMPLATE, typesetter=typesetter, fonts=fonts, at=paper.at, content=content, file=file)


async def _paper(tx: Transaction, document: DocumentFile, site_url: str) -> CourtPaper:
    case = await cases.case_row(tx, document.case_id)
    signers = await _signers(tx, document, case.handler_name)
    return court_paper(
        document,
        court=case.court,
        case_number=case.case_number,
        account=case.case_account_number,
        signers=signers,
        site_url=site_url,
    )


async def _signers(tx: Transaction, document: DocumentFile, handler: str) -> Sequence[Signer]:
    """Give who signs: the panel of the day under a ruling where there is one, else the officer who handles the case; then the clerk's line."""
    if not document.needs_seal:
        return ()
    clerk = Signer(office="书记员", name="")
    panel = (
        await panel_on(tx, document.case_id, document.issued_at) if KINDS[document.kind].zh.endswith(RULING) else None
    )
    if panel is None:
        return (Signer(office="执行员", name=handler), clerk)
    members = await members_of(tx, panel.panel_id)
    judges = (Signer(office="审判长" if one.is_presiding else "审判员", name=one.name) for one in members)
    return (*judges, clerk)
