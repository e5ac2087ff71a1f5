"""Arrange the pictures of a lot; the first one stands on its card."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.pictures import store
from auction.sale.pictures.pictures import check_order, require_changeable
from auction.sale.pictures.tables import PictureOrderRow


class ArrangePictures(Command, frozen=True, kw_only=True):
    """Show the lot's pictures in this order; each stands in it once."""

    lot_id: UUID
    picture_ids: tuple[UUID, ...]


async def arrange_pictures(db: Database, actor: Actor, command: ArrangePictures) -> int:
    """Store the order and give its number. Raises: `PicturesStandStill`, `PictureOrderWrong`, `LotUnknown`."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> int:
        lot = await lots.open_lot(tx, command.lot_id)
        require_changeable(lot.state)
        check_order((await store.pictures_of(tx, command.lot_id)).standing, command.picture_ids)
        number = await store.next_order(tx, command.lot_id)
        row = PictureOrderRow(
            lot_id=command.lot_id,
            number=number,
            picture_ids=list(command.picture_ids),
            account_id=actor.account_id,
            arranged_at=tx.now,
        )
        await add(tx, row)
        return number

    return await db.carry_out(actor, command, work, int)
