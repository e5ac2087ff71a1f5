"""Show loans: one to its borrower or its lender, a lender's own to its officers (loans rule 5)."""

from __future__ import annotations

from uuid import UUID

from auction.fund.loans import store
from auction.fund.loans.loans import LenderUnnamed, LoanUnknown, LoanView
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Transaction

LOANS_AT_ONCE = 100
LAST_PAGE = 10_000


async def loan_shown(tx: Transaction, loan_id: UUID, actor: Actor) -> LoanView:
    """Give a loan; another borrower's and another lender's is refused as unknown (`LoanUnknown`)."""
    row = await store.loan_row(tx, loan_id)
    if row.person_id == actor.person_id:
        return store.loan_view(row)
    if Role.LENDER not in actor.roles or actor.institution is None:
        raise LoanUnknown(loan_id=loan_id)
    if await store.lender_of_product(tx, row.product_id) != actor.institution:
        raise LoanUnknown(loan_id=loan_id)
    return store.loan_view(row)


async def loans_shown(tx: Transaction, actor: Actor, *, page: int = 1) -> list[LoanView]:
    """Give the loans of the officer's own institution, newest first, `LOANS_AT_ONCE` a page.

    Raises `LenderUnnamed` when his role names no institution.
    """
    require_role(actor, Role.LENDER)
    if actor.institution is None:
        raise LenderUnnamed
    offset = (min(max(page, 1), LAST_PAGE) - 1) * LOANS_AT_ONCE
    rows = await store.loans_of_lender(tx, actor.institution, limit=LOANS_AT_ONCE, offset=offset)
    return [store.loan_view(row) for row in rows]
