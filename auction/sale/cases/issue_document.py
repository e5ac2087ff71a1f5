"""Issue a document: fix its text and fingerprint; a court document stays a draft until it is sealed."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases import store
from auction.sale.cases.cases import OFFICERS, TEXT_LIMIT, OtherCase
from auction.sale.cases.documents import (
    ISSUED_BY_STEP,
    KINDS,
    DocumentBodyMalformed,
    DocumentKind,
    WrongDocumentKind,
    fingerprint_of,
    require_no_gap,
)
from auction.sale.cases.tables import DocumentRow
from auction.sale.columns import add


class IssueDocument(Command, frozen=True, kw_only=True):
    """Issue this document; ``lot_id`` where it concerns one lot."""

    document_id: UUID
    case_id: UUID
    kind: DocumentKind
    title: str
    body: str
    lot_id: UUID | None = None


async def issue_document(db: Database, actor: Actor, command: IssueDocument) -> UUID:
    """Store the document as a draft and give its id. Raises: `DocumentBodyMalformed`, `GapLeft`, `WrongDocumentKind`, `OtherCase`."""
    require_role(actor, *OFFICERS, Role.PRESIDING_JUDGE, Role.SYSTEM)
    if command.kind in ISSUED_BY_STEP:
        raise WrongDocumentKind(needed=KINDS[DocumentKind.OTHER].zh, given=KINDS[command.kind].zh)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await store.case_row(tx, command.case_id)
        if command.lot_id is not None and await store.case_of_lot(tx, command.lot_id) != command.case_id:
            raise OtherCase(lot_id=command.lot_id)
        await issue_in(tx, actor, command)
        return command.document_id

    return await db.carry_out(actor, command, work, UUID)


class Issuing(Protocol):
    """A command that makes the system write a document."""

    @property
    def command_id(self) -> UUID:
        """Its own id."""

    @property
    def document_id(self) -> UUID:
        """The document's id."""


async def issue_written(
    tx: Transaction,
    actor: Actor,
    command: Issuing,
    kind: DocumentKind,
    *,
    case_id: UUID,
    body: str,
    lot_id: UUID | None = None,
) -> UUID:
    """Store what the system wrote as a draft under the case's number and its kind, and give its id."""
    case = await store.case_row(tx, case_id)
    document = IssueDocument(
        command_id=command.command_id,
        document_id=command.document_id,
        case_id=case_id,
        kind=kind,
        title=f"{case.case_number}{KINDS[kind].zh}",
        body=body,
        lot_id=lot_id,
    )
    await issue_in(tx, actor, document)
    return command.document_id


async def issue_in(tx: Transaction, actor: Actor, command: IssueDocument) -> DocumentRow:
    """Store the document within the caller's transaction; used by steps that issue their own."""
    if not command.title.strip() or not 0 < len(command.body) <= TEXT_LIMIT:
        raise DocumentBodyMalformed
    require_no_gap(command.body)
    row = DocumentRow(
        document_id=command.document_id,
        case_id=command.case_id,
        lot_id=command.lot_id,
        kind=command.kind.value,
        title=command.title.strip(),
        body_sealed=tx.sealer.seal(command.body),
        body_sha256=fingerprint_of(command.body),
        needs_seal=KINDS[command.kind].needs_seal,
        issued_by=actor.account_id,
        issued_at=tx.now,
    )
    await add(tx, row)
    return row
