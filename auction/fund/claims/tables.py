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
    seizure_id: Mapped[UUID | None]
    seized_on: Mapped[date | None]
    out_of_claim_id: Mapped[UUID | None]
    source_ref: Mapped[str | None]
    working: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    by_applicant: Mapped[bool]
    basis: Mapped[str]
    evidence_sha256: Mapped[str]
    state: Mapped[str]
    recorded_at: Mapped[datetime]


class ClaimReductionRow(Base):
    """A claim goes on at a smaller amount, for its title was reduced; append-only, the highest number counts."""

    __tablename__ = "claim_reduction"
    __table_args__ = SCHEMA
    claim_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    from_fen: Mapped[int]
    to_fen: Mapped[int]
    basis: Mapped[str]
    evidence_sha256: Mapped[str]
    undoing_id: Mapped[UUID | None]
    recorded_by: Mapped[UUID | None]
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


class TaxAdvanceRow(Base):
    """What the buyer proved that he advanced on the seller's taxes of his purchase; append-only."""

    __tablename__ = "tax_advance"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    person_id: Mapped[UUID]
    lines: Mapped[Any] = mapped_column(JSONB)
    sellers_assessed_fen: Mapped[int]
    buyers_assessed_fen: Mapped[int]
    paid_fen: Mapped[int]
    reimbursed_fen: Mapped[int]
    receipts_sha256: Mapped[str]
    claim_id: Mapped[UUID]
    recorded_at: Mapped[datetime]
