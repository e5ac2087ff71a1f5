"""End a bill to the treasury: it was paid, by the treasury's own receipt, or it is cancelled with its reason (`bills`)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.fund.bills.bills import BillEnded, TreasuryReceiptUsed, require_paid_whole
from auction.fund.bills.store import BillShown, bill_end, bill_row, bill_shown, is_receipt_used
from auction.fund.bills.tables import TreasuryBillEndRow, TreasuryBillRow
from auction.fund.deposits.store import add
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.money import Money


class BillEndUnexplained(Malformed):
    """A payment without the treasury's receipt number, or a cancellation without a reason."""

    code = "bill_end_unexplained"
    article = "house: what ends a bill is written down"
    zh = "请填写缴款书号或者作废理由。"
    en = "Say the number of the treasury's receipt, or why the bill is cancelled."


class RecordBillPayment(Command, frozen=True, kw_only=True):
    """The bill was paid to the treasury: its receipt, over exactly the bill's amount."""

    bill_id: UUID
    amount_fen: int
    receipt_number: str
    paid_on: date
    evidence_sha256: str


class CancelTreasuryBill(Command, frozen=True, kw_only=True):
    """Take a bill back that nobody paid."""

    bill_id: UUID
    reason: str
    evidence_sha256: str


async def record_bill_payment(db: Database, actor: Actor, command: RecordBillPayment) -> BillShown:
    """Record that a bill was paid, as finance, and show it. The money never was in the case's account.

    Raises `BillEndUnexplained`, `BillUnknown`, `BillEnded`, `BillAmountDiffers`, `TreasuryReceiptUsed`.
    """
    require_role(actor, Role.FINANCE)
    number = _said(command.receipt_number, "receipt_number")

    async def work(tx: Transaction) -> BillShown:
        bill = await _open_bill(tx, command.bill_id)
        require_paid_whole(
            Money(bill.amount_fen),
            received=Money(command.amount_fen),
            paid_on=command.paid_on,
            today=local_day(tx.now),
        )
        await tx.lock(f"treasury-receipt:{number}")
        if await is_receipt_used(tx, number):
            raise TreasuryReceiptUsed(field="receipt_number")
        end = TreasuryBillEndRow(
            bill_id=bill.bill_id,
            outcome="paid",
            receipt_number=number,
            paid_on=command.paid_on,
            evidence_sha256=command.evidence_sha256,
            by_person_id=actor.person_id,
            ended_at=tx.now,
        )
        await add(tx, end)
        return await bill_shown(tx, bill)

    return await db.carry_out(actor, command, work, BillShown)


async def cancel_treasury_bill(db: Database, actor: Actor, command: CancelTreasuryBill) -> BillShown:
    """Cancel a bill that is open, and show it; what it asked may be billed anew. Raises `BillUnknown`, `BillEnded`."""
    require_role(actor, Role.CASE_HANDLER)
    reason = _said(command.reason, "reason")

    async def work(tx: Transaction) -> BillShown:
        bill = await _open_bill(tx, command.bill_id)
        end = TreasuryBillEndRow(
            bill_id=bill.bill_id,
            outcome="cancelled",
            reason=reason,
            evidence_sha256=command.evidence_sha256,
            by_person_id=actor.person_id,
            ended_at=tx.now,
        )
        await add(tx, end)
        return await bill_shown(tx, bill)

    return await db.carry_out(actor, command, work, BillShown)


async def _open_bill(tx: Transaction, bill_id: UUID) -> TreasuryBillRow:
    bill = await bill_row(tx, bill_id)
    await tx.about_case(bill.case_id)
    if await bill_end(tx, bill_id) is not None:
        raise BillEnded(bill_id=bill_id)
    return bill


def _said(text: str, field: str) -> str:
    if not text.strip():
        raise BillEndUnexplained(field=field)
    return text.strip()
