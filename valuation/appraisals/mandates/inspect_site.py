"""Inspect the site: the court tells the parties, the agency records who was there and whether a witness was."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from valuation.appraisals.keep_history import Moved, keep, open_mandate, running_file
from valuation.appraisals.mandates.mandate_agency import OFFICERS
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.inspections import Inspection, InspectionMisdated, check_inspection


class MandateNotTaken(Conflict):
    """The agency has not taken the mandate yet."""

    code = "appraisal_mandate_not_taken"
    article = "参考价 17"
    zh = "评估机构尚未接受委托。"
    en = "The agency has not taken the mandate yet."


class TellInspection(Command, frozen=True, kw_only=True):
    """The parties are notified of a site inspection; ``told`` are those whom the notice reached."""

    appraisal_id: UUID
    planned_at: datetime
    told: tuple[UUID, ...]
    document_sha256: str


class RecordInspection(Command, frozen=True, kw_only=True):
    """The agency's record of a site inspection."""

    mandate_id: UUID
    inspection: Inspection


async def tell_inspection(db: Database, actor: Actor, command: TellInspection) -> Moved:
    """Record that the parties were told, of an inspection to come. Raises `InspectionMisdated`. Source: 参考价 18."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        if command.planned_at <= tx.now:
            raise InspectionMisdated(at=command.planned_at.isoformat())
        event = h.InspectionTold(
            planned_at=command.planned_at, told=command.told, document_sha256=command.document_sha256
        )
        return await keep(tx, actor, file, event)

    return await db.carry_out(actor, command, work, Moved)


async def record_inspection(db: Database, actor: Actor, command: RecordInspection) -> Moved:
    """Record an inspection.

    Raises `InspectionNotTold`, `WitnessMissing`, `InspectionMisdated`, `MandateNotTaken`. Source: 参考价 18.
    """

    async def work(tx: Transaction) -> Moved:
        file, mandate, _ = await open_mandate(tx, actor, command.mandate_id, "inspect")
        if mandate.accepted_at is None and mandate.reissues is None:
            raise MandateNotTaken
        check_inspection(
            command.inspection,
            parties=file.parties,
            told=file.told,
            told_at=file.told_at,
            planned_at=file.planned_at,
            now=tx.now,
        )
        event = h.Inspected(mandate_id=mandate.mandate_id, inspection=command.inspection)
        return await keep(tx, actor, file, event)

    return await db.carry_out(actor, command, work, Moved)
