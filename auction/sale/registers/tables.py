"""Row classes of questions to keepers of lists (schema ``sale``); all append-only."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Instant, Json


class ListQuestionRow(Base):
    """One question about one person to one keeper."""

    __tablename__ = "list_question"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    keeper: Mapped[str]
    keeper_title: Mapped[str]
    person_id: Mapped[UUID]
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    lists: Mapped[list[str]] = mapped_column(ARRAY(Text))
    moment: Mapped[str]
    asked_at: Mapped[Instant]


class ListAnswerRow(Base):
    """A keeper's signed answer: sealed whole, for it names the person; ``fingerprint`` is keyed."""

    __tablename__ = "list_answer"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    answer_no: Mapped[str]
    as_of: Mapped[Instant]
    entries: Mapped[Json]
    content_sealed: Mapped[bytes]
    fingerprint: Mapped[str]
    answered_at: Mapped[Instant]


class ListGapRow(Base):
    """A try that brought no answer, and why."""

    __tablename__ = "list_gap"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str]
    detail: Mapped[str]
    at: Mapped[Instant]


class JointSubjectRow(Base):
    """A joint bidder about whom the lists are asked; ``subject_id`` is his person's, or made from his number where he is none on file."""

    __tablename__ = "joint_subject"
    __table_args__ = SCHEMA
    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    commitment: Mapped[str]
    kind: Mapped[str]
    number_sealed: Mapped[bytes]
    named_at: Mapped[Instant]


class DeclarationRow(Base):
    """A register as one officer declared it from a body's paper."""

    __tablename__ = "register_declaration"
    __table_args__ = SCHEMA
    declaration_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    register: Mapped[str]
    body: Mapped[str]
    document_ref: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    declared_at: Mapped[Instant]


class EntryRow(Base):
    """One person of a declaration: sealed, and found by the keyed commitment of the identity number only."""

    __tablename__ = "register_entry"
    __table_args__ = SCHEMA
    declaration_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    commitment: Mapped[str]
    kind: Mapped[str]
    identity_sealed: Mapped[bytes]
    name_sealed: Mapped[bytes]
    relation: Mapped[str]


class RegisterWordRow(Base):
    """What a second officer said of a declaration."""

    __tablename__ = "register_word"
    __table_args__ = SCHEMA
    declaration_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    says: Mapped[str]
    reason: Mapped[str]
    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    at: Mapped[Instant]


class RegisterViewRow(Base):
    """One look at a declaration's names."""

    __tablename__ = "register_view"
    __table_args__ = SCHEMA
    view_id: Mapped[UUID] = mapped_column(primary_key=True)
    declaration_id: Mapped[UUID]
    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    viewed_at: Mapped[Instant]


class EligibilityProofRow(Base):
    """A record about the buyer's eligibility where purchases are limited."""

    __tablename__ = "eligibility_proof"
    __table_args__ = SCHEMA
    proof_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    round_id: Mapped[UUID]
    source: Mapped[str]
    document_ref: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date]
    is_eligible: Mapped[bool]
    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    recorded_at: Mapped[Instant]


class PaperAnswerRow(Base):
    """A keeper's written answer about a buyer (``about_id``), as one officer brought it."""

    __tablename__ = "paper_answer"
    __table_args__ = SCHEMA
    paper_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    round_id: Mapped[UUID]
    about_id: Mapped[UUID]
    list: Mapped[str]
    keeper_title: Mapped[str]
    says: Mapped[str]
    as_of: Mapped[Instant]
    document_ref: Mapped[str]
    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    brought_at: Mapped[Instant]


class PaperWordRow(Base):
    """What another officer said of it."""

    __tablename__ = "paper_answer_word"
    __table_args__ = SCHEMA
    paper_id: Mapped[UUID] = mapped_column(primary_key=True)
    says: Mapped[str]
    reason: Mapped[str]
    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    at: Mapped[Instant]
