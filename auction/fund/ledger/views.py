"""What the finance desk and the statement read of the books: entries, alarms, whether the account is closed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select, text

from auction.fund.ledger import store
from auction.fund.ledger.tables import EntryRow, PostingRow
from auction.kernel.db import Transaction

ENTRIES_LIMIT = 500
"""Most entries on one page, the latest ones."""
ALARMS_LIMIT = 200


class EntryShown(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a case's chain; ``moved_fen`` is the sum of its debits."""

    number: int
    cause: str
    moved_fen: int
    subject_id: UUID | None
    digest: str
    at: datetime


class AlarmShown(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that rings: somebody has to look."""

    kind: str
    subject_id: UUID
    case_id: UUID | None
    detail: str
    raised_at: datetime


class CaseFundShown(msgspec.Struct, frozen=True, kw_only=True):
    """The fund of a case; its account number's last four digits."""

    masked: str
    opened_at: datetime
    closed_at: datetime | None


async def entries_of_case(tx: Transaction, case_id: UUID) -> tuple[EntryShown, ...]:
    """Give the entries of a case in order."""
    moved = (
        select(func.coalesce(func.sum(PostingRow.amount_fen), 0))
        .where(PostingRow.entry_id == EntryRow.entry_id, PostingRow.amount_fen > 0)
        .scalar_subquery()
    )
    found = (
        select(EntryRow, moved).where(EntryRow.case_id == case_id).order_by(EntryRow.number.desc()).limit(ENTRIES_LIMIT)
    )
    rows = (await tx.session.execute(found)).all()
    return tuple(
        EntryShown(
            number=row.number,
            cause=row.cause,
            moved_fen=int(fen),
            subject_id=row.subject_id,
            digest=row.digest,
            at=row.at,
        )
        for row, fen in reversed(rows)
    )


async def ringing_alarms(tx: Transaction) -> tuple[AlarmShown, ...]:
    """Give the alarms that ring, the oldest first."""
    rows = await tx.session.execute(
        text(
            "SELECT kind, subject_id, case_id, detail, raised_at FROM fund.alarm WHERE cleared_at IS NULL "
            "ORDER BY raised_at LIMIT :limit"
        ),
        {"limit": ALARMS_LIMIT},
    )
    return tuple(AlarmShown(**row) for row in rows.mappings())


async def case_fund_shown(tx: Transaction, case_id: UUID) -> CaseFundShown | None:
    """Give the fund of a case, ``None`` before it is opened."""
    row = await store.case_fund(tx, case_id)
    if row is None:
        return None
    number = "".join(tx.sealer.open(row.account_sealed).split())
    return CaseFundShown(
        masked="*" * max(0, len(number) - 4) + number[-4:], opened_at=row.opened_at, closed_at=row.closed_at
    )
