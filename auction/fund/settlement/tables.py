"""Rows of settlement (schema ``fund``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class ClaimRow(Base):
    """What somebody is owed out of the case."""

    __tablename__ = "claim"
    __table_args__ = SCHEMA
    claim_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    party_id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    amount_fen: Mapped[int]
    ranked_on: Mapped[date | None]
    seizure_order: Mapped[int | None]
    by_applicant: Mapped[bool]
    basis: Mapped[str]
    evidence_sha256: Mapped[str]
    state: Mapped[str]
    recorded_at: Mapped[datetime]


class TaxAssessmentRow(Base):
    """What the tax office assessed on one sale, or the reserve that stands in for it."""

    __tablename__ = "tax_assessment"
    __table_args__ = SCHEMA
    assessment_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    round_id: Mapped[UUID]
    request_key: Mapped[str]
    request: Mapped[Any] = mapped_column(JSONB)
    party_id: Mapped[UUID]
    person_id: Mapped[UUID]
    state: Mapped[str]
    seller_fen: Mapped[int | None]
    lines: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    document_sha256: Mapped[str | None]
    claim_id: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    assessed_at: Mapped[datetime | None]


class PlanRow(Base):
    """One distribution plan of a case."""

    __tablename__ = "plan"
    __table_args__ = SCHEMA
    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    number: Mapped[int]
    document_id: Mapped[UUID]
    panel_document_id: Mapped[UUID | None]
    debtor_person_id: Mapped[UUID]
    ordinary_order: Mapped[str]
    proceeds_fen: Mapped[int]
    forfeited_fen: Mapped[int]
    content_sha256: Mapped[str]
    state: Mapped[str]
    drawn_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class PlanLineRow(Base):
    """One line of a plan."""

    __tablename__ = "plan_line"
    __table_args__ = SCHEMA
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID]
    number: Mapped[int]
    claim_id: Mapped[UUID | None]
    kind: Mapped[str]
    rank: Mapped[int]
    owed_fen: Mapped[int]
    share_fen: Mapped[int]
    payee_person_id: Mapped[UUID]


class PlanAddresseeRow(Base):
    """On whom a plan is served, and until when he may object."""

    __tablename__ = "plan_addressee"
    __table_args__ = SCHEMA
    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    service_id: Mapped[UUID | None]
    served_on: Mapped[date | None]
    window_ends_on: Mapped[date | None]


class PlanObjectionRow(Base):
    """An objection to a line of a plan."""

    __tablename__ = "plan_objection"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID]
    party_id: Mapped[UUID]
    line_id: Mapped[UUID]
    disputed_fen: Mapped[int]
    grounds_sealed: Mapped[bytes | None]
    state: Mapped[str]
    decision_document_id: Mapped[UUID | None]
    raised_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


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


class SetOffRow(Base):
    """What of a creditor's share stands for his price; append-only, one for a purchase."""

    __tablename__ = "set_off"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
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
