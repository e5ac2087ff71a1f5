"""Apply the winner's deposit to the price, and close the deposits of a round.

1. `close_deposits` runs in the sale's transaction when an outcome is recorded: it opens the purchase and starts the
   clocks; the jobs do the rest, one deposit each.
2. An authorisation is captured first; only cash is applied.
3. Card money reaches the court's account by the operator's advance, asked for at once (网拍 25).
4. What a deposit holds above what is still missing to the price goes back (a prepaid sell-off can, and a price paid early).
5. Of an authorisation no more is captured than is missing to the price; how much is stored before the provider is asked.
   Where nothing is missing it is given up.
6. Whoever left a stopped round cannot have bought in it: where an outcome says so, nothing is settled and a person is called, before
   the same deposit is sent back and counted towards the price.

Source: 网拍 23, 25.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.fund.deposits import store
from auction.fund.deposits.advance_deposit import ask_advance
from auction.fund.deposits.deposits import Backing, DepositState, DepositUnknown, DepositView, after_round, require_move
from auction.fund.deposits.move_deposit import note_if_moved, plan_check
from auction.fund.deposits.purchases import PurchaseUnknown, balance_due, note_if_complete, open_purchase
from auction.fund.deposits.record_receipt import (
    APPLY_DEPOSIT,
    SWEEP_RECEIPT,
    ApplyAsked,
    SweepAsked,
    deposit_account,
    refund_sources,
)
from auction.fund.deposits.release_deposit import give_up, plan_release
from auction.fund.deposits.send_refund import refund_account
from auction.fund.deposits.tables import CardPaymentRow, DepositRow, PurchaseRow
from auction.fund.gateway import CARD_LEAST_FEN
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import InvariantViolated
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import ZERO, Money

CAPTURE_PAYMENT = "fund.capture_payment"


class CaptureAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that captures an authorisation."""

    payment_id: UUID


class ApplyDeposit(Command, frozen=True, kw_only=True):
    """Apply this deposit to its purchase; ``closed_at`` is the close of the round."""

    deposit_id: UUID
    closed_at: datetime


async def close_deposits(
    tx: Transaction,
    *,
    round_id: UUID,
    closed_at: datetime,
    buyer_registration_id: UUID | None,
    hammer_price: Money | None,
    balance_due_on: date | None,
) -> None:
    """Settle all deposits of a round that closed: the buyer's is applied, all others are released (rule 1).

    ``buyer_registration_id`` and ``hammer_price`` are ``None`` when nobody bought. Raises `DepositUnknown`
    when the buyer has no deposit in this round, `InvariantViolated` when he left before the close (rule 6).
    """
    rows = {row.registration_id: row for row in await store.deposits_of_round(tx, round_id)}
    settled = after_round(tuple(rows), buyer=buyer_registration_id)
    if buyer_registration_id is not None and not settled.applied:
        raise DepositUnknown(registration_id=buyer_registration_id)
    for registration_id in settled.applied:
        assert hammer_price is not None, "a buyer has a price"
        bought = rows[registration_id]
        if bought.release_due_at is not None:
            raise InvariantViolated(
                f"deposit {bought.deposit_id} of the buyer is on its way back: he left before the close"
            )
        purchase = await open_purchase(tx, deposit=bought, hammer_price=hammer_price, balance_due_on=balance_due_on)
        await plan_check(tx, purchase, closed_at=closed_at)
        await enqueue(tx, APPLY_DEPOSIT, ApplyAsked(deposit_id=bought.deposit_id, closed_at=closed_at))
    for registration_id in settled.released:
        if rows[registration_id].ended_at is None and rows[registration_id].release_due_at is None:
            await plan_release(tx, rows[registration_id], closed_at=closed_at)


async def apply_deposit(db: Database, actor: Actor, command: ApplyDeposit) -> DepositView:
    """Apply the winner's deposit and show it. Raises `DepositUnknown`, `DepositMoveNotAllowed`, `PurchaseUnknown`."""
    require_role(actor, Role.SYSTEM, Role.CASE_HANDLER, Role.FINANCE)

    async def work(tx: Transaction) -> DepositView:
        await tx.about_case(await store.case_of_deposit(tx, command.deposit_id))
        await apply(tx, command.deposit_id, closed_at=command.closed_at)
        return await store.deposit_view(tx, await store.deposit_row(tx, command.deposit_id))

    return await db.carry_out(actor, command, work, DepositView)


async def handle_apply_deposit(db: Database, job: Job) -> None:
    """Apply the winner's deposit by job."""
    asked = job.decode(ApplyAsked)

    async def work(tx: Transaction) -> None:
        await tx.about_case(await store.case_of_deposit(tx, asked.deposit_id))
        await apply(tx, asked.deposit_id, closed_at=asked.closed_at)

    await db.transact(work)


async def apply(tx: Transaction, deposit_id: UUID, *, closed_at: datetime) -> None:
    """Apply a deposit within the caller's transaction; an authorisation is only asked to be captured (rule 2)."""
    row = await store.deposit_row(tx, deposit_id)
    if row.state == DepositState.APPLIED.value:
        return
    purchase = await store.purchase_of_deposit(tx, deposit_id)
    if purchase is None:
        raise PurchaseUnknown(deposit_id=deposit_id)
    if purchase.state == "cancelled" and row.ended_at is not None:
        return  # the purchase fell before its deposit was applied, and decided over the deposit, too
    require_move(DepositState(row.state), DepositState.APPLIED)
    if row.backing == Backing.AUTHORISATION.value and not await _ask_capture(tx, row, purchase):
        return
    entry_id = await _book(tx, row, purchase)
    await store.move_deposit(tx, row, DepositState.APPLIED, event="applied", entry_id=entry_id)
    await _give_up_unpaid(tx, row)
    await ask_advance(tx, row, closed_at=closed_at)
    for receipt in await store.receipts_for(tx, "deposit", deposit_id):
        await enqueue(tx, SWEEP_RECEIPT, SweepAsked(receipt_id=receipt.receipt_id))
    await note_if_complete(tx, purchase)
    await note_if_moved(tx, deposit_id)


async def _give_up_unpaid(tx: Transaction, row: DepositRow) -> None:
    """Give up card payments that nobody made: the deposit is there, and its case may close (`open_payments`)."""
    for payment in await store.payments_of_deposit(tx, row.deposit_id):
        if payment.state in ("asked", "open"):
            await give_up(tx, row, payment, due_at=None)


async def charge_authorised(tx: Transaction, round_id: UUID) -> None:
    """Have every authorisation of a round captured whole: the round was stopped, and no hold is sure to outlive it (deposits rule 4)."""
    for row in await store.deposits_of_round(tx, round_id):
        if row.state == DepositState.HELD.value and row.backing == Backing.AUTHORISATION.value:
            for payment in await store.payments_of_deposit(tx, row.deposit_id):
                if payment.state == "authorised":
                    await plan_capture(tx, payment, Money(payment.amount_fen))


async def move_end(tx: Transaction, round_id: UUID, *, closes_at: datetime) -> None:
    """Let the deposits of a round run to its new end, never to an earlier one: by it holds are measured, loans and clocks counted."""
    for row in await store.deposits_of_round(tx, round_id):
        if row.ended_at is None and closes_at > row.closes_at:
            row.closes_at = closes_at
    await tx.session.flush()


async def _ask_capture(tx: Transaction, row: DepositRow, purchase: PurchaseRow) -> bool:
    """Ask for what is missing to the price; true when nothing is, and the authorisation was given up (rule 5)."""
    missing = await _missing(tx, purchase)
    for payment in await store.payments_of_deposit(tx, row.deposit_id):
        if payment.state != "authorised":
            continue
        if payment.captured_fen is None and not missing:
            await give_up(tx, row, payment, due_at=None)
            return True
        await plan_capture(tx, payment, missing)
    return False


async def plan_capture(tx: Transaction, payment: CardPaymentRow, wanted: Money) -> None:
    """Fix how much is taken of an authorisation, once, and have it captured; no less than the provider takes."""
    if payment.captured_fen is None:
        payment.captured_fen = min(payment.amount_fen, max(wanted.fen, CARD_LEAST_FEN))
        await tx.session.flush()
    await enqueue(tx, CAPTURE_PAYMENT, CaptureAsked(payment_id=payment.payment_id))


async def _missing(tx: Transaction, purchase: PurchaseRow) -> Money:
    return max(ZERO, await balance_due(tx, purchase.round_id))


async def _book(tx: Transaction, row: DepositRow, purchase: PurchaseRow) -> UUID | None:
    held = await ledger.balance_of(tx, deposit_account(row))
    if not held:
        return None
    applied = min(held, await _missing(tx, purchase))
    payments = [p for p in await store.payments_of_deposit(tx, row.deposit_id) if p.state == "succeeded"]
    receipts = await store.receipts_for(tx, "deposit", row.deposit_id)
    above = await refund_sources(
        tx,
        lambda refund_id: refund_account(row.case_id, refund_id),
        sources=[*receipts, *payments],
        keep=applied,
        reason="above-price",
    )
    proceeds = Account(AccountKind.PROCEEDS, row.case_id)
    entry = book(
        f"apply:{row.deposit_id}",
        Cause.DEPOSIT_APPLIED,
        [Posting(deposit_account(row), held), *([Posting(proceeds, -applied)] if applied else []), *above],
        case_id=row.case_id,
        subject_id=purchase.round_id,
    )
    return await post_entry(tx, entry)
