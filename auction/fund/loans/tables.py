"""Rows of loans (schema ``fund``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
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
    asset_classes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    cutoff_working_days: Mapped[int]
    max_age_and_term_years: Mapped[int]
    draw_working_days: Mapped[int]
    approval_working_days: Mapped[int]
    commitment_working_days: Mapped[int]
    bridges: Mapped[bool]


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
    wish_fen: Mapped[int | None]
    asset_class: Mapped[str | None]
    value_fen: Mapped[int | None]
    max_share: Mapped[str | None]
    annual_rate: Mapped[str | None]
    method: Mapped[str | None]
    draw_working_days: Mapped[int | None]
    bridge_ref: Mapped[str] = mapped_column(default="")
    means_sealed: Mapped[bytes | None]
    approval_letter: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    approval_sha256: Mapped[str | None]
    draw_asked_at: Mapped[datetime | None]
    draw_due_at: Mapped[datetime | None]
    approval_working_days: Mapped[int | None]
    commitment_working_days: Mapped[int | None]
    commitment_asks: Mapped[int] = mapped_column(default=0)
    answer_due_at: Mapped[datetime | None]


class LoanNoticeRow(Base):
    """What was told to whom about a loan, each once."""

    __tablename__ = "loan_notice"
    __table_args__ = SCHEMA
    loan_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    told: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class SpendingLimitRow(Base):
    """One statement of a bidder's own limit; its content is sealed."""

    __tablename__ = "spending_limit"
    __table_args__ = SCHEMA
    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    content_sealed: Mapped[bytes]
    set_at: Mapped[datetime]
    effective_at: Mapped[datetime]
