"""Offer a viewing of a lot."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS
from auction.sale.columns import add
from auction.sale.disclosure.public_lots import card_of
from auction.sale.lots import store as lots
from auction.sale.visitors import store
from auction.sale.visitors.lot_questions import check_public_text
from auction.sale.visitors.standing import require_announced
from auction.sale.visitors.tables import ViewingSlotRow
from auction.sale.visitors.viewings import SLOTS_MOST, TooManySlots, check_slot

PLACE_MOST = 200


class SetViewing(Command, frozen=True, kw_only=True):
    """Offer this slot; ``place`` says where visitors meet, and is public."""

    slot_id: UUID
    lot_id: UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    places: int


async def set_viewing(db: Database, actor: Actor, command: SetViewing) -> UUID:
    """Store the slot.

    Raises: `NoViewingNow`, `ViewingTimeWrong`, `PlacesWrong`, `TooManySlots`, `TextNeeded`, `ContactInText`, `LotUnknown`.
    """
    require_role(actor, *OFFICERS)
    place = check_public_text("place", command.place, most=PLACE_MOST)

    async def work(tx: Transaction) -> UUID:
        lot = await lots.open_lot(tx, command.lot_id)
        card = await card_of(tx, command.lot_id)
        require_announced(lot.state, tx.now, card.opens_at)
        check_slot(
            starts_at=command.starts_at,
            ends_at=command.ends_at,
            places=command.places,
            now=tx.now,
            opens_at=card.opens_at,
        )
        if len(await store.slots_of_round(tx, card.round_id)) >= SLOTS_MOST:
            raise TooManySlots(most=SLOTS_MOST)
        row = ViewingSlotRow(
            slot_id=command.slot_id,
            lot_id=command.lot_id,
            round_id=card.round_id,
            starts_at=command.starts_at,
            ends_at=command.ends_at,
            place=place,
            places=command.places,
            account_id=actor.account_id,
            set_at=tx.now,
        )
        await add(tx, row)
        return command.slot_id

    return await db.carry_out(actor, command, work, UUID)
