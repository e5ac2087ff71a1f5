"""Bring a receipt that was applied to a price under the case's own number (归集), so that payouts find it there."""

from __future__ import annotations

from auction.fund.deposits import store
from auction.fund.deposits.move_deposit import note_if_moved
from auction.fund.deposits.record_receipt import SweepAsked
from auction.fund.deposits.tables import ReceiptRow
from auction.fund.gateway import Bank, Sweep
from auction.fund.ledger.open_case_fund import case_fund_view
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job


async def handle_sweep_receipt(db: Database, bank: Bank, job: Job) -> None:
    """Sweep what is left of one receipt; the same key moves once. Paid straight to the case's number: nothing to do."""
    receipt_id = job.decode(SweepAsked).receipt_id
    async with db.reading() as tx:
        receipt = await tx.session.get(ReceiptRow, receipt_id)
        if receipt is None or receipt.swept or receipt.case_id is None or receipt.paid_to_sealed is None:
            return
        paid_to = tx.sealer.open(receipt.paid_to_sealed)
        to_account = (await case_fund_view(tx, receipt.case_id)).account_number
        left_fen = receipt.amount_fen - (await store.refunded_of_receipt(tx, receipt_id)).fen
    if paid_to != to_account and left_fen > 0:
        sweep = Sweep(key=f"sweep:{receipt_id}", from_account=paid_to, to_account=to_account, amount_fen=left_fen)
        await bank.sweep(sweep)

    async def note(tx: Transaction) -> None:
        swept = await store.receipt_row(tx, receipt_id)
        if swept is not None:
            swept.swept = True
            await tx.session.flush()
            if swept.kind == "deposit" and swept.subject_id is not None:
                await note_if_moved(tx, swept.subject_id)

    await db.transact(note)
