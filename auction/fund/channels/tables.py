"""Rows of the channels' inboxes (schema ``fund``)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class ProviderEventRow(Base):
    """An event as it came, sealed."""

    __tablename__ = "provider_event"
    __table_args__ = SCHEMA
    event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    object_id: Mapped[str]
    body_sealed: Mapped[bytes | None]
    received_at: Mapped[datetime]
    acted_at: Mapped[datetime | None]


class BankLineRow(Base):
    """A line of the bank's statement, once."""

    __tablename__ = "bank_line"
    __table_args__ = SCHEMA
    line_id: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    direction: Mapped[str]
    amount_fen: Mapped[int]
    balance_fen: Mapped[int]
    order_key: Mapped[str]
    content_hash: Mapped[str]
    body_sealed: Mapped[bytes | None]
    booked_at: Mapped[datetime]
    taken_at: Mapped[datetime]


class CursorRow(Base):
    """How far a statement has been read."""

    __tablename__ = "cursor"
    __table_args__ = SCHEMA
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    moved_at: Mapped[datetime]


class StatementFileRow(Base):
    """A statement that an officer brought as a file; the file is sealed."""

    __tablename__ = "statement_file"
    __table_args__ = SCHEMA
    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    statement_id: Mapped[str]
    statement_number: Mapped[int | None]
    opening_fen: Mapped[int]
    closing_fen: Mapped[int]
    after_sequence: Mapped[int]
    line_count: Mapped[int]
    body_sealed: Mapped[bytes]
    brought_by: Mapped[UUID]
    brought_at: Mapped[datetime]


class StatementConfirmationRow(Base):
    """The second officer's confirmation of a statement."""

    __tablename__ = "statement_confirmation"
    __table_args__ = SCHEMA
    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    confirmed_by: Mapped[UUID]
    confirmed_at: Mapped[datetime]
