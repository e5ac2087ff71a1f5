"""Which documents a person may take away: those that took effect on him, and the confirmation of what he bought."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.documents import DocumentUnknown
from auction.sale.cases.tables import DocumentRow, PartyRow, ServiceRow
from auction.sale.title.tables import ConfirmationRow


async def case_of_own_document(tx: Transaction, actor: Actor, document_id: UUID) -> UUID:
    """Give the case of a document that is this person's to have. Raises `DocumentUnknown`, also for one that is not his.

    Source: CPL 87 (service is what gives a party the document); 网拍 22 (the confirmation states the buyer).
    """
    row = await tx.session.get(DocumentRow, document_id)
    if row is None or not actor.is_identified or await cases.is_draft(tx, row):
        raise DocumentUnknown(document_id=document_id)
    if not (await _was_served(tx, actor, document_id) or await _is_buyer(tx, actor, document_id)):
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
