"""Draw a loan: the lender pays straight into the case account; his money arrives as any receipt, with the reference.

What arrives beyond the commitment or the balance is not applied: it stands as refund payable to the lender.
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.deposits.purchases import balance_due
from auction.fund.deposits.store import clear_alarm
from auction.fund.gateway import ProviderRefused
from auction.fund.ledger.open_case_fund import case_fund_view
from auction.fund.loans import store
from auction.fund.loans.answer_clock import stop_clock
from auction.fund.loans.asking import LoanAsked, asking, commitment_key
from auction.fund.loans.commit_loan import CANCEL_COMMITMENT
from auction.fund.loans.draw_clock import DRAW_LATE, draw_key, start_clock
from auction.fund.loans.lender import Draw, DrawAsked, Lenders
from auction.fund.loans.loans import (
    LoanState,
    LoanView,
    require_move,
    require_not_in_price,
    require_within,
)
from auction.fund.loans.tables import LoanRow
from auction.fund.look_again import look_again
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import ZERO, Money

ASK_DRAW = "fund.ask_draw"


class DrawLoan(Command, frozen=True, kw_only=True):
    """Draw this much of the committed loan for the balance."""

    loan_id: UUID
    amount_fen: int


class CancelLoan(Command, frozen=True, kw_only=True):
    """Give the loan up, as long as the lender's money is not in the price."""

    loan_id: UUID


async def draw_loan(db: Database, actor: Actor, command: DrawLoan) -> LoanView:
    """Ask the lender to pay. Raises `LoanUnknown`, `LoanMoveNotAllowed`, `LoanAboveCommitment`, `LoanAboveBalance`."""
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> LoanView:
        row = await store.own_loan(tx, actor, command.loan_id)
        require_move(LoanState(row.state), LoanState.DRAWING)
        committed = ZERO if row.committed_fen is None else Money(row.committed_fen)
        missing = await balance_due(tx, row.round_id)
        require_within(Money.positive(command.amount_fen), stood_for=committed, missing=missing)
        row.drawn_fen = command.amount_fen
        await start_clock(tx, row)
        await store.move_loan(tx, row, LoanState.DRAWING, event="draw_asked")
        await enqueue(tx, ASK_DRAW, LoanAsked(loan_id=row.loan_id))
        return store.loan_view(row)

    return await db.carry_out(actor, command, work, LoanView)


async def handle_ask_draw(db: Database, lenders: Lenders, job: Job) -> None:
    """Ask the lender for the money, and look again while he has not said that it is paid or failed."""
    asked = job.decode(LoanAsked)
    await asking(db, job, asked, lambda: _ask(db, lenders, asked))


async def _ask(db: Database, lenders: Lenders, asked: LoanAsked) -> None:
    async with db.reading() as tx:
        row = await store.loan_row(tx, asked.loan_id)
        if row.state != LoanState.DRAWING.value:
            return
        lender = lenders[await store.lender_of_product(tx, row.product_id)]
        to_account = (await case_fund_view(tx, row.case_id)).account_number
    try:
        draw = await lender.draw(_draw_of(row, to_account))
    except ProviderRefused as refused:
        draw = Draw(key="", state="failed", reason=refused.code)
    if draw.state == "failed":
        await db.transact(lambda tx: _back_to_committed(tx, asked.loan_id, draw.reason))
    elif draw.state != "paid":
        again = LoanAsked(loan_id=asked.loan_id, look=asked.look + 1)
        await db.transact(lambda tx: look_again(tx, ASK_DRAW, again, look=asked.look))


def _draw_of(row: LoanRow, to_account: str) -> DrawAsked:
    assert row.commitment_no is not None and row.drawn_fen is not None, "a loan that draws was committed"
    return DrawAsked(
        key=draw_key(row.loan_id, row.drawn_fen),
        commitment_no=row.commitment_no,
        amount_fen=row.drawn_fen,
        to_account=to_account,
        reference=row.reference,
    )


async def _back_to_committed(tx: Transaction, loan_id: UUID, reason: str) -> None:
    await tx.about_case(await store.case_of_loan(tx, loan_id))
    row = await store.loan_row(tx, loan_id)
    if row.state == LoanState.DRAWING.value:
        row.reason = reason
        await store.move_loan(tx, row, LoanState.COMMITTED, event="draw_failed")


async def cancel_loan(db: Database, actor: Actor, command: CancelLoan) -> LoanView:
    """Give a loan up. Raises `LoanUnknown`, `LoanInPrice`, `LoanMoveNotAllowed`."""
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> LoanView:
        row = await store.own_loan(tx, actor, command.loan_id)
        require_not_in_price(LoanState(row.state))
        await cancel_one(tx, row)
        return store.loan_view(row)

    return await db.carry_out(actor, command, work, LoanView)


async def cancel_loans(tx: Transaction, round_id: UUID) -> None:
    """Cancel every open loan of a round within the transaction that cancels its purchase."""
    for row in await store.loans_of_round(tx, round_id):
        if LoanState(row.state) not in (LoanState.REFUSED, LoanState.CANCELLED):
            await cancel_one(tx, row)


async def cancel_one(tx: Transaction, row: LoanRow) -> None:
    """Cancel one loan and tell the lender after the commit, where he was asked to promise."""
    await stop_clock(tx, row)
    await store.move_loan(tx, row, LoanState.CANCELLED, event="cancelled")
    await clear_alarm(tx, DRAW_LATE, row.loan_id)
    if row.asked_fen is not None:
        await enqueue(tx, CANCEL_COMMITMENT, LoanAsked(loan_id=row.loan_id, key=commitment_key(row)))


async def handle_cancel_commitment(db: Database, lenders: Lenders, job: Job) -> None:
    """Tell the lender that his commitment is not needed; one that was drawn is his own affair."""
    given_up = job.decode(LoanAsked)
    async with db.reading() as tx:
        row = await store.loan_row(tx, given_up.loan_id)
        lender = lenders[await store.lender_of_product(tx, row.product_id)]
    assert row.asked_fen is not None, "a committed loan was asked for"
    try:
        await lender.cancel(given_up.key or commitment_key(row))
    except ProviderRefused:
        return
