"""Queries of alarms that officers close."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from auction.fund.alarms.closings import AlarmSilent
from auction.fund.alarms.tables import AlarmClosingRow
from auction.fund.deposits.store import add, clear_alarm
from auction.fund.ledger.views import AlarmShown
from auction.kernel.db import Transaction


async def ringing_in_case(tx: Transaction, case_id: UUID) -> tuple[AlarmShown, ...]:
    """Give the alarms that ring in a case, the oldest first."""
    rows = await tx.session.execute(
        text(
            "SELECT kind, subject_id, case_id, detail, raised_at FROM fund.alarm "
            "WHERE case_id = :case AND cleared_at IS NULL ORDER BY raised_at, subject_id"
        ),
        {"case": case_id},
    )
    return tuple(AlarmShown(**row) for row in rows.mappings())


async def require_ringing(tx: Transaction, kind: str, subject_id: UUID, *, case_id: UUID) -> None:
    """Refuse an alarm that does not ring in this case (`AlarmSilent`)."""
    ringing = await ringing_in_case(tx, case_id)
    if not any(one.kind == kind and one.subject_id == subject_id for one in ringing):
        raise AlarmSilent(subject_id=subject_id)


async def close_alarm(tx: Transaction, row: AlarmClosingRow) -> None:
    """Keep what became of an alarm and silence it."""
    await add(tx, row)
    await clear_alarm(tx, row.kind, row.subject_id)
