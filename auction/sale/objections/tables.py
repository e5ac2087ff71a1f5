"""Row classes of objections in enforcement (schema ``sale``); all append-only."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Instant, Json


class EnforcementObjectionRow(Base):
    """One written objection; what is asked and why are sealed."""

    __tablename__ = "enforcement_objection"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID | None]
    kind: Mapped[str]
    capacity: Mapped[str]
    person_id: Mapped[UUID]
    asks_sealed: Mapped[bytes]
    grounds_sealed: Mapped[bytes]
    papers: Mapped[Json]
    raised_at: Mapped[Instant]


class ObjectionDocketingRow(Base):
    """Docketed under a number of its own, or refused by a ruling."""

    __tablename__ = "objection_docketing"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    admitted: Mapped[bool]
    number: Mapped[str]
    reason: Mapped[str]
    article: Mapped[str]
    document_id: Mapped[UUID | None]
    docketed_by: Mapped[UUID]
    docketed_at: Mapped[Instant]


class ReviewMemberRow(Base):
    """One member of the reviewing panel; the panel of the highest number sits."""

    __tablename__ = "objection_panel_member"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    panel_number: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_presiding: Mapped[bool]
    formed_by: Mapped[UUID]
    formed_at: Mapped[Instant]


class ReviewBallotRow(Base):
    """A member's vote, sealed."""

    __tablename__ = "objection_ballot"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    vote_sealed: Mapped[bytes]
    cast_at: Mapped[Instant]


class ObjectionRulingRow(Base):
    """What the panel decided, with its document."""

    __tablename__ = "objection_ruling"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    upheld: Mapped[bool]
    reason: Mapped[str]
    article: Mapped[str]
    operative: Mapped[str]
    document_id: Mapped[UUID]
    decided_by: Mapped[UUID]
    decided_at: Mapped[Instant]


class ObjectionWithdrawalRow(Base):
    """The objector took his objection back before it was answered."""

    __tablename__ = "objection_withdrawal"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    withdrawn_at: Mapped[Instant]
