"""Row classes of viewings and of questions about lots (schema ``sale``); all append-only."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Instant


class ViewingSlotRow(Base):
    """A viewing that the court offers."""

    __tablename__ = "viewing_slot"
    __table_args__ = SCHEMA
    slot_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    round_id: Mapped[UUID]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    place: Mapped[str]
    places: Mapped[int]
    account_id: Mapped[UUID]
    set_at: Mapped[Instant]


class ViewingCancellationRow(Base):
    """A viewing that does not take place."""

    __tablename__ = "viewing_cancellation"
    __table_args__ = SCHEMA
    slot_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str]
    account_id: Mapped[UUID]
    cancelled_at: Mapped[Instant]


class ViewingBookingRow(Base):
    """A visitor's place in a viewing."""

    __tablename__ = "viewing_booking"
    __table_args__ = SCHEMA
    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    slot_id: Mapped[UUID]
    person_id: Mapped[UUID]
    number: Mapped[str]
    booked_at: Mapped[Instant]


class ViewingGivenUpRow(Base):
    """A booking that its visitor gave up."""

    __tablename__ = "viewing_given_up"
    __table_args__ = SCHEMA
    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    given_up_at: Mapped[Instant]


class LotQuestionRow(Base):
    """A question about a lot; who asked is shown to nobody."""

    __tablename__ = "lot_question"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    round_id: Mapped[UUID]
    person_id: Mapped[UUID]
    question: Mapped[str]
    asked_at: Mapped[Instant]


class LotAnswerRow(Base):
    """The answer to a question, or why it is not published."""

    __tablename__ = "lot_answer"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    answer: Mapped[str]
    account_id: Mapped[UUID]
    answered_at: Mapped[Instant]
