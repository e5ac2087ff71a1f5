"""Row classes of guards at the doors (schema ``sale``); all append-only."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Instant, Json


class GuardApplicationRow(Base):
    """One application of a guard; ``person_id`` is empty for a listing."""

    __tablename__ = "guard_application"
    __table_args__ = SCHEMA
    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    guard: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    place: Mapped[str]
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    outcome: Mapped[str]
    refusal: Mapped[str]
    rested_on: Mapped[Json]
    account_id: Mapped[UUID]
    command_id: Mapped[UUID]
    applied_at: Mapped[Instant]


class GuardObjectionRow(Base):
    """The refused person's objection; one for a refusal."""

    __tablename__ = "guard_objection"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID]
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    person_id: Mapped[UUID]
    guard: Mapped[str]
    grounds_sealed: Mapped[bytes]
    papers: Mapped[Json]
    raised_at: Mapped[Instant]


class GuardDecisionRow(Base):
    """The court's reasoned decision on an objection."""

    __tablename__ = "guard_decision"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    upheld: Mapped[bool]
    reason: Mapped[str]
    article: Mapped[str]
    decided_by: Mapped[UUID]
    decided_at: Mapped[Instant]
    link_stands: Mapped[str | None]


class AgentKeyRow(Base):
    """The keyed commitment of a declared agent's identity number: it is compared, never read."""

    __tablename__ = "agent_key"
    __table_args__ = SCHEMA
    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    commitment: Mapped[str]


class JointMemberRow(Base):
    """One of the joint bidders behind a registration; name and number are sealed."""

    __tablename__ = "joint_member"
    __table_args__ = SCHEMA
    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    round_id: Mapped[UUID]
    commitment: Mapped[str]
    member_sealed: Mapped[bytes]
    share_bp: Mapped[int] = mapped_column(Integer)
    document_ref: Mapped[str]
    declared_at: Mapped[Instant]


class ControlKeyRow(Base):
    """A keyed commitment of a registrant or of who controls him, by the company register's answer."""

    __tablename__ = "control_key"
    __table_args__ = SCHEMA
    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    commitment: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]


class ControlQuestionRow(Base):
    """One question about one company to the company register."""

    __tablename__ = "control_question"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    register: Mapped[str]
    person_id: Mapped[UUID]
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    asked_at: Mapped[Instant]


class ControlAnswerRow(Base):
    """The register's signed answer: sealed whole, for it names the controllers; ``fingerprint`` is keyed."""

    __tablename__ = "control_answer"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    answer_no: Mapped[str]
    as_of: Mapped[Instant]
    content_sealed: Mapped[bytes]
    fingerprint: Mapped[str]
    answered_at: Mapped[Instant]


class ControlGapRow(Base):
    """A try that brought no answer, and why."""

    __tablename__ = "control_gap"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str]
    detail: Mapped[str]
    at: Mapped[Instant]


class ControlNoteRow(Base):
    """Two registrations of a round that share a controller, for the judge; the lower id first."""

    __tablename__ = "control_note"
    __table_args__ = SCHEMA
    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    other_registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    register: Mapped[str]
    noted_at: Mapped[Instant]
