"""Rows of what people follow (migration 0063)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base

_SCHEMA = {"schema": "web"}
_INSTANT = DateTime(timezone=True)


class ContactRow(Base):
    """An address, sealed while it is not ended."""

    __tablename__ = "contact"
    __table_args__ = _SCHEMA

    contact_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    channel: Mapped[str]
    address_sealed: Mapped[bytes | None]
    code_sealed: Mapped[bytes | None]
    code_until: Mapped[datetime] = mapped_column(_INSTANT)
    tries: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime] = mapped_column(_INSTANT)
    confirmed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class FollowedRow(Base):
    """A search or a lot that somebody follows."""

    __tablename__ = "followed"
    __table_args__ = _SCHEMA

    followed_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    search: Mapped[str | None]
    lot_id: Mapped[UUID | None]
    locale: Mapped[str]
    since: Mapped[datetime] = mapped_column(_INSTANT)
    looked_at: Mapped[datetime] = mapped_column(_INSTANT)
    told_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class MessageRow(Base):
    """One message to one contact."""

    __tablename__ = "message"
    __table_args__ = _SCHEMA

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID]
    followed_id: Mapped[UUID | None]
    kind: Mapped[str]
    state: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(_INSTANT)
    changed_at: Mapped[datetime] = mapped_column(_INSTANT)
    tries: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(default="")


class NewsRow(Base):
    """One thing of which a message tells; append-only."""

    __tablename__ = "news"
    __table_args__ = _SCHEMA

    followed_id: Mapped[UUID] = mapped_column(primary_key=True)
    about: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    message_id: Mapped[UUID]
