"""Supersede a picture that the public has seen: it stays on the record, with the reason."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.pictures import store
from auction.sale.pictures.pictures import REASON_MOST, PictureNotPublic, PictureUnknown
from auction.sale.pictures.tables import PictureEndRow
from auction.sale.visitors.lot_questions import check_public_text


class SupersedePicture(Command, frozen=True, kw_only=True):
    """Supersede this picture for a public reason; ``replaced_by`` ``None``: by none; ``is_withheld``: it may not be public any more."""

    lot_id: UUID
    picture_id: UUID
    reason: str
    replaced_by: UUID | None = None
    is_withheld: bool = False


async def supersede_picture(db: Database, actor: Actor, command: SupersedePicture) -> UUID:
    """Take the picture out of the lot's, and put it on the record of changes; in every state of the lot.

    Raises: `TextNeeded`, `ContactInText`, `PictureUnknown` (also of the one that replaces it), `PictureEnded`, `PictureNotPublic`,
    `LotUnknown`.
    """
    require_role(actor, *OFFICERS)
    reason = check_public_text("reason", command.reason, most=REASON_MOST)

    async def work(tx: Transaction) -> UUID:
        await lots.open_lot(tx, command.lot_id)
        await store.lock_picture(tx, command.picture_id)
        picture = await store.picture_of_lot(tx, command.lot_id, command.picture_id)
        if picture.outcome != "fit" or not await store.is_announced(tx, command.lot_id):
            raise PictureNotPublic
        await _require_other(tx, command)
        row = PictureEndRow(
            picture_id=command.picture_id,
            kind="superseded",
            replaced_by=command.replaced_by,
            is_withheld=command.is_withheld,
            reason=reason,
            account_id=actor.account_id,
            ended_at=tx.now,
        )
        await add(tx, row)
        return command.picture_id

    return await db.carry_out(actor, command, work, UUID)


async def _require_other(tx: Transaction, command: SupersedePicture) -> None:
    """Refuse a replacement that is not another standing picture of the lot (`PictureUnknown`, `PictureEnded`)."""
    if command.replaced_by is None:
        return
    other = await store.picture_of_lot(tx, command.lot_id, command.replaced_by)
    if not other.is_standing or other.picture_id == command.picture_id:
        raise PictureUnknown(picture_id=command.replaced_by)
