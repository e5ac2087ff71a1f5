"""Rows of settlement (schema ``fund``)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class SetOffRow(Base):
    """What of a creditor's share stands for his price; append-only, one for a purchase."""

    __tablename__ = "set_off"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    proposal_id: Mapped[UUID | None]
    """What two persons stand behind; ``None``: fixed before version 0033."""
    case_id: Mapped[UUID]
    person_id: Mapped[UUID]
    amount_fen: Mapped[int]
    ceiling_fen: Mapped[int]
    working: Mapped[Any] = mapped_column(JSONB)
    ordinary_order: Mapped[str]
    application_sha256: Mapped[str]
    document_id: Mapped[UUID]
    entry_id: Mapped[UUID]
    fixed_at: Mapped[datetime]


class SetOffProposalRow(Base):
    """What one officer typed of an application and a decision; append-only."""

    __tablename__ = "set_off_proposal"
    __table_args__ = SCHEMA
    proposal_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    case_id: Mapped[UUID]
    amount_fen: Mapped[int]
    ordinary_order: Mapped[str]
    application_sha256: Mapped[str]
    document_id: Mapped[UUID]
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime]


class SetOffCheckRow(Base):
    """What the second person found; append-only."""

    __tablename__ = "set_off_check"
    __table_args__ = SCHEMA
    proposal_id: Mapped[UUID] = mapped_column(primary_key=True)
    proposed_by: Mapped[UUID]
    checked_by: Mapped[UUID]
    agrees: Mapped[bool]
    checked_at: Mapped[datetime]
