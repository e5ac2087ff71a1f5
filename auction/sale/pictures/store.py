"""Queries of pictures. Only `public_file` and `file_of` read a file, one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from auction.kernel.db import Transaction
from auction.sale.lots.tables import LotRow, RoundRow
from auction.sale.pictures.pictures import (
    TAKES_PICTURES,
    PictureEnded,
    PictureShown,
    PicturesOfLot,
    PictureUnknown,
    in_order,
)
from auction.sale.pictures.tables import (
    LotPictureRow,
    PictureEndRow,
    PictureExaminedRow,
    PictureFileRow,
    PictureOrderRow,
    PictureUploadRow,
)

_P, _X, _E, _F, _O = LotPictureRow, PictureExaminedRow, PictureEndRow, PictureFileRow, PictureOrderRow
_LAST = 1_000_000


class Cover(NamedTuple):
    """The first picture of a lot, as a card shows it."""

    picture_id: UUID
    caption_zh: str
    caption_en: str
    width: int
    height: int


class PictureFile(NamedTuple):
    """One file of a picture."""

    content: bytes
    sha256: str


async def pictures_of(tx: Transaction, lot_id: UUID) -> PicturesOfLot:
    """Give all pictures of a lot, in one question."""
    newest = select(_O.picture_ids).where(_O.lot_id == lot_id).order_by(_O.number.desc()).limit(1).scalar_subquery()
    asked = _pictures().add_columns(newest.label("arranged")).where(_P.lot_id == lot_id)
    rows = (await tx.session.execute(asked.order_by(_P.brought_at.desc(), _P.picture_id, _F.size))).all()
    found = _shown(rows)
    standing = [one for one in found if one.is_standing]
    order = rows[0].arranged if rows else None
    return PicturesOfLot(
        standing=in_order(standing, order or []), others=tuple(one for one in found if not one.is_standing)
    )


async def first_pictured(tx: Transaction) -> UUID | None:
    """Give the lot whose picture was brought first, ``None`` where no lot has any."""
    return await tx.session.scalar(select(_P.lot_id).order_by(_P.brought_at, _P.picture_id).limit(1))


async def covers_of(tx: Transaction, lot_ids: Sequence[UUID]) -> Mapping[UUID, Cover]:
    """Give the first standing picture of each of these lots that has one."""
    if not lot_ids:
        return {}
    newest = select(_O.picture_ids).where(_O.lot_id == _P.lot_id).order_by(_O.number.desc()).limit(1).scalar_subquery()
    place = func.coalesce(func.array_position(newest, _P.picture_id), _LAST)
    asked = (
        select(_P.lot_id, _P.picture_id, _P.caption_zh, _P.caption_en, _F.width, _F.height)
        .join(_F, and_(_F.picture_id == _P.picture_id, _F.size == "small", _F.format == "jpeg"))
        .outerjoin(_E, _E.picture_id == _P.picture_id)
        .where(_P.lot_id.in_(list(lot_ids)), _E.picture_id.is_(None))
        .ext(distinct_on(_P.lot_id))
        .order_by(_P.lot_id, place, _P.brought_at, _P.picture_id)
    )
    rows = (await tx.session.execute(asked)).all()
    return {row.lot_id: Cover(row.picture_id, row.caption_zh, row.caption_en, row.width, row.height) for row in rows}


async def picture_of_lot(tx: Transaction, lot_id: UUID, picture_id: UUID) -> PictureShown:
    """Give a picture of this lot that has not ended, or refuse: `PictureUnknown`, `PictureEnded`."""
    asked = _pictures().where(_P.picture_id == picture_id, _P.lot_id == lot_id).order_by(_F.size)
    found = _shown((await tx.session.execute(asked)).all())
    if not found:
        raise PictureUnknown(picture_id=picture_id)
    if found[0].ending is not None:
        raise PictureEnded(picture_id=picture_id)
    return found[0]


async def lot_of_picture(tx: Transaction, picture_id: UUID) -> UUID:
    """Give the lot of a picture, or refuse (`PictureUnknown`)."""
    lot_id = await tx.session.scalar(select(_P.lot_id).where(_P.picture_id == picture_id))
    if lot_id is None:
        raise PictureUnknown(picture_id=picture_id)
    return lot_id


async def is_announced(tx: Transaction, lot_id: UUID) -> bool:
    """Whether the lot has had a notice: from then on it is public."""
    return bool(await tx.session.scalar(select(exists().where(RoundRow.lot_id == lot_id))))


async def may_change(tx: Transaction, lot_id: UUID) -> bool:
    """Whether pictures of the lot are added and arranged as it stands (pictures rule 4)."""
    return await tx.session.scalar(select(LotRow.state).where(LotRow.lot_id == lot_id)) in TAKES_PICTURES


async def has_file(tx: Transaction, lot_id: UUID, sha256: str) -> bool:
    """Whether this very file stands among the lot's pictures, or waits to be examined."""
    same = select(_P.picture_id).outerjoin(_E, _E.picture_id == _P.picture_id)
    same = same.outerjoin(_X, _X.picture_id == _P.picture_id)
    counted = and_(_E.picture_id.is_(None), or_(_X.outcome.is_(None), _X.outcome == "fit"))
    asked = same.where(_P.lot_id == lot_id, _P.brought_sha256 == sha256, counted).exists()
    return bool(await tx.session.scalar(select(asked)))


async def public_file(tx: Transaction, picture_id: UUID, size: str, form: str) -> PictureFile:
    """Give a file as the public may have it: of a lot with a notice, not removed, not withheld; else `PictureUnknown`."""
    announced = select(RoundRow.round_id).where(RoundRow.lot_id == _P.lot_id).exists()
    seen = or_(_E.picture_id.is_(None), and_(_E.kind == "superseded", _E.is_withheld.is_(False)))
    return await _file(tx, picture_id, size, form, announced, seen)


async def file_of(tx: Transaction, picture_id: UUID, size: str, form: str) -> PictureFile:
    """Give a file to whoever reads the case, or refuse (`PictureUnknown`)."""
    return await _file(tx, picture_id, size, form)


async def _file(
    tx: Transaction, picture_id: UUID, size: str, form: str, *conditions: ColumnElement[bool]
) -> PictureFile:
    asked = (
        select(_F.content, _F.sha256)
        .join(_P, _P.picture_id == _F.picture_id)
        .outerjoin(_E, _E.picture_id == _F.picture_id)
        .where(_F.picture_id == picture_id, _F.size == size, _F.format == form, *conditions)
    )
    row = (await tx.session.execute(asked)).one_or_none()
    if row is None:
        raise PictureUnknown(picture_id=picture_id)
    return PictureFile(row.content, row.sha256)


async def next_order(tx: Transaction, lot_id: UUID) -> int:
    """Give the number of the lot's next order; whoever asks holds the case."""
    return int(await tx.session.scalar(select(func.count()).select_from(_O).where(_O.lot_id == lot_id)) or 0) + 1


async def lock_picture(tx: Transaction, picture_id: UUID) -> None:
    """Wait for whoever else examines or ends the picture."""
    await tx.lock(f"picture:{picture_id}")


async def erase_upload(tx: Transaction, picture_id: UUID) -> None:
    """Erase what was brought; nothing, if that was done before."""
    await tx.session.execute(delete(PictureUploadRow).where(PictureUploadRow.picture_id == picture_id))


async def erase_files(tx: Transaction, picture_id: UUID) -> None:
    """Erase the files of a picture that was removed."""
    await tx.session.execute(delete(_F).where(_F.picture_id == picture_id))


def _pictures() -> Select[*tuple[Any, ...]]:
    """Ask for pictures; each comes once for each size of its JPEG, without the files."""
    return (
        select(
            *(_P.picture_id, _P.lot_id, _P.caption_zh, _P.caption_en, _P.taken_on, _P.brought_at, _X.outcome),
            *(_E.kind.label("ending"), _E.replaced_by, _E.is_withheld, _E.reason, _E.ended_at),
            *(_F.size, _F.width, _F.height, _F.sha256),
        )
        .outerjoin(_X, _X.picture_id == _P.picture_id)
        .outerjoin(_E, _E.picture_id == _P.picture_id)
        .outerjoin(_F, and_(_F.picture_id == _P.picture_id, _F.format == "jpeg"))
    )


def _shown(rows: Sequence[Row[Any]]) -> list[PictureShown]:
    """Make the pictures of these rows, in the order in which they come first."""
    by_id: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        by_id.setdefault(row.picture_id, []).append(row)
    return [_one(sizes) for sizes in by_id.values()]


def _one(sizes: Sequence[Row[Any]]) -> PictureShown:
    row = sizes[0]
    return PictureShown(
        picture_id=row.picture_id,
        lot_id=row.lot_id,
        caption_zh=row.caption_zh,
        caption_en=row.caption_en,
        taken_on=row.taken_on,
        brought_at=row.brought_at,
        sha256=next((one.sha256 for one in sizes if one.size == "large"), ""),
        sides={one.size: (one.width, one.height) for one in sizes if one.size is not None},
        outcome=row.outcome,
        ending=row.ending,
        replaced_by=row.replaced_by,
        is_withheld=bool(row.is_withheld),
        reason=row.reason or "",
        ended_at=row.ended_at,
    )
