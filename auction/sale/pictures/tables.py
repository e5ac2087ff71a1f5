"""Row classes of pictures (schema ``sale``)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Instant


class LotPictureRow(Base):
    """A picture that was brought; append-only."""

    __tablename__ = "lot_picture"
    __table_args__ = SCHEMA
    picture_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    caption_zh: Mapped[str]
    caption_en: Mapped[str]
    taken_on: Mapped[date]
    brought_sha256: Mapped[str]
    account_id: Mapped[UUID]
    brought_at: Mapped[Instant]


class PictureUploadRow(Base):
    """What was brought, sealed, until it was examined."""

    __tablename__ = "picture_upload"
    __table_args__ = SCHEMA
    picture_id: Mapped[UUID] = mapped_column(primary_key=True)
    content_sealed: Mapped[bytes]


class PictureExaminedRow(Base):
    """What the examination found; append-only."""

    __tablename__ = "picture_examined"
    __table_args__ = SCHEMA
    picture_id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    scanner: Mapped[str]
    examined_at: Mapped[Instant]


class PictureFileRow(Base):
    """One size of a picture in one format."""

    __tablename__ = "picture_file"
    __table_args__ = SCHEMA
    picture_id: Mapped[UUID] = mapped_column(primary_key=True)
    size: Mapped[str] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes]


class PictureEndRow(Base):
    """How a picture ended; append-only."""

    __tablename__ = "picture_end"
    __table_args__ = SCHEMA
    picture_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    replaced_by: Mapped[UUID | None]
    is_withheld: Mapped[bool]
    reason: Mapped[str]
    account_id: Mapped[UUID]
    ended_at: Mapped[Instant]


class PictureOrderRow(Base):
    """An order of a lot's pictures; the one with the highest number counts; append-only."""

    __tablename__ = "picture_order"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    picture_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    account_id: Mapped[UUID]
    arranged_at: Mapped[Instant]
