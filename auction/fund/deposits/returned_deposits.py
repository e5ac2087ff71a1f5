"""The deposits of a case that go back or went back, for the list that is filed (保证金退还清单)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of_all

_FOUND = text("""
SELECT r.refund_id, d.reference, d.person_id, r.amount_fen, coalesce(r.due_at, d.release_due_at) AS due_at, r.asked_at,
  CASE WHEN r.state = 'done' THEN r.done_at END AS done_at
FROM fund.refund r JOIN fund.deposit d USING (deposit_id)
WHERE d.case_id = :case_id
ORDER BY d.opened_at, d.deposit_id, r.asked_at, r.refund_id
""")


class ReturnedDeposit(msgspec.Struct, frozen=True, kw_only=True):
    """Money of a deposit on its way back; ``done_at`` is ``None`` until bank or provider confirmed it."""

    refund_id: UUID
    reference: str
    bidder_masked: str
    amount_fen: int
    due_at: datetime | None
    asked_at: datetime
    done_at: datetime | None


async def returned_deposits(tx: Transaction, case_id: UUID) -> tuple[ReturnedDeposit, ...]:
    """Give each refund of the case's deposits, in the order of the deposits."""
    rows = (await tx.session.execute(_FOUND, {"case_id": case_id})).all()
    masked = await masked_of_all(tx, {row.person_id for row in rows})
    return tuple(
        ReturnedDeposit(
            refund_id=row.refund_id,
            reference=row.reference,
            bidder_masked=masked[row.person_id],
            amount_fen=row.amount_fen,
            due_at=row.due_at,
            asked_at=row.asked_at,
            done_at=row.done_at,
        )
        for row in rows
    )
