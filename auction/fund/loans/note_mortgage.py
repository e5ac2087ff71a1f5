"""Tell a lender how the registry stands with his mortgage, in the transaction that records it (loans; registry rule 2)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import select

from auction.fund.loans.draw_clock import tell_lender
from auction.fund.loans.loans import LoanState
from auction.fund.loans.tables import LoanRow
from auction.kernel.db import Transaction


async def drawn_loan_of_lot(tx: Transaction, lot_id: UUID) -> LoanRow | None:
    """Give the loan whose money is in the price of a lot, ``None`` if there is none."""
    found = await tx.session.execute(
        select(LoanRow).where(LoanRow.lot_id == lot_id, LoanRow.state == LoanState.RECEIVED.value)
    )
    return found.scalars().first()


async def note_mortgage(
    tx: Transaction, lot_id: UUID, *, kind: Literal["mortgage_filed", "mortgage_registered"], subject: str
) -> bool:
    """Have the lender told once this transaction is committed; false: no lender has money in this lot."""
    row = await drawn_loan_of_lot(tx, lot_id)
    if row is None:
        return False
    await tell_lender(tx, row, kind=kind, subject=subject)
    return True
