"""Give up a booked place in a viewing, which then is free again."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.visitors import store
from auction.sale.visitors.tables import ViewingGivenUpRow
from auction.sale.visitors.viewings import BookingUnknown, SlotBegun


class GiveUpViewing(Command, frozen=True, kw_only=True):
    """Give up the caller's own booking."""

    lot_id: UUID
    booking_id: UUID


async def give_up_viewing(db: Database, actor: Actor, command: GiveUpViewing) -> UUID:
    """Store that the booking was given up.

    Raises: `BookingUnknown` (also for another's), `SlotBegun`, `LotUnknown`.
    """
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> UUID:
        await lots.open_lot(tx, command.lot_id)
        row = await store.booking_row(tx, command.booking_id)
        if row is None or row.person_id != actor.person_id:
            raise BookingUnknown(booking_id=command.booking_id)
        slot, _cancelled = await store.slot_of_lot(tx, command.lot_id, row.slot_id)
        if tx.now >= slot.starts_at:
            raise SlotBegun
        await add(tx, ViewingGivenUpRow(booking_id=row.booking_id, given_up_at=tx.now))
        return row.booking_id

    return await db.carry_out(actor, command, work, UUID)
