"""Rows of help tickets (migration 0074)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base

_SCHEMA = {"schema": "web"}
_INSTANT = DateTime(timezone=True)


class HelpTicketRow(Base):
    """A ticket: of an account, or with the keyed hash of a look-up code."""

    __tablename__ = "help_ticket"
    __table_args__ = _SCHEMA
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    account_id: Mapped[UUID | None]
    code_hash: Mapped[str | None]
    lot_id: Mapped[UUID | None]
    category: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(_INSTANT)


class HelpMessageRow(Base):
    """One message, sealed; ``account_id`` is the desk's who answered, empty for the asker."""

    __tablename__ = "help_message"
    __table_args__ = _SCHEMA
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    desk_account_id: Mapped[UUID | None]
    text_sealed: Mapped[bytes]
    sent_at: Mapped[datetime] = mapped_column(_INSTANT)


class HelpEndRow(Base):
    """The end of a ticket."""

    __tablename__ = "help_end"
    __table_args__ = _SCHEMA
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_account_id: Mapped[UUID | None]
    ended_at: Mapped[datetime] = mapped_column(_INSTANT)
