"""Which documents a person may take away: those that took effect on him, answers to his objections, and the confirmation of what he bought."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import exists, or_, select, text

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.documents import DocumentKind, DocumentUnknown
from auction.sale.cases.tables import CaseRow, DocumentRow, DocumentSealRow, PartyRow, ServiceRow
from auction.sale.title.tables import ConfirmationRow

MOST_SHOWN: Final = 200
"""Most documents on one person's list."""
_ANSWERS: Final = text(
    "SELECT s.document_id, s.sealed_at FROM sale.enforcement_objection o "
    "JOIN sale.objection_docketing d ON d.objection_id = o.objection_id "
    "LEFT JOIN sale.objection_ruling r ON r.objection_id = o.objection_id "
    "JOIN sale.document_seal s ON s.document_id = coalesce(r.document_id, d.document_id) WHERE o.person_id = :person_id"
)


class OwnDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document that this person may take away, and since which day it is his."""

    document_id: UUID
    kind: DocumentKind
    case_number: str
    had_on: date


async def case_of_own_document(tx: Transaction, actor: Actor, document_id: UUID) -> UUID:
    """Give the case of a document that is this person's to have. Raises `DocumentUnknown`, also for one that is not his.

    Source: CPL 87 (service is what gives a party the document); 网拍 22 (the confirmation states the buyer).
    """
    row = await tx.session.get(DocumentRow, document_id)
    if row is None or not actor.is_identified or await cases.is_draft(tx, row):
        raise DocumentUnknown(document_id=document_id)
    if not (
        await _was_served(tx, actor, document_id)
        or await _is_buyer(tx, actor, document_id)
        or document_id in await _answers_to(tx, actor)
    ):
        raise DocumentUnknown(document_id=document_id)
    return row.case_id


async def _was_served(tx: Transaction, actor: Actor, document_id: UUID) -> bool:
    found = (
        select(ServiceRow.service_id)
        .join(PartyRow, PartyRow.party_id == ServiceRow.party_id)
        .where(
            ServiceRow.document_id == document_id,
            PartyRow.person_id == actor.person_id,
            ServiceRow.effective_on <= local_day(tx.now),
        )
        .limit(1)
    )
    return await tx.session.scalar(found) is not None


async def _is_buyer(tx: Transaction, actor: Actor, document_id: UUID) -> bool:
    found = (
        select(ConfirmationRow.round_id)
        .where(ConfirmationRow.document_id == document_id, ConfirmationRow.buyer_person_id == actor.person_id)
        .limit(1)
    )
    return await tx.session.scalar(found) is not None


async def _answers_to(tx: Transaction, actor: Actor) -> dict[UUID, datetime]:
    """Give the sealed rulings on this person's objections, each with its hour. Source: CPL 90 (his account is where he chose to be served)."""
    found = await tx.session.execute(_ANSWERS, {"person_id": actor.person_id})
    return {row.document_id: row.sealed_at for row in found}


async def own_documents(tx: Transaction, actor: Actor) -> list[OwnDocument]:
    """List what `case_of_own_document` would give this person, newest first; at most `MOST_SHOWN`."""
    if not actor.is_identified:
        return []
    since = await _since(tx, actor)
    sealed = exists().where(DocumentSealRow.document_id == DocumentRow.document_id)
    asked = (
        select(DocumentRow, CaseRow.case_number)
        .join(CaseRow, CaseRow.case_id == DocumentRow.case_id)
        .where(DocumentRow.document_id.in_(since), or_(DocumentRow.needs_seal.is_(False), sealed))
    )
    shown = [
        OwnDocument(
            document_id=row.document_id, kind=DocumentKind(row.kind), case_number=number, had_on=since[row.document_id]
        )
        for row, number in (await tx.session.execute(asked)).all()
    ]
    return sorted(shown, key=lambda one: (one.had_on, str(one.document_id)), reverse=True)[:MOST_SHOWN]


async def _since(tx: Transaction, actor: Actor) -> dict[UUID, date]:
    """Give the first day on which each document was this person's: by service, or as the buyer of a confirmation."""
    served = (
        select(ServiceRow.document_id, ServiceRow.effective_on)
        .join(PartyRow, PartyRow.party_id == ServiceRow.party_id)
        .where(PartyRow.person_id == actor.person_id, ServiceRow.effective_on <= local_day(tx.now))
    )
    bought = select(ConfirmationRow.document_id, ConfirmationRow.published_at).where(
        ConfirmationRow.buyer_person_id == actor.person_id
    )
    days = [(row.document_id, row.effective_on) for row in await tx.session.execute(served)]
    days += [(row.document_id, local_day(row.published_at)) for row in await tx.session.execute(bought)]
    days += [(document_id, local_day(at)) for document_id, at in (await _answers_to(tx, actor)).items()]
    return dict(sorted(days, key=lambda one: one[1], reverse=True))
