"""Rows of loans (schema ``fund``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class LoanProductRow(Base):
    """What a lender offers."""

    __tablename__ = "loan_product"
    __table_args__ = SCHEMA
    product_id: Mapped[str] = mapped_column(primary_key=True)
    lender: Mapped[str]
    lender_id: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    method: Mapped[str]
    annual_rate: Mapped[str]
    max_share: Mapped[str]
    max_months: Mapped[int]
    offered: Mapped[bool]


class LoanRow(Base):
    """One loan, from the application to the money in the case account."""

    __tablename__ = "loan"
    __table_args__ = SCHEMA
    loan_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[str]
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    round_id: Mapped[UUID]
    registration_id: Mapped[UUID]
    person_id: Mapped[UUID]
    price_limit_fen: Mapped[int]
    months: Mapped[int]
    reference: Mapped[str]
    approval_no: Mapped[str | None]
    approved_fen: Mapped[int | None]
    approved_until: Mapped[date | None]
    asked_fen: Mapped[int | None]
    commitment_no: Mapped[str | None]
    committed_fen: Mapped[int | None]
    letter: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    drawn_fen: Mapped[int | None]
    received_fen: Mapped[int]
    reason: Mapped[str | None]
    state: Mapped[str]
    applied_at: Mapped[datetime]
