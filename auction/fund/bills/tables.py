"""Rows of bills to the treasury (schema ``fund``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class TreasuryBillRow(Base):
    """One bill to the treasury; append-only."""

    __tablename__ = "treasury_bill"
    __table_args__ = SCHEMA
    bill_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[str]
    payer_person_id: Mapped[UUID]
    enforced_fen: Mapped[int | None]
    amount_fen: Mapped[int]
    basis: Mapped[str]
    document_id: Mapped[UUID | None]
    working: Mapped[Any] = mapped_column(JSONB)
    issued_at: Mapped[datetime]


class TreasuryBillEndRow(Base):
    """How a bill ended: paid or cancelled; append-only."""

    __tablename__ = "treasury_bill_end"
    __table_args__ = SCHEMA
    bill_id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    receipt_number: Mapped[str | None]
    paid_on: Mapped[date | None]
    reason: Mapped[str | None]
    evidence_sha256: Mapped[str]
    by_person_id: Mapped[UUID]
    ended_at: Mapped[datetime]
