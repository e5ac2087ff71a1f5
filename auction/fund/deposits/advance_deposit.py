"""Advance the winner's card money: the operator pays the court from his own funds and waits for the provider himself.

1. Money at a card provider is not in the case account (practice 32); the advance makes it so within the legal time.
2. The advance is ordered at the bank under a stored key and booked when its line arrives at the court's account.
3. With it the operator takes over the case's claim on the provider, fees and delays included.
4. A refund that a card cannot take is covered in the same way (`cover_refund`), within the same hours: a house rule (F79).

Source: 网拍 25.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from auction.fund.deposits import store
from auction.fund.deposits.tables import AdvanceRow, DepositRow, RouteRow
from auction.fund.ledger.open_case_fund import case_fund_view
from auction.fund.references import make_reference
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.law.parameters import LAW
from auction.law.periods import hours_end

ADVANCE_DEPOSIT = "fund.advance_deposit"
CHECK_ADVANCE = "fund.check_advance"
ADVANCE_LATE = "advance_late"
"""Alarm: half of the legal time is over and the buyer's card money has not reached the court."""


class OperatorTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer from the operator's own account to a case's account."""

    key: str
    to_account: str
    amount_fen: int
    remark: str


class OperatorAccount(Protocol):
    """The operator's own account at his bank."""

    async def send(self, transfer: OperatorTransfer) -> None:
        """Send own money; the same key pays once. Raises `OutcomeUnknown`, `Unavailable`, `ProviderRefused`."""


class AdvanceAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the jobs that send an advance and that look whether it arrived."""

    advance_id: UUID


async def ask_advance(tx: Transaction, deposit: DepositRow, *, closed_at: datetime) -> None:
    """Ask for the advance of what was paid by card for an applied deposit; nothing where nothing was."""
    paid = [p for p in await store.payments_of_deposit(tx, deposit.deposit_id) if p.state == "succeeded"]
    amount_fen = 0
    for payment in paid:
        amount_fen += payment.taken_fen - (await store.refunded_of_payment(tx, payment.payment_id)).fen
    if amount_fen <= 0:
        return
    advance_id = named_id("advance", str(deposit.deposit_id))
    await ask_operator(tx, deposit, advance_id=advance_id, amount_fen=amount_fen, since=closed_at)


async def ask_operator(
    tx: Transaction,
    deposit: DepositRow,
    *,
    advance_id: UUID,
    amount_fen: int,
    since: datetime,
    refund_id: UUID | None = None,
) -> None:
    """Ask the operator for his own money and start its clock at ``since``; ``refund_id``: it covers this refund."""
    allowed = LAW.duration("auction.transfer_deposit_to_court_hours", on=local_day(since))
    row = AdvanceRow(
        advance_id=advance_id,
        deposit_id=deposit.deposit_id,
        case_id=deposit.case_id,
        amount_fen=amount_fen,
        bank_key=f"advance:{advance_id}",
        reference=make_reference("advance", advance_id),
        state="asked",
        due_at=hours_end(since, allowed),
        asked_at=tx.now,
        refund_id=refund_id,
    )
    await store.add(tx, row)
    await store.add(
        tx,
        RouteRow(route=row.reference, kind="advance", subject_id=advance_id, case_id=row.case_id, opened_at=tx.now),
    )
    await enqueue(tx, ADVANCE_DEPOSIT, AdvanceAsked(advance_id=advance_id))
    await enqueue(tx, CHECK_ADVANCE, AdvanceAsked(advance_id=advance_id), due_at=since + allowed / 2)


async def handle_advance_deposit(db: Database, operator: OperatorAccount, job: Job) -> None:
    """Send the advance; the same key again if the outcome is unknown."""
    advance_id = job.decode(AdvanceAsked).advance_id
    async with db.reading() as tx:
        row = await tx.session.get(AdvanceRow, advance_id)
        if row is None or row.state != "asked":
            return
        to_account = (await case_fund_view(tx, row.case_id)).account_number
    await operator.send(
        OperatorTransfer(
            key=row.bank_key, to_account=to_account, amount_fen=row.amount_fen, remark=f"垫付 {row.reference}"
        )
    )

    async def note(tx: Transaction) -> None:
        sent = await store.advance_row(tx, advance_id)
        if sent is not None and sent.state == "asked":
            sent.state = "sent"
            await tx.session.flush()

    await db.transact(note)


async def handle_check_advance(db: Database, job: Job) -> None:
    """Ring the alarm when the buyer's card money has not reached the court at half time."""
    advance_id = job.decode(AdvanceAsked).advance_id

    async def work(tx: Transaction) -> None:
        row = await store.advance_row(tx, advance_id)
        if row is not None and row.state != "received":
            detail = f"{row.amount_fen} fen, due {row.due_at}"
            await store.raise_alarm(tx, ADVANCE_LATE, advance_id, case_id=row.case_id, detail=detail)

    await db.transact(work)
