"""Note that the price is paid in full: the court's ten days to serve its ruling run from here."""

from __future__ import annotations

from uuid import UUID

from auction.contracts import ReceiptsComplete
from auction.kernel.actors import SYSTEM, Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.title import store
from auction.sale.title.tables import FullPaymentRow
from auction.sale.title.tell_fate import send_fate

RECEIPTS_COMPLETE = "sale.receipts_complete"


class NoteFullPayment(Command, frozen=True, kw_only=True):
    """Note this full payment."""

    complete: ReceiptsComplete


async def handle_receipts_complete(db: Database, job: Job) -> None:
    """Handle the job `RECEIPTS_COMPLETE`; a repeated message changes nothing."""
    complete: ReceiptsComplete = job.decode(ReceiptsComplete)
    await note_full_payment(db, SYSTEM, NoteFullPayment(command_id=job.command_id("paid"), complete=complete))


async def note_full_payment(db: Database, actor: Actor, command: NoteFullPayment) -> UUID:
    """Store the day of full payment, once. Raises: `LotUnknown`. Source: 拍变 20."""
    require_role(actor, Role.SYSTEM)
    complete = command.complete

    async def work(tx: Transaction) -> UUID:
        await lots.open_lot(tx, complete.lot_id)
        if await store.full_payment_of(tx, complete.round_id) is None:
            row = FullPaymentRow(
                round_id=complete.round_id,
                applied_fen=complete.hammer_price_fen,
                complete_on=local_day(complete.completed_at),
                noted_at=tx.now,
            )
            await add(tx, row)
            await send_fate(tx, complete.round_id, "paid")
        return complete.round_id

    return await db.carry_out(actor, command, work, UUID)
