"""Show a loan to its borrower, or to the lender."""

from __future__ import annotations

from uuid import UUID

from auction.fund.loans import store
from auction.fund.loans.loans import LoanUnknown, LoanView
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction


async def loan_shown(tx: Transaction, loan_id: UUID, actor: Actor) -> LoanView:
    """Give a loan; another borrower's is refused as unknown (`LoanUnknown`)."""
    row = await store.loan_row(tx, loan_id)
    if Role.LENDER not in actor.roles and row.person_id != actor.person_id:
        raise LoanUnknown(loan_id=loan_id)
    return store.loan_view(row)
