"""Cancel a viewing; whoever booked it reads why."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.visitors import store
from auction.sale.visitors.lot_questions import check_public_text
from auction.sale.visitors.tables import ViewingCancellationRow
from auction.sale.visitors.viewings import SlotBegun, SlotCancelled

REASON_MOST = 200


class CancelViewing(Command, frozen=True, kw_only=True):
    """Cancel this slot for this reason, which its visitors read."""

    lot_id: UUID
    slot_id: UUID
    reason: str


async def cancel_viewing(db: Database, actor: Actor, command: CancelViewing) -> UUID:
    """Store the cancellation.

    Raises: `SlotUnknown`, `SlotCancelled`, `SlotBegun`, `TextNeeded`, `ContactInText`, `LotUnknown`.
    """
    require_role(actor, *OFFICERS)
    reason = check_public_text("reason", command.reason, most=REASON_MOST)

    async def work(tx: Transaction) -> UUID:
        await lots.open_lot(tx, command.lot_id)
        slot, cancelled = await store.slot_of_lot(tx, command.lot_id, command.slot_id)
        if cancelled is not None:
            raise SlotCancelled
        if tx.now >= slot.starts_at:
            raise SlotBegun
        row = ViewingCancellationRow(
            slot_id=command.slot_id, reason=reason, account_id=actor.account_id, cancelled_at=tx.now
        )
        await add(tx, row)
        return command.slot_id

    return await db.carry_out(actor, command, work, UUID)
