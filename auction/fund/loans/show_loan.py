"""Show loans: one to its borrower or its lender, a lender's own to its officers (loans rule 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from auction.fund.loans import store
from auction.fund.loans.loans import LenderUnnamed, LoanState, LoanUnknown, LoanView
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


class CommittedLoan(msgspec.Struct, frozen=True, kw_only=True):
    """A loan for a purchase as the court sees it from the commitment letter on; the borrower's means are not its business."""

    reference: str
    lender: str
    state: LoanState
    commitment_no: str
    committed_fen: int
    drawn_fen: int | None
    received_fen: int
    draw_due_at: datetime | None
    letter_sha256: str
    letter: dict[str, Any]
    """The signed document as the lender wrote it."""


async def committed_loans(tx: Transaction, case_id: UUID) -> tuple[CommittedLoan, ...]:
    """Give the loans that lenders committed for purchases of a case, oldest first."""
    shown = []
    for row in await store.loans_of_case(tx, case_id):
        letter = row.letter or {}
        product = await store.product_of_loan(tx, row.product_id)
        shown.append(
            CommittedLoan(
                reference=row.reference,
                lender=product.lender,
                state=LoanState(row.state),
                commitment_no=row.commitment_no or "",
                committed_fen=row.committed_fen or 0,
                drawn_fen=row.drawn_fen,
                received_fen=row.received_fen,
                draw_due_at=row.draw_due_at,
                letter_sha256=letter.get("sha256", ""),
                letter=letter.get("document", {}),
            )
        )
    return tuple(shown)


async def letter_shown(tx: Transaction, loan_id: UUID, actor: Actor, *, kind: str) -> dict[str, Any]:
    """Give a letter of a loan as the lender signed it, to its borrower or its lender. Raises `LoanUnknown`."""
    await loan_shown(tx, loan_id, actor)
    row = await store.loan_row(tx, loan_id)
    letter: dict[str, Any] | None = {"approval": row.approval_letter, "commitment": row.letter}.get(kind)
    if letter is None:
        raise LoanUnknown(loan_id=loan_id)
    return letter


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
