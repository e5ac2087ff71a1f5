"""Keep the paper of a document as it was issued: the file, and all that sets it again to the byte.

1. A draft has no paper that is kept: it may be sealed yet, and then it is another.
2. The first paper of a document is the one that counts; whoever brings another later is given the first. Two who set it at
   once set the same bytes, so nobody can have got another file.
3. A process that dies between setting and keeping has given nothing away: the next reader sets it anew.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.db import Database, Transaction
from auction.sale.cases import store
from auction.sale.cases.tables import KeptPaperRow
from auction.sale.columns import add


class KeptPaper(msgspec.Struct, frozen=True, kw_only=True):
    """A paper with all that sets it again."""

    template: str
    typesetter: str
    fonts: str
    at: datetime
    """The date in the file."""
    content: bytes
    """What the template was given (JSON)."""
    file: bytes


async def keep_paper(db: Database, case_id: UUID, document_id: UUID, paper: KeptPaper) -> KeptPaper:
    """Keep the paper unless there is one, and give the one that counts (rule 2). Raises: `DocumentUnknown`, `OtherCase`, `DocumentIsDraft`."""

    async def work(tx: Transaction) -> KeptPaper:
        await tx.about_case(case_id)
        await store.effective_document(tx, case_id, document_id)
        held = await kept_paper(tx, document_id)
        if held is not None:
            return held
        row = KeptPaperRow(
            document_id=document_id,
            template=paper.template,
            typesetter=paper.typesetter,
            fonts=paper.fonts,
            at=paper.at,
            content_sealed=tx.sealer.seal(paper.content.decode()),
            file_sealed=tx.sealer.seal(base64.b64encode(paper.file).decode()),
            file_sha256=hashlib.sha256(paper.file).hexdigest(),
            kept_at=tx.now,
        )
        await add(tx, row)
        return paper

    return await db.transact(work)


async def kept_paper(tx: Transaction, document_id: UUID) -> KeptPaper | None:
    """Give the kept paper of a document, ``None`` if there is none yet."""
    row = await tx.session.get(KeptPaperRow, document_id)
    if row is None:
        return None
    return KeptPaper(
        template=row.template,
        typesetter=row.typesetter,
        fonts=row.fonts,
        at=row.at,
        content=tx.sealer.open(row.content_sealed).encode(),
        file=base64.b64decode(tx.sealer.open(row.file_sealed)),
    )
