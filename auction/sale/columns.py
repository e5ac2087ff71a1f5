"""Column types of the sale's row classes, and the one way to add rows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

from auction.kernel.db import Base, Transaction

SCHEMA = {"schema": "sale"}

Fen = Annotated[int, mapped_column(BigInteger)]
OptionalFen = Annotated[int | None, mapped_column(BigInteger)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
OptionalInstant = Annotated[datetime | None, mapped_column(DateTime(timezone=True))]
Json = Annotated[Any, mapped_column(JSONB)]


async def add(tx: Transaction, *rows: Base) -> None:
    """Insert rows in this order (foreign keys are the database's, the row classes do not repeat them)."""
    for row in rows:
        tx.session.add(row)
        await tx.session.flush()
