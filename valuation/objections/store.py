"""SQL of services, objections and fixed prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import text

from auction.contracts import DocumentServed, ReferencePrice
from auction.kernel.db import Transaction
from valuation.objections.objections import Ground


async def add_service(tx: Transaction, inquiry_id: UUID, served: DocumentServed, window_ends: date) -> None:
    """Record one addressee's service, once."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.report_service (inquiry_id, party_id, service_id, effective_on, window_ends) "
            "VALUES (:inquiry_id, :party_id, :service_id, :effective_on, :window_ends) ON CONFLICT DO NOTHING"
        ),
        {
            "inquiry_id": inquiry_id,
            "party_id": served.party_id,
            "service_id": served.service_id,
            "effective_on": served.effective_on,
            "window_ends": window_ends,
        },
    )


async def add_correction_service(tx: Transaction, served: DocumentServed) -> None:
    """Record that a corrected version reached an addressee, once."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.correction_service (document_id, party_id, service_id, effective_on) "
            "VALUES (:document_id, :party_id, :service_id, :effective_on) ON CONFLICT DO NOTHING"
        ),
        {
            "document_id": served.document_id,
            "party_id": served.party_id,
            "service_id": served.service_id,
            "effective_on": served.effective_on,
        },
    )


async def have_correction(tx: Transaction, inquiry_id: UUID) -> frozenset[UUID]:
    """Give those whom a corrected version of these reports has reached."""
    rows = await tx.session.execute(
        text(
            "SELECT s.party_id FROM valuation.correction_service s JOIN valuation.report_document d USING (document_id) "
            "WHERE d.inquiry_id = :id"
        ),
        {"id": inquiry_id},
    )
    return frozenset(row.party_id for row in rows)


async def windows(tx: Transaction, inquiry_id: UUID) -> dict[UUID, date]:
    """Give the last day for objections of every addressee served so far."""
    rows = await tx.session.execute(
        text("SELECT party_id, window_ends FROM valuation.report_service WHERE inquiry_id = :id"), {"id": inquiry_id}
    )
    return {row.party_id: row.window_ends for row in rows}


@dataclass(frozen=True, kw_only=True)
class Objection:
    """One objection; ``platform_id`` ``None``: to all reports of the inquiry."""

    objection_id: UUID
    inquiry_id: UUID
    party_id: UUID
    platform_id: str | None
    ground: Ground
    document_sha256: str


async def has_objected(tx: Transaction, *, inquiry_id: UUID, party_id: UUID, platform_id: str | None) -> bool:
    """Whether this party has objected to this report (or to all) before."""
    found = await tx.session.execute(
        text(
            "SELECT 1 FROM valuation.objection WHERE inquiry_id = :inquiry_id AND party_id = :party_id AND "
            "(platform_id IS NULL OR CAST(:platform_id AS text) IS NULL OR platform_id = :platform_id)"
        ),
        {"inquiry_id": inquiry_id, "party_id": party_id, "platform_id": platform_id},
    )
    return found.first() is not None


async def add_objection(tx: Transaction, objection: Objection) -> None:
    """Record an objection."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.objection (objection_id, inquiry_id, party_id, platform_id, ground, document_sha256, "
            "raised_at) VALUES (:objection_id, :inquiry_id, :party_id, :platform_id, :ground, :document_sha256, :now)"
        ),
        {**objection.__dict__, "now": tx.now},
    )


async def decide_objection(
    tx: Transaction, inquiry_id: UUID, objection_id: UUID, decision: Literal["rejected", "upheld"]
) -> bool:
    """Store the decision of an open objection; ``False`` if there is none."""
    found = await tx.session.execute(
        text(
            "UPDATE valuation.objection SET decision = :decision, decided_at = :now "
            "WHERE objection_id = :id AND inquiry_id = :inquiry_id AND decision IS NULL RETURNING 1"
        ),
        {"id": objection_id, "inquiry_id": inquiry_id, "decision": decision, "now": tx.now},
    )
    return found.first() is not None


async def open_objections(tx: Transaction, inquiry_id: UUID) -> list[UUID]:
    """Give the undecided objections of an inquiry."""
    rows = await tx.session.execute(
        text("SELECT objection_id FROM valuation.objection WHERE inquiry_id = :id AND decision IS NULL"),
        {"id": inquiry_id},
    )
    return [row.objection_id for row in rows]


async def mark_fixed(tx: Transaction, inquiry_id: UUID, *, amount_fen: int) -> None:
    """Close an inquiry for good: its price is fixed."""
    await tx.session.execute(
        text("UPDATE valuation.inquiry SET state = 'fixed', amount_fen = :amount WHERE inquiry_id = :id"),
        {"id": inquiry_id, "amount": amount_fen},
    )


async def price_of_step(tx: Transaction, step_id: UUID) -> ReferencePrice | None:
    """Give the price that a step made (an inquiry's step has the inquiry's id), if it made one."""
    row = (
        await tx.session.execute(
            text(
                "SELECT reference_price_id, case_id, asset_id, method, amount_fen, fixed_at, valid_until, evidence_sha256 "
                "FROM valuation.reference_price WHERE step_id = :id"
            ),
            {"id": step_id},
        )
    ).one_or_none()
    return None if row is None else ReferencePrice(**row._mapping, agency_id=await agency_of_step(tx, step_id))


async def agency_of_step(tx: Transaction, step_id: UUID) -> UUID | None:
    """Give the agency last mandated in an appraisal, whose report its price is; ``None``: the step is no appraisal."""
    newest = "SELECT agency_id FROM valuation.appraisal_mandate WHERE appraisal_id = :id ORDER BY ordinal DESC LIMIT 1"
    return cast("UUID | None", await tx.session.scalar(text(newest), {"id": step_id}))
