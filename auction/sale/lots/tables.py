"""Row classes of panel and lots, and of the rounds that a notice begins (schema ``sale``)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Fen, Instant, Json, OptionalFen


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


class RoundRow(Base):
    """One attempt by law; only its state moves."""

    __tablename__ = "round"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    case_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[str]
    version: Mapped[int]
    session_id: Mapped[UUID]
    state: Mapped[str]
    opens_at: Mapped[Instant]
    closes_at: Mapped[Instant]
    announced_at: Mapped[Instant]


class RoundEventRow(Base):
    """One move of a round."""

    __tablename__ = "round_event"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    move: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    account_id: Mapped[UUID]
    reason: Mapped[str]
    at: Mapped[Instant]


class OutcomeRow(Base):
    """How a round's session ended."""

    __tablename__ = "outcome"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    result: Mapped[str]
    hammer_price_fen: Mapped[OptionalFen]
    buyer_code: Mapped[str | None]
    buyer_registration_id: Mapped[UUID | None]
    closed_at: Mapped[Instant]
    bid_count: Mapped[Fen]
    last_sequence: Mapped[Fen]
    chain_head: Mapped[str]
    taken_at: Mapped[Instant]


class ReportAnswerRow(Base):
    """What the court said to a report of technical trouble in a room."""

    __tablename__ = "report_answer"
    __table_args__ = SCHEMA
    report_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    measure: Mapped[str]
    reason: Mapped[str]
    account_id: Mapped[UUID]
    answered_at: Mapped[Instant]


class StopRow(Base):
    """One stop of a round."""

    __tablename__ = "stop"
    __table_args__ = SCHEMA
    stop_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    kind: Mapped[str]
    ground: Mapped[str]
    reason: Mapped[str]
    document_id: Mapped[UUID]
    resumes_into: Mapped[str]
    stopped_at: Mapped[Instant]


class ResumptionRow(Base):
    """The published hour at which a stopped round goes on."""

    __tablename__ = "resumption"
    __table_args__ = SCHEMA
    stop_id: Mapped[UUID] = mapped_column(primary_key=True)
    ground_ended_on: Mapped[date]
    reason: Mapped[str]
    resumes_at: Mapped[Instant]
    published_at: Mapped[Instant]


class ChoiceAfterFailureRow(Base):
    """What follows a failed round."""

    __tablename__ = "choice_after_failure"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    choice: Mapped[str]
    reason: Mapped[str]
    creditor_party_id: Mapped[UUID | None]
    price_fen: Mapped[OptionalFen]
    question_id: Mapped[UUID | None]
    chosen_by: Mapped[UUID]
    chosen_at: Mapped[Instant]
