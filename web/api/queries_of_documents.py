"""Documents of the file as papers (PDF/A): for the court's desk, and for the person on whom one was served."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from auction.kernel.db import Database
from auction.sale.title.own_documents import case_of_own_document
from web.auth.guards import SIGNED_IN, roles
from web.document_papers import paper_of_document
from web.injected import TheActor, TheDb, TheWiring
from web.pages.case_file import read_case
from web.pages.court.case_page import READERS
from web.pages.own_documents_page import show_own_documents
from web.wiring import Wiring


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


DOCUMENT_QUERIES = (download_document, download_own_document, show_own_documents)
