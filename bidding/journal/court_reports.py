"""What was reported to the court of a session: every incident, in the transaction in which it was stored (网拍 28)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.contracts import RoomReported
from auction.kernel.db import Transaction
from bidding.journal.tables import CourtReportRow, IncidentRow

MAX_REPORTS = 500
"""No page lists more reports at once; the newest come first."""

INCIDENT_KINDS = (
    *("stall", "rebuild", "clock", "late_decision", "disagreement", "entry_malformed", "close_difference"),
    *("order_not_carried_out", "platform_pause", "outage"),
)
"""All kinds of incidents; the database takes no other."""

ANSWERED_TOGETHER = ("outage", "stall", "rebuild", "clock")
"""Kinds that come in rows of one cause: one answer covers the earlier ones. Every other report is answered by itself."""

ALIKE_LIMIT = 10_000
"""Most reports that one answer covers."""

Facts = dict[str, str | int]


class CourtReport(msgspec.Struct, frozen=True, kw_only=True):
    """One report; ``facts`` never hold personal data."""

    report_id: UUID
    session_id: UUID
    kind: str
    reported_at: datetime
    facts: Facts


async def court_reports(tx: Transaction, session_ids: Collection[UUID]) -> tuple[CourtReport, ...]:
    """Give the reports of these sessions, the newest first, at most `MAX_REPORTS`."""
    found = (
        select(CourtReportRow, IncidentRow.kind, IncidentRow.facts)
        .join(IncidentRow, IncidentRow.incident_id == CourtReportRow.incident_id)
        .where(CourtReportRow.session_id.in_(list(session_ids)))
        .order_by(CourtReportRow.reported_at.desc(), IncidentRow.at.desc(), CourtReportRow.report_id)
        .limit(MAX_REPORTS)
    )
    return tuple(
        CourtReport(
            report_id=row.report_id,
            session_id=row.session_id,
            kind=kind,
            reported_at=row.reported_at,
            facts=msgspec.json.decode(facts, type=Facts),
        )
        for row, kind, facts in (await tx.session.execute(found)).all()
    )


class ReportsOfRooms:
    """The port through which the court's side asks for a report."""

    async def report(self, tx: Transaction, report_id: UUID) -> RoomReported | None:
        """Give a report, ``None`` if there is no such one."""
        row = await tx.session.get(CourtReportRow, report_id)
        if row is None:
            return None
        return RoomReported(
            report_id=report_id,
            session_id=row.session_id,
            reported_at=row.reported_at,
            alike=await _alike(tx, row),
        )


async def _alike(tx: Transaction, row: CourtReportRow) -> tuple[UUID, ...]:
    incident = await tx.session.get_one(IncidentRow, row.incident_id)
    if incident.kind not in ANSWERED_TOGETHER:
        return (row.report_id,)
    found = (
        select(CourtReportRow.report_id)
        .join(IncidentRow, IncidentRow.incident_id == CourtReportRow.incident_id)
        .where(
            CourtReportRow.session_id == row.session_id,
            CourtReportRow.reported_at <= row.reported_at,
            IncidentRow.kind == incident.kind,
        )
        .order_by(CourtReportRow.reported_at, CourtReportRow.report_id)
        .limit(ALIKE_LIMIT)
    )
    return tuple((await tx.session.scalars(found)).all())
