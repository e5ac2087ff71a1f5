"""Rows of settlement (schema ``fund``)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class PayeeAccountRow(Base):
    """Where a payee wants his money."""

    __tablename__ = "payee_account"
    __table_args__ = SCHEMA
    payee_account_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    person_id: Mapped[UUID]
    number_sealed: Mapped[bytes]
    number_commitment: Mapped[str]
    masked: Mapped[str]
    evidence_sha256: Mapped[str]
    recorded_by: Mapped[UUID]
    confirmed_by: Mapped[UUID | None]
    usable_from: Mapped[datetime | None]
    state: Mapped[str]
    recorded_at: Mapped[datetime]


class DisbursementRow(Base):
    """One payout of a settled share."""

    __tablename__ = "disbursement"
    __table_args__ = SCHEMA
    disbursement_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    line_id: Mapped[UUID]
    account_code: Mapped[str]
    payee_person_id: Mapped[UUID]
    payee_account_id: Mapped[UUID]
    amount_fen: Mapped[int]
    hold_id: Mapped[UUID]
    bank_key: Mapped[str]
    provider_id: Mapped[str | None]
    reason: Mapped[str | None]
    state: Mapped[str]
    prepared_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class DisbursementStepRow(Base):
    """One signed step of a disbursement."""

    __tablename__ = "disbursement_step"
    __table_args__ = SCHEMA
    disbursement_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str]
    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    role: Mapped[str]
    signed_sha256: Mapped[str]
    at: Mapped[datetime]
