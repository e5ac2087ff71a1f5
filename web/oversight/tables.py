"""Rows of oversight (migration 0091)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base

_SCHEMA = {"schema": "web"}
_INSTANT = DateTime(timezone=True)


class OverdueNodeRow(Base):
    """A clock that a night found overdue."""

    __tablename__ = "overdue_node"
    __table_args__ = _SCHEMA
    node_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID | None]
    kind: Mapped[str]
    article: Mapped[str]
    zh: Mapped[str]
    en: Mapped[str]
    due_on: Mapped[date]
    noted_at: Mapped[datetime] = mapped_column(_INSTANT)


class OverdueNodeEndRow(Base):
    """The night that found it done, or the case at its end."""

    __tablename__ = "overdue_node_end"
    __table_args__ = _SCHEMA
    node_id: Mapped[UUID] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(_INSTANT)


class InterferenceNoteRow(Base):
    """One note of the log; who and what are sealed."""

    __tablename__ = "interference_note"
    __table_args__ = _SCHEMA
    note_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID | None]
    capacity: Mapped[str]
    manner: Mapped[str]
    happened_on: Mapped[date]
    sealed: Mapped[bytes]
    commitment: Mapped[str]
    account_id: Mapped[UUID]
    noted_at: Mapped[datetime] = mapped_column(_INSTANT)
