"""Rows of closed alarms (schema ``fund``); append-only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class AlarmClosingRow(Base):
    """What became of an alarm; ``document_id``: the ruling on it, ``None`` where none is needed."""

    __tablename__ = "alarm_closing"
    __table_args__ = SCHEMA
    closing_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    case_id: Mapped[UUID]
    reason: Mapped[str]
    document_id: Mapped[UUID | None]
    closed_at: Mapped[datetime]
