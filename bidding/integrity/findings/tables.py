"""Row classes of findings, of the records they rest on, and of the court's acts on them (schema ``bidding``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from auction.kernel.db import Base
from bidding.journal.tables import SCHEMA


class RoundRecordRow(Base):
    """What the sale handed over of a round that is over; the bids stand in the journal."""

    __tablename__ = "round_record"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    case_id: Mapped[UUID]
    roster: Mapped[dict[str, Any]] = mapped_column(JSONB)
    closed_at: Mapped[datetime]
    fate: Mapped[str] = mapped_column(default="open")
    fate_at: Mapped[datetime | None]


class FindingRow(Base):
    """One finding, kept as it was raised."""

    __tablename__ = "finding"
    __table_args__ = SCHEMA
    finding_id: Mapped[UUID] = mapped_column(primary_key=True)
    screen: Mapped[str]
    version: Mapped[str]
    moment: Mapped[str]
    strength: Mapped[float]
    is_weak: Mapped[bool]
    round_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    case_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    parties: Mapped[list[str]] = mapped_column(ARRAY(Text))
    finding: Mapped[dict[str, Any]] = mapped_column(JSONB)
    raised_at: Mapped[datetime]


class FindingWordRow(Base):
    """One word of the court on a finding: an act that only the court has, or its assessment; numbered, never changed."""

    __tablename__ = "finding_word"
    __table_args__ = SCHEMA
    finding_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str]
    reason: Mapped[str]
    document_id: Mapped[UUID | None]
    account_id: Mapped[UUID]
    at: Mapped[datetime]


class FindingActRow(Base):
    """What a word of the court rests on and in which case it was said."""

    __tablename__ = "finding_act"
    __table_args__ = SCHEMA
    finding_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    article: Mapped[str]
    round_id: Mapped[UUID | None]
    code: Mapped[str | None]
    fine_fen: Mapped[int | None]
    detention_days: Mapped[int | None]
    of_number: Mapped[int | None]
    """Which earlier word this one approves, refuses or answers."""


class ExplanationRequestRow(Base):
    """A bidder was asked, under his code."""

    __tablename__ = "explanation_request"
    __table_args__ = SCHEMA
    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    finding_id: Mapped[UUID]
    number: Mapped[int]
    case_id: Mapped[UUID]
    round_id: Mapped[UUID]
    code: Mapped[str]
    question: Mapped[str]
    due_on: Mapped[date]
    asked_at: Mapped[datetime]


class ExplanationRow(Base):
    """What the bidder answered; no account and no instant stand here, they would lead to him before the roster is opened."""

    __tablename__ = "explanation"
    __table_args__ = SCHEMA
    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    answer: Mapped[str]
    answered_on: Mapped[date]


class RosterOpeningRow(Base):
    """A judge opened the roster of a round that is over, on the record."""

    __tablename__ = "roster_opening"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    finding_id: Mapped[UUID]
    number: Mapped[int]
    reason: Mapped[str]
    account_id: Mapped[UUID]
    opened_at: Mapped[datetime]


class FindingLookRow(Base):
    """Somebody looked at a finding, at an opened roster or at a pack."""

    __tablename__ = "finding_look"
    __table_args__ = SCHEMA
    look_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    finding_id: Mapped[UUID]
    round_id: Mapped[UUID | None]
    what: Mapped[str]
    account_id: Mapped[UUID]
    looked_at: Mapped[datetime]


class EvidencePackRow(Base):
    """A pack as it was signed."""

    __tablename__ = "evidence_pack"
    __table_args__ = SCHEMA
    pack_id: Mapped[UUID] = mapped_column(primary_key=True)
    finding_id: Mapped[UUID]
    case_id: Mapped[UUID]
    written: Mapped[bytes]
    fingerprint: Mapped[str]
    key_id: Mapped[str]
    public_key: Mapped[bytes]
    account_id: Mapped[UUID]
    made_at: Mapped[datetime]
