"""Row classes of findings and of the records they rest on (schema ``bidding``)."""

from __future__ import annotations

from datetime import datetime
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
