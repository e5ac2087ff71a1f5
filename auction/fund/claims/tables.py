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
