"""Rows of acts that need two persons (schema ``fund``); append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class ProposedActRow(Base):
    """What one officer proposed, word for word, and what it would do."""

    __tablename__ = "proposed_act"
    __table_args__ = SCHEMA
    act_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    """What it is about: a round, a claim, a recovery, a referral."""
    terms: Mapped[Any] = mapped_column(JSONB)
    """The command as it was given; nothing in it is personal."""
    paper_sha256: Mapped[str]
    concerned: Mapped[Any] = mapped_column(JSONB)
    """Persons whose money it is."""
    effect: Mapped[Any] = mapped_column(JSONB)
    """What it would do, in fen by name."""
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime]
    lapses_at: Mapped[datetime]


class ActCheckRow(Base):
    """What became of it: another person agreed or found it wrong, or whoever made it took it back."""

    __tablename__ = "act_check"
    __table_args__ = SCHEMA
    act_id: Mapped[UUID] = mapped_column(primary_key=True)
    proposed_by: Mapped[UUID]
    checked_by: Mapped[UUID]
    outcome: Mapped[str]
    checked_at: Mapped[datetime]
