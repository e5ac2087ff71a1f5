"""How a document stands today, as anybody may know who holds it or its fingerprint: no text, no name, no party."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.sale.cases import store
from auction.sale.cases.documents import DocumentKind, DocumentUnknown
from auction.sale.cases.seal import SealKeys
from auction.sale.cases.tables import DocumentRow, DocumentSealRow, KeptPaperRow
from auction.sale.cases.views import seal_holds

UNDONE_BY: Final[Mapping[DocumentKind, frozenset[DocumentKind]]] = {
    DocumentKind.CONFIRMATION: frozenset({DocumentKind.SETTING_ASIDE_RULING}),
    DocumentKind.SALE_RULING: frozenset({DocumentKind.SETTING_ASIDE_RULING}),
}
"""By which later sealed document about the same lot a kind is superseded. Source: 网拍 31; 异议复议 21."""
FINGERPRINT_LENGTH: Final = 64


class DocumentStanding(msgspec.Struct, frozen=True, kw_only=True):
    """What the public page says of a document."""

    kind: DocumentKind
    court: str
    case_number: str
    issued_at: datetime
    is_draft: bool
    needs_seal: bool
    seal_ref: str | None
    sealed_at: datetime | None
    mark_holds: bool | None
    """Whether the seal's mark verifies now; ``None``: it bears none."""
    superseded_at: datetime | None
    """When a sealed document undid it; ``None``: none did."""
    body_sha256: str
    file_sha256: str | None
    """Fingerprint of the paper as it was issued; ``None``: none was taken away yet."""


async def standing_of_document(tx: Transaction, named: str, keys: SealKeys) -> DocumentStanding:
    """Give the standing of the document that has this id or fingerprint, of its text or its paper. Raises `DocumentUnknown`."""
    row = await _named(tx, named.strip().lower())
    if row is None:
        raise DocumentUnknown
    case = await store.case_row(tx, row.case_id)
    seal = await tx.session.get(DocumentSealRow, row.document_id)
    paper = await tx.session.get(KeptPaperRow, row.document_id)
    return DocumentStanding(
        kind=DocumentKind(row.kind),
        court=case.court,
        case_number=case.case_number,
        issued_at=row.issued_at,
        is_draft=await store.is_draft(tx, row),
        needs_seal=row.needs_seal,
        seal_ref=None if seal is None else seal.seal_ref,
        sealed_at=None if seal is None else seal.sealed_at,
        mark_holds=await seal_holds(tx, row.case_id, row.document_id, keys),
        superseded_at=await _superseded_at(tx, row),
        body_sha256=row.body_sha256,
        file_sha256=None if paper is None else paper.file_sha256,
    )


async def _named(tx: Transaction, named: str) -> DocumentRow | None:
    if len(named) != FINGERPRINT_LENGTH:
        try:
            return await tx.session.get(DocumentRow, UUID(named))
        except ValueError:
            return None
    by_file = select(KeptPaperRow.document_id).where(KeptPaperRow.file_sha256 == named)
    document_id = await tx.session.scalar(by_file.limit(1))
    if document_id is not None:
        return await tx.session.get(DocumentRow, document_id)
    by_body = select(DocumentRow).where(DocumentRow.body_sha256 == named)
    return await tx.session.scalar(by_body.order_by(DocumentRow.issued_at).limit(1))


async def _superseded_at(tx: Transaction, row: DocumentRow) -> datetime | None:
    kinds = UNDONE_BY.get(DocumentKind(row.kind), frozenset())
    if not kinds or row.lot_id is None:
        return None
    found = (
        select(DocumentSealRow.sealed_at)
        .join(DocumentRow, DocumentRow.document_id == DocumentSealRow.document_id)
        .where(
            DocumentRow.lot_id == row.lot_id,
            DocumentRow.kind.in_([kind.value for kind in kinds]),
            DocumentRow.issued_at > row.issued_at,
        )
        .order_by(DocumentSealRow.sealed_at)
        .limit(1)
    )
    return await tx.session.scalar(found)
