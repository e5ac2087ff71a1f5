"""Rows of deposits that were not there to be kept (schema ``fund``); append-only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class MissingDepositRow(Base):
    """What of the deposit of a round was missing when its default was declared."""

    __tablename__ = "missing_deposit"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    missing_fen: Mapped[int]
    noted_at: Mapped[datetime]
