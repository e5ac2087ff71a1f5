"""Examine what was brought: ask the scanner, make the picture anew, show it (handler); and sweep the quarantine.

1. Nothing is written before all is known: verdict, files, and the end of the quarantine are one transaction. Whoever dies before it is
   followed by another who does the same again.
2. Without an answer of the scanner the file stays where it is, and the job is tried again as every job is.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Unavailable
from auction.kernel.jobs import Job
from auction.sale.columns import add
from auction.sale.pictures import store
from auction.sale.pictures.bring_picture import ExaminePicture
from auction.sale.pictures.encode import Made
from auction.sale.pictures.encode_apart import make_apart
from auction.sale.pictures.pictures import QUARANTINE_KEPT
from auction.sale.pictures.scanner import Scanner
from auction.sale.pictures.tables import PictureEndRow, PictureExaminedRow, PictureFileRow, PictureUploadRow


async def handle_examine_picture(db: Database, scanner: Scanner | None, job: Job) -> None:
    """Examine one picture, once; one that was examined or removed before is left."""
    picture_id = job.decode(ExaminePicture).picture_id
    async with db.reading() as tx:
        waiting = await _waiting(tx, picture_id)
        now = tx.now
    if waiting is None:
        return
    if scanner is None:
        raise Unavailable("no scanner is wired")
    said = await scanner.scan(picture_id, waiting, business_at=now)
    made = await make_apart(waiting) if said.is_clean else Made(outcome="infected")
    await db.transact(lambda tx: _keep(tx, picture_id, made, said.engine))


async def _waiting(tx: Transaction, picture_id: UUID) -> bytes | None:
    """Give what waits to be examined; ``None``: nothing does."""
    upload = select(PictureUploadRow.content_sealed).where(PictureUploadRow.picture_id == picture_id)
    examined = select(PictureExaminedRow.picture_id).where(PictureExaminedRow.picture_id == picture_id)
    ended = select(PictureEndRow.picture_id).where(PictureEndRow.picture_id == picture_id)
    sealed = await tx.session.scalar(upload.where(~examined.exists(), ~ended.exists()))
    return None if sealed is None else base64.b64decode(tx.sealer.open(sealed))


async def _keep(tx: Transaction, picture_id: UUID, made: Made, engine: str) -> None:
    """Write what was found, unless somebody was first or the picture was removed meanwhile."""
    await store.lock_picture(tx, picture_id)
    if await _waiting(tx, picture_id) is None:
        return
    row = PictureExaminedRow(picture_id=picture_id, outcome=made.outcome, scanner=engine, examined_at=tx.now)
    files = [
        PictureFileRow(
            picture_id=picture_id,
            size=one.size,
            format=one.format,
            width=one.width,
            height=one.height,
            sha256=hashlib.sha256(one.content).hexdigest(),
            content=one.content,
        )
        for one in made.files
    ]
    await add(tx, row, *files)
    if made.outcome != "infected":
        await store.erase_upload(tx, picture_id)


async def sweep_quarantine(tx: Transaction) -> int:
    """Erase what was found infected `QUARANTINE_KEPT` ago; gives how many files."""
    before: datetime = tx.now - QUARANTINE_KEPT
    old = select(PictureExaminedRow.picture_id).where(PictureExaminedRow.examined_at < before)
    gone = await tx.session.execute(
        delete(PictureUploadRow).where(PictureUploadRow.picture_id.in_(old)).returning(PictureUploadRow.picture_id)
    )
    return len(gone.all())
