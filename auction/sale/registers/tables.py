"""Row classes of questions to keepers of lists (schema ``sale``); all append-only."""

from __future__ import annotations

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
