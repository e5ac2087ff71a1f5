"""Rows of second factors (migration 0057b)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base

_SCHEMA = {"schema": "web"}
_INSTANT = DateTime(timezone=True)


class TotpRow(Base):
    """An authenticator of an account: begun, confirmed by a first code, ended."""

    __tablename__ = "totp"
    __table_args__ = _SCHEMA

    totp_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    secret_sealed: Mapped[bytes | None]
    begun_in: Mapped[bytes]
    begun_at: Mapped[datetime] = mapped_column(_INSTANT)
    confirmed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    last_step: Mapped[int]
    wrong_in_a_row: Mapped[int]
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class RecoveryCodeRow(Base):
    """A recovery code, by its keyed hash: open, used or ended."""

    __tablename__ = "recovery_code"
    __table_args__ = _SCHEMA

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    issued_at: Mapped[datetime] = mapped_column(_INSTANT)
    used_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)
