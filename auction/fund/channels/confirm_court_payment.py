"""Confirm at the court's counter that a transfer to the court's account is a bidder's deposit: he is admitted at once.

1. For money that came to the court's account without a reference. The bidder names his reference and the clerk the
   receipt's number; the payer's name on the bank's line must be the bidder's own, which the system compares.
2. That comparison stands in place of the second officer. Money under another name takes the way of two persons
   (`attribute_receipt`).
3. The deposit must still be open; a deposit that is full, or whose round has ended, is refused, and the money waits.

Source: 网拍 17, 18 (confirmation by the court); 执行款物 7-8.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.channels.attribute_receipt import book_to_case, open_receipt
from auction.fund.channels.take_bank_line import RECEIPT_UNATTRIBUTED
from auction.fund.deposits import store
from auction.fund.deposits.deposits import DepositNotPending, DepositState, DepositView
from auction.fund.deposits.receipts import NO_REFERENCE, NoCounterReceipt, PayerIsAnother, is_same_name
from auction.fund.deposits.send_refund import Payer
from auction.fund.deposits.tables import DepositRow, ReceiptRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.persons import name_if_known


class ConfirmCourtPayment(Command, frozen=True, kw_only=True):
    """Confirm that this receipt is the deposit of this registration."""

    receipt_id: UUID
    deposit_id: UUID


async def confirm_court_payment(db: Database, actor: Actor, command: ConfirmCourtPayment) -> DepositView:
    """Book the receipt to the deposit and show it; once it is full it is held, and the bidder admitted.

    Raises `ReceiptUnknown`, `NoCounterReceipt`, `PayerIsAnother`, `DepositUnknown`, `DepositNotPending`.
    """
    require_role(actor, Role.CLERK)

    async def work(tx: Transaction) -> DepositView:
        await tx.about_case(await store.case_of_deposit(tx, command.deposit_id))
        await tx.lock(f"receipt:{command.receipt_id}")
        receipt = await open_receipt(tx, command.receipt_id)
        deposit = await store.deposit_row(tx, command.deposit_id)
        await _require_plain(tx, receipt, deposit)
        receipt.proposed_by, receipt.proposed_kind = actor.person_id, "deposit"
        receipt.proposed_for = deposit.deposit_id
        await book_to_case(tx, receipt, deposit.case_id)
        await store.clear_alarm(tx, RECEIPT_UNATTRIBUTED, receipt.receipt_id)
        return await store.deposit_view(tx, await store.deposit_row(tx, command.deposit_id))

    return await db.carry_out(actor, command, work, DepositView)


async def _require_plain(tx: Transaction, receipt: ReceiptRow, deposit: DepositRow) -> None:
    """Refuse what one clerk may not confirm (rules 1 to 3)."""
    if receipt.reason != NO_REFERENCE or receipt.proposed_by is not None or receipt.payer_sealed is None:
        raise NoCounterReceipt(receipt_id=receipt.receipt_id)
    payer = msgspec.json.decode(tx.sealer.open(receipt.payer_sealed), type=Payer)
    own_name = await name_if_known(tx, deposit.person_id)
    if own_name is None or not is_same_name(payer.name, own_name):
        raise PayerIsAnother(receipt_id=receipt.receipt_id)
    if deposit.state != DepositState.PENDING.value:
        raise DepositNotPending(deposit_id=deposit.deposit_id)
