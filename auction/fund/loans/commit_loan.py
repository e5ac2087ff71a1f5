"""Commit a loan: after the close, the lender promises by a signed letter."""

from __future__ import annotations

from uuid import UUID

from auction.fund.deposits.purchases import balance_due, purchase_view
from auction.fund.gateway import ProviderRefused
from auction.fund.loans import store
from auction.fund.loans.answer_clock import start_commitment_clock, stop_clock
from auction.fund.loans.applications import Asked, require_own_money, require_share
from auction.fund.loans.asking import LoanAsked, asking, commitment_key
from auction.fund.loans.lender import Commitment, CommitmentAsked, Lenders
from auction.fund.loans.loans import (
    LoanState,
    LoanUnknown,
    LoanView,
    read_ratio,
    require_approved_on,
    require_move,
    require_within,
)
from auction.fund.loans.tables import LoanRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import ZERO, Money, total

ASK_COMMITMENT = "fund.ask_commitment"
CANCEL_COMMITMENT = "fund.cancel_commitment"


class CommitLoan(Command, frozen=True, kw_only=True):
    """Ask the lender to commit this much for the purchase."""

    loan_id: UUID
    amount_fen: int


async def commit_loan(db: Database, actor: Actor, command: CommitLoan) -> LoanView:
    """Ask for the commitment letter.

    Raises `LoanUnknown` (also when another bought), `PurchaseUnknown`, `LoanMoveNotAllowed`, `LoanApprovalLapsed`,
    `LoanAboveCommitment`, `LoanAboveBalance`, `LoanAboveValue` (less own money than the price asks, all his loans for it together).
    """
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> LoanView:
        row = await store.own_loan(tx, actor, command.loan_id)
        purchase = await purchase_view(tx, row.round_id)
        if purchase.registration_id != row.registration_id:
            raise LoanUnknown(loan_id=command.loan_id)
        require_move(LoanState(row.state), LoanState.COMMITTING)
        require_approved_on(row.approved_until, local_day(tx.now))
        approved = ZERO if row.approved_fen is None else Money(row.approved_fen)
        missing = await balance_due(tx, row.round_id)
        amount = Money.positive(command.amount_fen)
        require_within(amount, stood_for=approved, missing=missing)
        _require_share(tx, row, amount, Money(purchase.hammer_price_fen))
        await _require_own_money(tx, row, amount, Money(purchase.hammer_price_fen))
        row.asked_fen, row.reason = command.amount_fen, None
        row.commitment_asks += 1
        await start_commitment_clock(tx, row)
        await store.move_loan(tx, row, LoanState.COMMITTING, event="commitment_asked")
        await enqueue(tx, ASK_COMMITMENT, LoanAsked(loan_id=row.loan_id, key=commitment_key(row)))
        return store.loan_view(row)

    return await db.carry_out(actor, command, work, LoanView)


def _require_share(tx: Transaction, row: LoanRow, amount: Money, price: Money) -> None:
    """Check the loan against the price that was reached; loans from before the value was asked are not."""
    if row.value_fen is None or row.asset_class is None or row.max_share is None:
        return
    asked = Asked(amount=amount, price=price, value=Money(row.value_fen), asset_class=row.asset_class)
    require_share(asked, share=read_ratio(row.max_share), on=local_day(tx.now))


async def _require_own_money(tx: Transaction, row: LoanRow, amount: Money, price: Money) -> None:
    """Check what all loans together leave of the price: a second lender's money is no own money (`LoanAboveValue`)."""
    if row.asset_class is None:
        return
    others = [loan for loan in await store.loans_of_round(tx, row.round_id) if loan.loan_id != row.loan_id]
    promised = total([promised_by(loan) for loan in others if loan.registration_id == row.registration_id])
    require_own_money(amount + promised, price, row.asset_class, on=local_day(tx.now))


def promised_by(row: LoanRow) -> Money:
    """Give what a loan stands for in the price: what was paid in, else promised, else asked for; nothing once it was given up."""
    if row.state in (LoanState.REFUSED.value, LoanState.CANCELLED.value, LoanState.APPROVED.value):
        return Money(row.received_fen)
    return Money(max(row.received_fen, row.committed_fen or row.asked_fen or 0))


async def handle_ask_commitment(db: Database, lenders: Lenders, job: Job) -> None:
    """Ask the lender for his letter and note it; what he refuses leaves the pre-approval standing."""
    asked = job.decode(LoanAsked)
    await asking(db, job, asked, lambda: _ask(db, lenders, asked))


async def _ask(db: Database, lenders: Lenders, asked: LoanAsked) -> None:
    async with db.reading() as tx:
        row = await store.loan_row(tx, asked.loan_id)
        key = asked.key or commitment_key(row)
        is_over = is_taken_back(row, key)
        if row.state != LoanState.COMMITTING.value and not is_over:
            return
        lender = lenders[await store.lender_of_product(tx, row.product_id)]
        hammer_price_fen = (await purchase_view(tx, row.round_id)).hammer_price_fen
    if is_over:
        # We may have asked him before it was taken back, and died before his answer was noted.
        await db.transact(lambda tx: _give_back(tx, row.loan_id, key))
        return
    assert row.approval_no is not None and row.asked_fen is not None, "a loan that commits was approved and asked"
    request = CommitmentAsked(
        key=key,
        approval_no=row.approval_no,
        amount_fen=row.asked_fen,
        hammer_price_fen=hammer_price_fen,
        case_ref=str(row.case_id),
    )
    try:
        commitment: Commitment | None = await lender.commit(request)
        reason = ""
    except ProviderRefused as refused:
        commitment, reason = None, refused.code
    await db.transact(lambda tx: _note(tx, row.loan_id, key, commitment, reason))


def is_taken_back(row: LoanRow, key: str) -> bool:
    """Whether what was asked under this key is not wanted any more: given up, retracted, or asked anew."""
    given_up = row.state in (LoanState.CANCELLED.value, LoanState.APPROVED.value)
    return given_up or (row.asked_fen is not None and key != commitment_key(row))


async def _note(tx: Transaction, loan_id: UUID, key: str, commitment: Commitment | None, reason: str) -> None:
    await tx.about_case(await store.case_of_loan(tx, loan_id))
    row = await store.loan_row(tx, loan_id)
    if commitment is not None and is_taken_back(row, key):
        await _give_back(tx, loan_id, key)
        return
    if row.state != LoanState.COMMITTING.value or row.asked_fen is None or key != commitment_key(row):
        return
    await stop_clock(tx, row)
    if commitment is None:
        row.reason = reason
        await store.move_loan(tx, row, LoanState.APPROVED, event="commitment_refused")
        await store.note_told(tx, loan_id, kind="commitment_refused", subject=key, told="buyer")
        return
    row.commitment_no, row.letter = commitment.commitment_no, commitment.letter
    row.committed_fen = min(commitment.amount_fen, row.asked_fen)
    await store.move_loan(tx, row, LoanState.COMMITTED, event="committed")
    await store.note_told(tx, loan_id, kind="committed", subject=commitment.commitment_no, told="court")


async def _give_back(tx: Transaction, loan_id: UUID, key: str) -> None:
    """Have the lender's promise cancelled: he gave it while it was taken back."""
    await enqueue(tx, CANCEL_COMMITMENT, LoanAsked(loan_id=loan_id, key=key))
