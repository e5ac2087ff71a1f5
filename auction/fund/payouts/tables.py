"""Rows of settlement (schema ``fund``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
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
    signed_by: Mapped[str]
    authority_sha256: Mapped[str]
    notice_id: Mapped[UUID | None]


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


class PayoutDaysRow(Base):
    """A court's own limit for paying out; append-only."""

    __tablename__ = "payout_days"
    __table_args__ = SCHEMA
    court: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    days: Mapped[int]
    basis: Mapped[str]
    valid_from: Mapped[date]
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]


class PayoutDelayRow(Base):
    """A request to pay a case's money later; append-only."""

    __tablename__ = "payout_delay"
    __table_args__ = SCHEMA
    delay_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    ground: Mapped[str]
    explanation: Mapped[str]
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]


class PayoutDelayStepRow(Base):
    """What became of a delay: approved or refused, then ended; append-only."""

    __tablename__ = "payout_delay_step"
    __table_args__ = SCHEMA
    delay_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    role: Mapped[str]
    on_day: Mapped[date]
    at: Mapped[datetime]


class ShareEscrowRow(Base):
    """A share that was set aside; append-only."""

    __tablename__ = "share_escrow"
    __table_args__ = SCHEMA
    escrow_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    line_id: Mapped[UUID]
    ground: Mapped[str]
    share_fen: Mapped[int]
    cost_fen: Mapped[int]
    net_fen: Mapped[int]
    cost_payee_person_id: Mapped[UUID | None]
    document_id: Mapped[UUID]
    entry_id: Mapped[UUID]
    deposited_by: Mapped[UUID]
    deposited_on: Mapped[date]
    claim_until: Mapped[date]
    deposited_at: Mapped[datetime]


class EscrowClaimRow(Base):
    """The claim of a share in escrow, approved; append-only."""

    __tablename__ = "escrow_claim"
    __table_args__ = SCHEMA
    escrow_id: Mapped[UUID] = mapped_column(primary_key=True)
    evidence_sha256: Mapped[str]
    approved_by: Mapped[UUID]
    entry_id: Mapped[UUID]
    claimed_on: Mapped[date]
    at: Mapped[datetime]


class UnclaimedRow(Base):
    """A share that was made public because nobody claims it; append-only."""

    __tablename__ = "unclaimed"
    __table_args__ = SCHEMA
    unclaimed_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    line_id: Mapped[UUID]
    explanation: Mapped[str]
    published_by: Mapped[UUID]
    published_at: Mapped[datetime]


class UnclaimedApprovalRow(Base):
    """The approval to pay a share that was made public; append-only."""

    __tablename__ = "unclaimed_approval"
    __table_args__ = SCHEMA
    unclaimed_id: Mapped[UUID] = mapped_column(primary_key=True)
    evidence_sha256: Mapped[str]
    approved_by: Mapped[UUID]
    at: Mapped[datetime]


class CaseReopeningRow(Base):
    """Who opened a closed account again, and for which payout that came back; append-only."""

    __tablename__ = "case_reopening"
    __table_args__ = SCHEMA
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(primary_key=True)
    disbursement_id: Mapped[UUID]
    reason: Mapped[str]
    reopened_by: Mapped[UUID]
    at: Mapped[datetime]


class MonthlyReportRow(Base):
    """Case money of one month, as it is signed; append-only."""

    __tablename__ = "monthly_report"
    __table_args__ = SCHEMA
    month: Mapped[date] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_sha256: Mapped[str]
    drawn_at: Mapped[datetime]


class MonthlySignatureRow(Base):
    """One side's signature under a month; append-only."""

    __tablename__ = "monthly_signature"
    __table_args__ = SCHEMA
    month: Mapped[date] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    role: Mapped[str]
    signed_sha256: Mapped[str]
    at: Mapped[datetime]
