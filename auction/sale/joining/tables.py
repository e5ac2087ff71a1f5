"""Row classes of joining a distribution (schema ``sale``); all append-only."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Fen, Instant


class JoinApplicationRow(Base):
    """One written application; what identifies and reaches the applicant is sealed."""

    __tablename__ = "join_application"
    __table_args__ = SCHEMA
    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    amount_fen: Mapped[Fen]
    title_number: Mapped[str]
    ranked_on: Mapped[date | None]
    facts_sealed: Mapped[bytes]
    telephone_sealed: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]
    document_sha256: Mapped[str]
    recorded_by: Mapped[UUID | None]
    applied_on: Mapped[date]
    recorded_at: Mapped[Instant]


class JoinDecisionRow(Base):
    """The court's decision on an application; the second one, if any, is on the objection to the first."""

    __tablename__ = "join_decision"
    __table_args__ = SCHEMA
    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    admitted: Mapped[bool]
    asset_id: Mapped[UUID]
    debtor_kind: Mapped[str]
    cut_off: Mapped[str]
    reason: Mapped[str]
    article: Mapped[str]
    party_id: Mapped[UUID]
    claim_id: Mapped[UUID | None]
    document_id: Mapped[UUID]
    decided_by: Mapped[UUID]
    decided_at: Mapped[Instant]


class JoinObjectionRow(Base):
    """The applicant's objection to a refusal; one for an application."""

    __tablename__ = "join_objection"
    __table_args__ = SCHEMA
    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    grounds_sealed: Mapped[bytes]
    raised_at: Mapped[Instant]


class JoinCutOffRow(Base):
    """Which day a court takes as the end of enforcement of an asset; the newest counts."""

    __tablename__ = "join_cut_off"
    __table_args__ = SCHEMA
    setting_id: Mapped[UUID] = mapped_column(primary_key=True)
    court_code: Mapped[str]
    cut_off: Mapped[str]
    basis: Mapped[str]
    set_by: Mapped[UUID]
    set_at: Mapped[Instant]
