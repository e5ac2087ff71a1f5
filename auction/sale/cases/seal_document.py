"""Seal a document: ask the seal port outside any transaction, then store its mark."""

from __future__ import annotations

from uuid import UUID

from auction.fund.case_file import note_sealed_document
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.sale.cases import store
from auction.sale.cases.documents import DocumentNotSealable
from auction.sale.cases.seal import Seal, SealMark
from auction.sale.cases.tables import DocumentSealRow, SealRequestRow
from auction.sale.columns import add


class SealDocument(Command, frozen=True, kw_only=True):
    """Put the court's seal on this document."""

    case_id: UUID
    document_id: UUID


class _StoreSeal(Command, frozen=True, kw_only=True):
    case_id: UUID
    document_id: UUID
    mark: SealMark


async def seal_document(db: Database, actor: Actor, command: SealDocument, *, seal: Seal) -> SealMark:
    """Ask, then store: if the process dies between, asking again under the same document id gives the same mark.

    Raises: `DocumentUnknown`, `OtherCase`, `DocumentNotSealable`; what the port raises when it is down.
    """
    require_role(actor, Role.CASE_HANDLER, Role.CLERK, Role.PRESIDING_JUDGE)
    court, title, sha256 = await db.carry_out(actor, command, lambda tx: _ask(tx, command), tuple[str, str, str])
    mark = await seal.stamp(document_id=command.document_id, court=court, title=title, body_sha256=sha256)
    answer = _StoreSeal(
        command_id=named_id("seal", str(command.command_id)),
        case_id=command.case_id,
        document_id=command.document_id,
        mark=mark,
    )
    return await db.carry_out(actor, answer, lambda tx: _store(tx, answer), SealMark)


async def _ask(tx: Transaction, command: SealDocument) -> tuple[str, str, str]:
    await tx.about_case(command.case_id)
    case = await store.case_row(tx, command.case_id)
    document = await store.document_row(tx, command.case_id, command.document_id)
    if not document.needs_seal:
        raise DocumentNotSealable
    if await tx.session.get(SealRequestRow, command.document_id) is None:
        await add(tx, SealRequestRow(document_id=command.document_id, requested_at=tx.now))
    return case.court, document.title, document.body_sha256


async def _store(tx: Transaction, answer: _StoreSeal) -> SealMark:
    await tx.about_case(answer.case_id)
    held = await tx.session.get(DocumentSealRow, answer.document_id)
    if held is not None:
        return SealMark(seal_ref=held.seal_ref, signature=held.signature)
    row = DocumentSealRow(
        document_id=answer.document_id,
        seal_ref=answer.mark.seal_ref,
        signature=answer.mark.signature,
        sealed_at=tx.now,
    )
    await add(tx, row)
    document = await store.document_row(tx, answer.case_id, answer.document_id)
    await note_sealed_document(
        tx,
        case_id=answer.case_id,
        document_id=answer.document_id,
        kind=document.kind,
        body_sha256=document.body_sha256,
    )
    return answer.mark
