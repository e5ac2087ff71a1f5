"""Row class of fitted controls (schema ``bidding``); the newest counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from bidding.journal.tables import SCHEMA


class BaselineRow(Base):
    """The controls as they were fitted one night; append-only, so that a finding can be looked at again as it was made."""

    __tablename__ = "baseline"
    __table_args__ = SCHEMA
    baseline_id: Mapped[UUID] = mapped_column(primary_key=True)
    fitted_on: Mapped[int]
    controls: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fitted_at: Mapped[datetime]
