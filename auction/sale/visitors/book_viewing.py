"""Book a place in a viewing."""

from __future__ import annotations

import secrets
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.columns import add
from auction.sale.disclosure.public_lots import card_of
from auction.sale.lots import store as lots
from auction.sale.visitors import store
from auction.sale.visitors.standing import require_announced
from auction.sale.visitors.tables import ViewingBookingRow
from auction.sale.visitors.viewings import check_booking

NUMBER_DIGITS = 6


class BookViewing(Command, frozen=True, kw_only=True):
    """Book a place of this slot for the caller."""

    booking_id: UUID
    lot_id: UUID
    slot_id: UUID


async def book_viewing(db: Database, actor: Actor, command: BookViewing) -> str:
    """Store the booking and give its visit number, which the visitor shows at the door.

    Commands on one case follow each other, so that the last place is given once; the database counts again.

    Raises: `NoViewingNow`, `SlotUnknown`, `SlotCancelled`, `SlotBegun`, `AlreadyBooked`, `SlotFull`, `LotUnknown`.
    """
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> str:
        lot = await lots.open_lot(tx, command.lot_id)
        card = await card_of(tx, command.lot_id)
        require_announced(lot.state, tx.now, card.opens_at)
        slot, cancelled = await store.slot_of_lot(tx, command.lot_id, command.slot_id)
        own = await store.own_bookings(tx, actor.person_id, round_id=card.round_id)
        check_booking(
            slot,
            is_cancelled=cancelled is not None,
            has_booking=any(booking.cancelled is None for booking in own),
            now=tx.now,
        )
        taken = (await store.numbers_of_slots(tx, [command.slot_id]))[command.slot_id]
        row = ViewingBookingRow(
            booking_id=command.booking_id,
            slot_id=command.slot_id,
            person_id=actor.person_id,
            number=_number(taken),
            booked_at=tx.now,
        )
        await add(tx, row)
        return row.number

    return await db.carry_out(actor, command, work, str)


def _number(taken: list[str]) -> str:
    """Draw a visit number that says nothing, and that no other visitor of the slot has."""
    while True:
        drawn = str(secrets.randbelow(10**NUMBER_DIGITS)).zfill(NUMBER_DIGITS)
        if drawn not in taken:
            return drawn
