"""Documents of the file: their papers (PDF/A) for the court's desk and for the person on whom one was served, and proposed texts."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from auction.kernel.actors import Role
from auction.kernel.db import Database
from auction.sale.case_access import require_part
from auction.sale.cases.cases import OFFICERS
from auction.sale.cases.documents import GAP, DocumentKind
from auction.sale.drafting.draft_document import draft_document
from auction.sale.title.own_documents import case_of_own_document
from web.auth.guards import SIGNED_IN, roles
from web.document_papers import paper_of_document
from web.injected import TheActor, TheDb, TheWiring
from web.pages.case_file import read_case
from web.pages.court.case_page import READERS
from web.pages.own_documents_page import show_own_documents
from web.wiring import Wiring

DRAFTERS = (*OFFICERS, Role.PRESIDING_JUDGE)


class DraftShown(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed document; ``gaps``: how many places are still to be filled in."""

    title: str
    body: str
    gaps: int


@get(
    "/court/cases/{case_id:uuid}/documents/{document_id:uuid}/paper.pdf",
    opt=dict(roles(*READERS)),
    include_in_schema=False,
)
async def download_document(
    case_id: FromPath[UUID], document_id: FromPath[UUID], db: TheDb, actor: TheActor, wiring: TheWiring
) -> Response[bytes]:
    """Give the paper to officers with a part in the case; a draft is marked as one."""
    await read_case(db, actor, case_id)
    return await _given(db, wiring, case_id, document_id)


@get("/my/documents/{document_id:uuid}/paper.pdf", opt=SIGNED_IN, include_in_schema=False)
async def download_own_document(
    document_id: FromPath[UUID], db: TheDb, actor: TheActor, wiring: TheWiring
) -> Response[bytes]:
    """Give the paper to the person on whom it took effect, and a confirmation to its buyer; to others there is none (`DocumentUnknown`)."""
    async with db.reading() as tx:
        case_id = await case_of_own_document(tx, actor, document_id)
    return await _given(db, wiring, case_id, document_id)


async def _given(db: Database, wiring: Wiring, case_id: UUID, document_id: UUID) -> Response[bytes]:
    made = await paper_of_document(db, case_id, document_id, site_url=wiring.settings.site_url)
    headers = {
        "Content-Disposition": f'attachment; filename="fapai-document-{document_id}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(made, media_type="application/pdf", headers=headers)


@get(
    "/api/sale/cases/{case_id:uuid}/drafts/{kind:str}",
    opt=dict(roles(*DRAFTERS)),
    tags=["sale"],
    operation_id="api_draft",
    summary="Proposed text of a document",
)
async def show_draft(
    case_id: FromPath[UUID],
    kind: FromPath[DocumentKind],
    db: TheDb,
    actor: TheActor,
    lot_id: FromQuery[UUID | None] = None,
) -> DraftShown:
    """Give the text that the record proposes, with gaps for what only the court knows (`NotDrafted`); nothing is stored."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        draft = await draft_document(tx, case_id, kind, lot_id=lot_id)
    return DraftShown(title=draft.title, body=draft.body, gaps=draft.body.count(GAP))


DOCUMENT_QUERIES = (show_draft, download_document, download_own_document, show_own_documents)
