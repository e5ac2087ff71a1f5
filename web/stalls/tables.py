"""Rows of stalled cases (migration 0090)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base

_SCHEMA = {"schema": "web"}
_INSTANT = DateTime(timezone=True)


class CaseStallRow(Base):
    """A level that the nightly look noted, once for each first day of a ground."""

    __tablename__ = "case_stall"
    __table_args__ = _SCHEMA
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    ground: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(primary_key=True)
    noted_on: Mapped[date]
    noted_at: Mapped[datetime] = mapped_column(_INSTANT)


class StallReasonRow(Base):
    """What the court said about why a case does not move."""

    __tablename__ = "stall_reason"
    __table_args__ = _SCHEMA
    reason_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    reason: Mapped[str]
    account_id: Mapped[UUID]
    said_at: Mapped[datetime] = mapped_column(_INSTANT)
