"""Remove a picture that the public has not seen: it is erased."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.pictures import store
from auction.sale.pictures.pictures import PicturePublic
from auction.sale.pictures.tables import PictureEndRow


class RemovePicture(Command, frozen=True, kw_only=True):
    """Remove this picture of this lot."""

    lot_id: UUID
    picture_id: UUID


async def remove_picture(db: Database, actor: Actor, command: RemovePicture) -> UUID:
    """End the picture and erase its files; after the first notice only one that was never shown.

    Raises: `PictureUnknown`, `PictureEnded`, `PicturePublic`, `LotUnknown`.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        await lots.open_lot(tx, command.lot_id)
        await store.lock_picture(tx, command.picture_id)
        picture = await store.picture_of_lot(tx, command.lot_id, command.picture_id)
        if picture.outcome == "fit" and await store.is_announced(tx, command.lot_id):
            raise PicturePublic
        row = PictureEndRow(
            picture_id=command.picture_id,
            kind="removed",
            replaced_by=None,
            is_withheld=False,
            reason="",
            account_id=actor.account_id,
            ended_at=tx.now,
        )
        await add(tx, row)
        await store.erase_files(tx, command.picture_id)
        await store.erase_upload(tx, command.picture_id)
        return command.picture_id

    return await db.carry_out(actor, command, work, UUID)
