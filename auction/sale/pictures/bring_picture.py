"""Bring a picture of a lot; it is shown once it was examined."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import enqueue
from auction.sale.cases.cases import OFFICERS
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.pictures import store
from auction.sale.pictures.pictures import (
    CAPTION_MOST,
    PICTURES_MOST,
    NoScanner,
    PicturesFull,
    PictureTwice,
    check_file,
    check_taken,
    require_changeable,
)
from auction.sale.pictures.scanner import Scanner
from auction.sale.pictures.tables import LotPictureRow, PictureUploadRow
from auction.sale.visitors.lot_questions import check_public_text

EXAMINE_PICTURE: Final = "sale.examine_picture"


class ExaminePicture(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that examines what was brought."""

    picture_id: UUID


class BringPicture(Command, frozen=True, kw_only=True):
    """Bring this file with its captions; ``content`` is the file itself (base 64 in JSON)."""

    picture_id: UUID
    lot_id: UUID
    caption_zh: str
    caption_en: str
    taken_on: date
    content: bytes


async def bring_picture(db: Database, actor: Actor, command: BringPicture, *, scanner: Scanner | None) -> UUID:
    """Put the file into quarantine and have it examined, in one transaction.

    Raises: `PictureTooLarge`, `PictureTypeWrong`, `TextNeeded`, `ContactInText`, `NoScanner`, `PictureDayWrong`,
    `PicturesStandStill`, `PicturesFull`, `PictureTwice`, `LotUnknown`.
    """
    require_role(actor, *OFFICERS)
    check_file(command.content)
    caption_zh = check_public_text("caption_zh", command.caption_zh, most=CAPTION_MOST)
    caption_en = check_public_text("caption_en", command.caption_en, most=CAPTION_MOST)
    if scanner is None:
        raise NoScanner

    async def work(tx: Transaction) -> UUID:
        lot = await lots.open_lot(tx, command.lot_id)
        require_changeable(lot.state)
        check_taken(command.taken_on, today=local_day(tx.now))
        sha256 = hashlib.sha256(command.content).hexdigest()
        await _require_room(tx, command.lot_id, sha256)
        row = LotPictureRow(
            picture_id=command.picture_id,
            lot_id=command.lot_id,
            caption_zh=caption_zh,
            caption_en=caption_en,
            taken_on=command.taken_on,
            brought_sha256=sha256,
            account_id=actor.account_id,
            brought_at=tx.now,
        )
        sealed = tx.sealer.seal(base64.b64encode(command.content).decode())
        await add(tx, row, PictureUploadRow(picture_id=command.picture_id, content_sealed=sealed))
        await enqueue(tx, EXAMINE_PICTURE, ExaminePicture(picture_id=command.picture_id))
        return command.picture_id

    return await db.carry_out(actor, command, work, UUID)


async def _require_room(tx: Transaction, lot_id: UUID, sha256: str) -> None:
    """Refuse one picture more than a lot may have, and the same one twice: `PicturesFull`, `PictureTwice`."""
    found = await store.pictures_of(tx, lot_id)
    waiting = [one for one in found.others if one.outcome is None and one.ending is None]
    if len(found.standing) + len(waiting) >= PICTURES_MOST:
        raise PicturesFull(most=PICTURES_MOST)
    if await store.has_file(tx, lot_id, sha256):
        raise PictureTwice(field="file")
