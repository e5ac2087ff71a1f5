"""Release deposits after a round: losers', and everybody's when nobody bought; due by law, with an alarm at half time.

1. What was paid goes back to where it came from, each receipt and payment for itself; an authorisation is given up.
2. The legal clock runs from the close of the round and ends with the provider's confirmation, not with our order.
3. A repetition changes nothing.

Source: 网拍 23.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from auction.fund.deposits import store
from auction.fund.deposits.deposits import ALARM_SHARE, Backing, DepositState, DepositView, refund_due
from auction.fund.deposits.record_receipt import deposit_account, end_authorisation, is_backed_by, refund_sources
from auction.fund.deposits.send_refund import ask_refund_of_payment, payment_refund_id_of, refund_account
from auction.fund.deposits.tables import CardPaymentRow, DepositRow
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import Money
from auction.law.parameters import LAW

RELEASE_DEPOSIT = "fund.release_deposit"
CHECK_RELEASE = "fund.check_release"
CANCEL_PAYMENT = "fund.cancel_payment"
RELEASE_LATE = "release_late"
"""Alarm: half of the legal time is over and the money is not confirmed back."""


class ReleaseAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the jobs that release a deposit and that look whether it went back."""

    deposit_id: UUID
    closed_at: datetime


class PaymentGivenUp(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that cancels an unpaid payment at the provider."""

    payment_id: UUID


class ReleaseDeposit(Command, frozen=True, kw_only=True):
    """Release this deposit; ``closed_at`` is the close of its round, from which the legal time runs."""

    deposit_id: UUID
    closed_at: datetime


def release_time(closed_at: datetime) -> timedelta:
    """The legal time for refunds to those who did not buy."""
    return LAW.duration("auction.refund_hours", on=local_day(closed_at))


def release_due(closed_at: datetime) -> datetime:
    """The last instant that is in time for refunds to those who did not buy. Source: 网拍 23."""
    return refund_due(closed_at)


async def release_deposit(db: Database, actor: Actor, command: ReleaseDeposit) -> DepositView:
    """Release a deposit and show it. Raises `DepositUnknown`, `DepositMoveNotAllowed`."""
    require_role(actor, Role.SYSTEM, Role.CASE_HANDLER, Role.FINANCE)

    async def work(tx: Transaction) -> DepositView:
        await tx.about_case(await store.case_of_deposit(tx, command.deposit_id))
        await release(tx, command.deposit_id, closed_at=command.closed_at)
        return await store.deposit_view(tx, await store.deposit_row(tx, command.deposit_id))

    return await db.carry_out(actor, command, work, DepositView)


async def handle_release_deposit(db: Database, job: Job) -> None:
    """Release a deposit by job."""
    asked = job.decode(ReleaseAsked)

    async def work(tx: Transaction) -> None:
        await tx.about_case(await store.case_of_deposit(tx, asked.deposit_id))
        await release(tx, asked.deposit_id, closed_at=asked.closed_at)

    await db.transact(work)


async def handle_check_release(db: Database, job: Job) -> None:
    """Ring the alarm when a deposit is not confirmed back at half time (rule 2)."""
    asked = job.decode(ReleaseAsked)

    async def work(tx: Transaction) -> None:
        row = await store.deposit_row(tx, asked.deposit_id)
        view = await store.deposit_view(tx, row)
        if row.state == DepositState.RELEASED.value and view.refunded:
            return
        detail = f"state {row.state}, due {release_due(asked.closed_at)}"
        await store.raise_alarm(tx, RELEASE_LATE, row.deposit_id, case_id=row.case_id, detail=detail)

    await db.transact(work)


async def plan_release(tx: Transaction, deposit: DepositRow, *, closed_at: datetime) -> None:
    """Enqueue the release of a deposit and its alarm, and start the legal clock on it."""
    allowed = release_time(closed_at)
    deposit.release_due_at = release_due(closed_at)
    await tx.session.flush()
    asked = ReleaseAsked(deposit_id=deposit.deposit_id, closed_at=closed_at)
    await enqueue(tx, RELEASE_DEPOSIT, asked)
    await enqueue(tx, CHECK_RELEASE, asked, due_at=closed_at + allowed / ALARM_SHARE)


async def release(tx: Transaction, deposit_id: UUID, *, closed_at: datetime) -> None:
    """Release a deposit within the caller's transaction (rules 1 and 3)."""
    row = await store.deposit_row(tx, deposit_id)
    if row.state == DepositState.RELEASED.value:
        return
    due_at = release_due(closed_at)
    row.release_due_at = due_at
    payments = await store.payments_of_deposit(tx, deposit_id)
    for payment in payments:
        await give_up(tx, row, payment, due_at=due_at)
    entry_id = await _send_cash_back(tx, row, [p for p in payments if p.state == "succeeded"], due_at)
    await store.move_deposit(tx, row, DepositState.RELEASED, event="released", entry_id=entry_id)


async def _send_cash_back(
    tx: Transaction, row: DepositRow, paid: list[CardPaymentRow], due_at: datetime
) -> UUID | None:
    held = await ledger.balance_of(tx, deposit_account(row))
    if not held:
        return None
    receipts = await store.receipts_for(tx, "deposit", row.deposit_id)
    owed = await refund_sources(
        tx,
        lambda refund_id: refund_account(row.case_id, refund_id),
        sources=[*receipts, *paid],
        reason="release",
        due_at=due_at,
    )
    entry = book(
        f"release:{row.deposit_id}",
        Cause.DEPOSIT_RELEASED,
        [Posting(deposit_account(row), held), *owed],
        case_id=row.case_id,
        subject_id=row.deposit_id,
    )
    return await post_entry(tx, entry)


async def give_up(tx: Transaction, row: DepositRow, payment: CardPaymentRow, *, due_at: datetime | None) -> None:
    """Give up an authorisation or a payment that nobody made."""
    if payment.state in ("asked", "open"):
        await enqueue(tx, CANCEL_PAYMENT, PaymentGivenUp(payment_id=payment.payment_id))
    if payment.state != "authorised":
        return
    if await is_backed_by(tx, row, payment):
        await end_authorisation(tx, row, payment)
        row.backing = Backing.NONE.value
    refund_id = payment_refund_id_of("release", payment.payment_id)
    memorandum = Account(AccountKind.AUTHORISED_OWED, row.case_id, row.deposit_id)
    await ask_refund_of_payment(
        tx, payment, Money(payment.amount_fen), refund_id=refund_id, account=memorandum, due_at=due_at
    )
