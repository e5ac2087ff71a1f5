"""Name the document by which an explanation is served: it answers one objection, and his five days run from its service."""

from __future__ import annotations

from datetime import date
from typing import Protocol
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.appraisals import store
from valuation.appraisals.disputes.decide_objection import open_objection
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.mandates.mandate_agency import OFFICERS
from valuation.appraisals.reports.check_report import ServiceDocumentTaken
from valuation.appraisals.rules import history as h


class DocumentServices(Protocol):
    """On whom documents of the file were served; the sale knows."""

    async def effective_on(self, tx: Transaction, document_id: UUID, party_id: UUID) -> date | None:
        """Give the day on which a document took effect on a party; ``None`` while it was not served on him."""
        ...


class LinkExplanation(Command, frozen=True, kw_only=True):
    """The explanation of this objection is served by this document of the file."""

    appraisal_id: UUID
    objection_id: UUID
    document_id: UUID


async def link_explanation(
    db: Database, actor: Actor, command: LinkExplanation, *, services: DocumentServices
) -> Moved:
    """Link them once; a service on the objector that came before counts from its own day.

    Raises `ObjectionNotOpen` unless the objection waits with its explanation, `ServiceDocumentTaken`. Source: 参考价 23(1), 24.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        objection = open_objection(file, command.objection_id, "explained")
        document_id, objection_id = command.document_id, objection.objection_id
        if objection.document_id is not None or not await store.name_document(
            tx, document_id, file.appraisal_id, objection_id=objection_id
        ):
            raise ServiceDocumentTaken
        events: list[h.AnyEvent] = [h.ExplanationLinked(objection_id=objection_id, document_id=document_id)]
        served_on = await services.effective_on(tx, document_id, objection.party_id)
        if served_on is not None and objection.served_on is None:
            events.append(h.ExplanationServed(objection_id=objection_id, effective_on=served_on))
        return await keep(tx, actor, file, *events, made_id=objection_id)

    return await db.carry_out(actor, command, work, Moved)
