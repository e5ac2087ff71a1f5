"""Rows of undoings (schema ``fund``); all append-only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class UndoingRow(Base):
    """A sealed ruling that undoes money of a sale; ``person_id``: defaulter, buyer, creditor or third party."""

    __tablename__ = "undoing"
    __table_args__ = SCHEMA
    undoing_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    kind: Mapped[str]
    ground: Mapped[str]
    round_id: Mapped[UUID | None]
    claim_id: Mapped[UUID | None]
    person_id: Mapped[UUID]
    amount_fen: Mapped[int]
    in_escrow: Mapped[bool]
    document_id: Mapped[UUID]
    ordered_at: Mapped[datetime]


class RecoveryRow(Base):
    """What somebody owes the case by an undoing."""

    __tablename__ = "recovery"
    __table_args__ = SCHEMA
    recovery_id: Mapped[UUID] = mapped_column(primary_key=True)
    undoing_id: Mapped[UUID]
    case_id: Mapped[UUID]
    person_id: Mapped[UUID]
    amount_fen: Mapped[int]
    reference: Mapped[str]
    ordered_at: Mapped[datetime]


class RecoveryEndRow(Base):
    """What is left of a recovery cannot be had."""

    __tablename__ = "recovery_end"
    __table_args__ = SCHEMA
    recovery_id: Mapped[UUID] = mapped_column(primary_key=True)
    left_fen: Mapped[int]
    reason: Mapped[str]
    document_id: Mapped[UUID]
    ended_at: Mapped[datetime]


class ReversalInterestRow(Base):
    """The interest that a reversed creditor owes on what he got, as the ruling states it."""

    __tablename__ = "reversal_interest"
    __table_args__ = SCHEMA
    undoing_id: Mapped[UUID] = mapped_column(primary_key=True)
    annual_percent: Mapped[str]
    year_days: Mapped[int]
    from_day: Mapped[date]
    to_day: Mapped[date]
    stretches: Mapped[Any] = mapped_column(JSONB)
    """Of each stretch its principal in fen, its first day, and the days that it ran."""
    amount_fen: Mapped[int]
