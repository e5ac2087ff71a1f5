"""Take the request for a commitment back: the lender is silent, or has refused in another way than by his answer.

1. The pre-approval stands again, as far as its last day is not over: the borrower asks again, for another amount if he likes, or gives up.
2. The lender is asked to cancel what he may have promised under the old key; a promise that still comes under it is given back.
3. What the buyer owes and until when does not move (网拍 24, 25).
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.loans import store
from auction.fund.loans.answer_clock import stop_clock
from auction.fund.loans.asking import LoanAsked, commitment_key
from auction.fund.loans.commit_loan import CANCEL_COMMITMENT
from auction.fund.loans.loans import LoanMoveNotAllowed, LoanState, LoanView
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import enqueue

TOLD_REFUSED = "refused_as_told"
"""Reason kept with a loan: its borrower says that the lender refused to commit."""
RETRACTED = "retracted"
"""Reason kept with a loan: its borrower took the request back."""


class RetractCommitment(Command, frozen=True, kw_only=True):
    """Take the request for a commitment back; ``refused``: the lender has said otherwise that he refuses."""

    loan_id: UUID
    refused: bool


async def retract_commitment(db: Database, actor: Actor, command: RetractCommitment) -> LoanView:
    """Take the request back. Raises `LoanUnknown` (another's), `LoanMoveNotAllowed` (nothing is asked)."""
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> LoanView:
        row = await store.own_loan(tx, actor, command.loan_id)
        if row.state != LoanState.COMMITTING.value:
            raise LoanMoveNotAllowed(from_state=row.state, to_state=LoanState.APPROVED.value)
        row.reason = TOLD_REFUSED if command.refused else RETRACTED
        await stop_clock(tx, row)
        await store.move_loan(tx, row, LoanState.APPROVED, event="commitment_retracted")
        key = commitment_key(row)
        if command.refused:
            await store.note_told(tx, row.loan_id, kind="commitment_refused", subject=key, told="buyer")
        await enqueue(tx, CANCEL_COMMITMENT, LoanAsked(loan_id=row.loan_id, key=key))
        return store.loan_view(row)

    return await db.carry_out(actor, command, work, LoanView)
