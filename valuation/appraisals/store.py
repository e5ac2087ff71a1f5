"""SQL of appraisals: the histories, and what is kept of them as rows beside."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import NotFound
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, apply, fold

LISTED_MOST = 500


class AppraisalUnknown(NotFound):
    """No such appraisal, or no mandate of this agency in it."""

    code = "appraisal_unknown"
    article = "house: an agency sees its own mandates only"
    zh = "没有该评估委托。"
    en = "There is no such appraisal or mandate."


class MandateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One mandate as a row."""

    mandate_id: UUID
    appraisal_id: UUID
    ordinal: int
    agency_id: UUID
    mandated_at: datetime


async def add_appraisal(
    tx: Transaction, appraisal_id: UUID, *, case_id: UUID, asset_id: UUID, reissue_of: UUID | None
) -> None:
    """Record that an appraisal begins; its history follows."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.appraisal (appraisal_id, case_id, asset_id, reissue_of, started_at) "
            "VALUES (:appraisal_id, :case_id, :asset_id, :reissue_of, :now)"
        ),
        {
            "appraisal_id": appraisal_id,
            "case_id": case_id,
            "asset_id": asset_id,
            "reissue_of": reissue_of,
            "now": tx.now,
        },
    )


async def history_of(tx: Transaction, appraisal_id: UUID) -> list[h.Entry]:
    """Give the whole history of an appraisal, in its order."""
    rows = await tx.session.execute(
        text("SELECT number, at, content FROM valuation.appraisal_event WHERE appraisal_id = :id ORDER BY number"),
        {"id": appraisal_id},
    )
    return [
        h.Entry(number=row.number, at=row.at, event=msgspec.json.decode(row.content, type=h.AnyEvent)) for row in rows
    ]


async def append(tx: Transaction, appraisal_id: UUID, entry: h.Entry, *, account_id: UUID) -> None:
    """Write one more event down, and beside it the rows that others read."""
    event = entry.event
    await tx.session.execute(
        text(
            "INSERT INTO valuation.appraisal_event (appraisal_id, number, kind, subject_id, party_id, at, account_id, content) "
            "VALUES (:appraisal_id, :number, :kind, :subject_id, :party_id, :at, :account_id, :content)"
        ),
        {
            "appraisal_id": appraisal_id,
            "number": entry.number,
            "kind": event.kind,
            "subject_id": event.subject_id,
            "party_id": event.party_id if isinstance(event, h.PaperServed) else None,
            "at": entry.at,
            "account_id": account_id,
            "content": msgspec.json.encode(event),
        },
    )
    if isinstance(event, h.Mandated):
        await _add_mandate(tx, appraisal_id, event, at=entry.at)
    if isinstance(event, h.ReportSubmitted):
        await _add_report(tx, appraisal_id, event, at=entry.at)


async def _add_mandate(tx: Transaction, appraisal_id: UUID, event: h.Mandated, *, at: datetime) -> None:
    await tx.session.execute(
        text(
            "INSERT INTO valuation.appraisal_mandate (mandate_id, appraisal_id, ordinal, agency_id, mandated_at) "
            "VALUES (:mandate_id, :appraisal_id, :ordinal, :agency_id, :at)"
        ),
        {
            "mandate_id": event.mandate_id,
            "appraisal_id": appraisal_id,
            "ordinal": event.ordinal,
            "agency_id": event.agency_id,
            "at": at,
        },
    )


async def _add_report(tx: Transaction, appraisal_id: UUID, event: h.ReportSubmitted, *, at: datetime) -> None:
    await tx.session.execute(
        text(
            "INSERT INTO valuation.appraisal_report (paper_id, appraisal_id, mandate_id, value_fen, signed_on, valid_until, "
            "pdf_sha256, submitted_at) VALUES (:paper_id, :appraisal_id, :mandate_id, :value_fen, :signed_on, :valid_until, "
            ":pdf_sha256, :at)"
        ),
        {
            "paper_id": event.paper_id,
            "appraisal_id": appraisal_id,
            "mandate_id": event.mandate_id,
            "value_fen": event.report.value_fen,
            "signed_on": event.report.signed_on,
            "valid_until": event.report.valid_until,
            "pdf_sha256": event.report.pdf_sha256,
            "at": at,
        },
    )


async def name_document(
    tx: Transaction,
    document_id: UUID,
    appraisal_id: UUID,
    *,
    paper_id: UUID | None = None,
    objection_id: UUID | None = None,
) -> bool:
    """Let a document of the file serve this report, or the explanation of this objection; false if it serves another."""
    named = await tx.session.scalar(
        text(
            "INSERT INTO valuation.appraisal_service_document (document_id, appraisal_id, paper_id, objection_id) "
            "VALUES (:document_id, :appraisal_id, :paper_id, :objection_id) ON CONFLICT DO NOTHING RETURNING document_id"
        ),
        {
            "document_id": document_id,
            "appraisal_id": appraisal_id,
            "paper_id": paper_id,
            "objection_id": objection_id,
        },
    )
    return named is not None


async def case_of(tx: Transaction, appraisal_id: UUID) -> UUID:
    """Give the case of an appraisal; raises `AppraisalUnknown`."""
    found = await tx.session.scalar(
        text("SELECT case_id FROM valuation.appraisal WHERE appraisal_id = :id"), {"id": appraisal_id}
    )
    if found is None:
        raise AppraisalUnknown
    case_id: UUID = found
    return case_id


async def file_of(tx: Transaction, appraisal_id: UUID) -> AppraisalFile:
    """Work out the file of an appraisal from its history; raises `AppraisalUnknown`."""
    rows = await tx.session.execute(
        text("SELECT case_id, asset_id FROM valuation.appraisal WHERE appraisal_id = :id"), {"id": appraisal_id}
    )
    row = rows.one_or_none()
    if row is None:
        raise AppraisalUnknown
    entries = await history_of(tx, appraisal_id)
    return fold(appraisal_id, case_id=row.case_id, asset_id=row.asset_id, entries=entries)


async def lock_file(tx: Transaction, appraisal_id: UUID) -> AppraisalFile:
    """Take the lock of the case, then give the file; whoever decides reads it after the lock."""
    await tx.about_case(await case_of(tx, appraisal_id))
    return await file_of(tx, appraisal_id)


async def write(tx: Transaction, file: AppraisalFile, *events: h.AnyEvent, account_id: UUID) -> None:
    """Let events happen: in the history, and in the file at hand.

    A transaction's time is its arrival, read before it waits for the case: what overtook it may bear a later one. Whether an act
    is in time is decided by its arrival; it is written down no earlier than what happened before it.
    """
    for event in events:
        entry = h.Entry(number=file.events + 1, at=max(tx.now, file.last_at), event=event)
        await append(tx, file.appraisal_id, entry, account_id=account_id)
        apply(file, entry)


async def appraisals_of_asset(tx: Transaction, asset_id: UUID) -> list[UUID]:
    """Give the appraisals of an asset, the oldest first."""
    rows = await tx.session.execute(
        text("SELECT appraisal_id FROM valuation.appraisal WHERE asset_id = :id ORDER BY started_at, appraisal_id"),
        {"id": asset_id},
    )
    return [row.appraisal_id for row in rows]


async def files_of_case(tx: Transaction, case_id: UUID) -> list[AppraisalFile]:
    """Give the files of a case, the oldest first."""
    rows = await tx.session.execute(
        text("SELECT appraisal_id FROM valuation.appraisal WHERE case_id = :id ORDER BY started_at, appraisal_id"),
        {"id": case_id},
    )
    return list((await tx.each([row.appraisal_id for row in rows], lambda one: file_of(tx, one))).values())


async def mandate_row(tx: Transaction, mandate_id: UUID) -> MandateRow:
    """Give a mandate; raises `AppraisalUnknown`."""
    rows = await tx.session.execute(
        text(
            "SELECT mandate_id, appraisal_id, ordinal, agency_id, mandated_at FROM valuation.appraisal_mandate "
            "WHERE mandate_id = :id"
        ),
        {"id": mandate_id},
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise AppraisalUnknown
    return MandateRow(**row)


async def mandates_of_agency(tx: Transaction, agency_id: UUID) -> list[MandateRow]:
    """Give the mandates of one agency, the newest first."""
    rows = await tx.session.execute(
        text(
            "SELECT mandate_id, appraisal_id, ordinal, agency_id, mandated_at FROM valuation.appraisal_mandate "
            "WHERE agency_id = :id ORDER BY mandated_at DESC, mandate_id LIMIT :most"
        ),
        {"id": agency_id, "most": LISTED_MOST},
    )
    return [MandateRow(**row) for row in rows.mappings()]
