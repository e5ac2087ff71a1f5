"""Row classes of panel and lots (schema ``sale``)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Fen, Instant, Json


class PanelRow(Base):
    """One panel of a case."""

    __tablename__ = "panel"
    __table_args__ = SCHEMA
    panel_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    formed_at: Mapped[Instant]


class PanelMemberRow(Base):
    """One member of a panel."""

    __tablename__ = "panel_member"
    __table_args__ = SCHEMA
    panel_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_presiding: Mapped[bool]


class QuestionRow(Base):
    """A question put to a panel, with its proposal."""

    __tablename__ = "question"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    panel_id: Mapped[UUID]
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    subject: Mapped[str]
    proposal: Mapped[Json]
    proposal_sha256: Mapped[str]
    put_at: Mapped[Instant]


class BallotRow(Base):
    """One vote, sealed."""

    __tablename__ = "ballot"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    vote_sealed: Mapped[bytes]
    cast_at: Mapped[Instant]


class PanelDecisionRow(Base):
    """What leaves the closed file."""

    __tablename__ = "panel_decision"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    approved: Mapped[bool]
    decided_at: Mapped[Instant]


class LotRow(Base):
    """One lot; its state moves along the table of moves."""

    __tablename__ = "lot"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    state: Mapped[str]
    listing_version: Mapped[int]
    created_at: Mapped[Instant]


class LotEventRow(Base):
    """One move of a lot."""

    __tablename__ = "lot_event"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    move: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    account_id: Mapped[UUID]
    reason: Mapped[str]
    at: Mapped[Instant]


class ListingRow(Base):
    """One version of a lot's terms."""

    __tablename__ = "listing"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    reference_price_id: Mapped[UUID]
    reserve_fen: Mapped[Fen]
    deposit_fen: Mapped[Fen]
    increment_fen: Mapped[Fen]
    opens_at: Mapped[Instant]
    closes_at: Mapped[Instant]
    terms: Mapped[Json]
    findings: Mapped[Json]
    question_id: Mapped[UUID]
    listed_by: Mapped[UUID]
    listed_at: Mapped[Instant]


class FirstRefusalRow(Base):
    """A confirmed right of first refusal."""

    __tablename__ = "first_refusal"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    basis: Mapped[str]
    rank: Mapped[int]
    question_id: Mapped[UUID]
    confirmed_at: Mapped[Instant]


class NotificationRow(Base):
    """How one party was told of the sale."""

    __tablename__ = "notification"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    how: Mapped[str]
    service_id: Mapped[UUID | None]
    effective_on: Mapped[date]
    reason: Mapped[str]
    recorded_at: Mapped[Instant]


class NoticeRow(Base):
    """The public notice of one round."""

    __tablename__ = "notice"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    content: Mapped[Json]
    sha256: Mapped[str]
    published_at: Mapped[Instant]
