"""What names an account: an id that a sender chose names one thing only.

Lines of plans, suits, escrows and undoings have accounts of the same kinds, told apart by their ids alone. An escrow under a suit's id would pay the suit's
money to another creditor. The database holds it (``fund.account_subject``); this says it before.

Source: house (money traced by its subject); auction/DECISIONS F103.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict


class SubjectTaken(Conflict):
    """The id names something else already."""

    code = "subject_taken"
    article = "house: an id names one thing only"
    zh = "该编号已用于其他事项，请重新提交。"
    en = "This id names something else already; send it again with a new one."


async def require_new_subject(tx: Transaction, subject_id: UUID) -> None:
    """Refuse an id that names a line, a suit, an escrow or an undoing (`SubjectTaken`)."""
    found = await tx.session.execute(
        text("SELECT 1 FROM fund.account_subject WHERE subject_id = :id"), {"id": subject_id}
    )
    if found.first() is not None:
        raise SubjectTaken(subject_id=subject_id)
