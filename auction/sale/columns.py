"""Column types of the sale's row classes, and the one way to add rows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import mapped_column

from auction.kernel.db import Base, Transaction
from auction.kernel.errors import Conflict

SCHEMA = {"schema": "sale"}

Fen = Annotated[int, mapped_column(BigInteger)]
OptionalFen = Annotated[int | None, mapped_column(BigInteger)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
OptionalInstant = Annotated[datetime | None, mapped_column(DateTime(timezone=True))]
Json = Annotated[Any, mapped_column(JSONB)]


UNIQUE_VIOLATION = "23505"


class IdTaken(Conflict):
    """The id that the sender gave, or what else must be unique, is taken."""

    code = "sale_id_taken"
    article = "house: one id names one thing"
    zh = "该编号已被占用，未作任何更改。"
    en = "This id is already in use; nothing was changed."


async def add(tx: Transaction, *rows: Base) -> None:
    """Insert rows in this order (foreign keys are the database's, the row classes do not repeat them).

    Raises: `IdTaken` when the id, or what else is unique, stands already; the transaction is lost then.
    """
    for row in rows:
        tx.session.add(row)
        try:
            await tx.session.flush()
        except IntegrityError as fault:
            if getattr(fault.orig, "sqlstate", None) == UNIQUE_VIOLATION:
                raise IdTaken from fault
            raise
