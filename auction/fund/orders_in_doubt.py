"""Orders of ours of which the bank's statement tells something else than what was ordered: they ring, and count as nothing until it is known what happened.

1. A payout or a refund is in doubt while its alarm rings. It is neither booked as paid nor paid out anew, and its case is not closed.
2. The alarm ends when the statement shows the money back, or when two persons say on the bank's written answer what happened
   (`auction.fund.alarms.close_order_in_doubt`).

Which lines make an order doubtful: `auction.fund.channels.order_lines`. Source: house (practice 8); security 6; auction/DECISIONS F102.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict

ORDER_DIFFERS = "order_differs"
"""Alarm: the statement shows another payment under the key of an order of ours than we ordered; its subject is the payout or the refund."""


class OrderInDoubt(Conflict):
    """The bank's statement and our order differ; nothing more is paid on it."""

    code = "order_in_doubt"
    article = "house: security 6, nothing is paid on a doubtful order"
    zh = "银行流水与本院付款指令不符，查明并办结前不得再次付款或者销户。"
    en = "The bank's statement differs from our payment order; nothing more is paid, and no account closed, until that is cleared up."


async def is_in_doubt(tx: Transaction, order_id: UUID) -> bool:
    """Whether the order of this payout or refund is in doubt."""
    found = await tx.session.execute(
        text("SELECT 1 FROM fund.alarm WHERE kind = :kind AND cleared_at IS NULL AND subject_id = :order_id"),
        {"kind": ORDER_DIFFERS, "order_id": order_id},
    )
    return found.first() is not None


async def require_no_doubt_of_line(tx: Transaction, line_id: UUID) -> None:
    """Refuse to pay a share while an order of it is in doubt (`OrderInDoubt`)."""
    found = await tx.session.execute(
        text(
            "SELECT 1 FROM fund.alarm a JOIN fund.disbursement d ON d.disbursement_id = a.subject_id "
            "WHERE a.kind = :kind AND a.cleared_at IS NULL AND d.line_id = :line_id LIMIT 1"
        ),
        {"kind": ORDER_DIFFERS, "line_id": line_id},
    )
    if found.first() is not None:
        raise OrderInDoubt(line_id=line_id)


async def require_no_doubt_of_case(tx: Transaction, case_id: UUID) -> None:
    """Refuse to close a case one of whose orders is in doubt (`OrderInDoubt`)."""
    found = await tx.session.execute(
        text("SELECT 1 FROM fund.alarm WHERE kind = :kind AND cleared_at IS NULL AND case_id = :case_id LIMIT 1"),
        {"kind": ORDER_DIFFERS, "case_id": case_id},
    )
    if found.first() is not None:
        raise OrderInDoubt(case_id=case_id)
