"""What the court's desk reads of documents and their service."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.sale.cases import store
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.seal import SealKeys, StoredMark, mark_holds
from auction.sale.cases.tables import DocumentSealRow, PlatformChoiceRow, ServiceRow


class ServiceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A document took effect on one party on this day, actual or deemed."""

    service_id: UUID
    document_id: UUID
    party_id: UUID
    method: str
    evidence_ref: str
    dispatched_on: date
    effective_on: date
    is_deemed: bool
    article: str


class DocumentFile(msgspec.Struct, frozen=True, kw_only=True):
    """One document with its body, for those who seal or serve it."""

    document_id: UUID
    case_id: UUID
    kind: DocumentKind
    title: str
    body: str
    body_sha256: str
    needs_seal: bool
    issued_at: datetime
    seal_ref: str | None
    sealed_at: datetime | None
    seal_asked_at: datetime | None
    """When the seal service was asked last; ``None``: not yet."""
    seal_refusal: str | None
    """Why the service refused when it was asked last; ``None``: it did not."""

    @property
    def is_being_sealed(self) -> bool:
        """Whether the seal service was asked and has neither sealed nor refused."""
        return self.is_draft and self.seal_asked_at is not None and self.seal_refusal is None

    @property
    def is_draft(self) -> bool:
        """Whether it still waits for its seal (草稿)."""
        return self.needs_seal and self.seal_ref is None


class PlatformShown(msgspec.Struct, frozen=True, kw_only=True):
    """Which platform sells, and who chose it (网拍 5)."""

    platform: str
    chosen_by: str
    chosen_on: date


async def services_of(tx: Transaction, case_id: UUID) -> tuple[ServiceShown, ...]:
    """Give all services in a case, the earliest first."""
    found = (
        select(ServiceRow)
        .where(ServiceRow.case_id == case_id)
        .order_by(ServiceRow.effective_on, ServiceRow.recorded_at)
    )
    names = ServiceShown.__struct_fields__
    return tuple(
        ServiceShown(**{name: getattr(row, name) for name in names}) for row in await tx.session.scalars(found)
    )


async def document_file(tx: Transaction, case_id: UUID, document_id: UUID) -> DocumentFile:
    """Give a document of this case with its body. Raises: `DocumentUnknown`, `OtherCase`."""
    row = await store.document_row(tx, case_id, document_id)
    seal = await tx.session.get(DocumentSealRow, document_id)
    request = await store.last_seal_request(tx, document_id)
    refusal = None if request is None else await store.seal_refusal(tx, document_id, request.attempt)
    return DocumentFile(
        document_id=document_id,
        case_id=case_id,
        kind=DocumentKind(row.kind),
        title=row.title,
        body=tx.sealer.open(row.body_sealed),
        body_sha256=row.body_sha256,
        needs_seal=row.needs_seal,
        issued_at=row.issued_at,
        seal_ref=None if seal is None else seal.seal_ref,
        sealed_at=None if seal is None else seal.sealed_at,
        seal_asked_at=None if request is None else request.requested_at,
        seal_refusal=None if refusal is None else refusal.reason,
    )


async def seal_holds(tx: Transaction, case_id: UUID, document_id: UUID, keys: SealKeys) -> bool | None:
    """Whether the mark of a document verifies on the document as it stands now; ``None``: it bears no mark."""
    seal = await tx.session.get(DocumentSealRow, document_id)
    request = await store.last_seal_request(tx, document_id)
    if seal is None or request is None:
        return None
    asked = await store.seal_asked(tx, case_id, document_id, request.attempt)
    mark = StoredMark(signature=seal.signature, signed_document=seal.signed_document, public_key=seal.public_key)
    return mark_holds(asked, mark, keys)


async def platform_choice(tx: Transaction, case_id: UUID) -> PlatformShown | None:
    """Give the platform's choice, ``None`` before it."""
    row = await tx.session.get(PlatformChoiceRow, case_id)
    if row is None:
        return None
    return PlatformShown(platform=row.platform, chosen_by=row.chosen_by, chosen_on=row.chosen_on)
