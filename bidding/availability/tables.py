"""Row classes of measured availability (schema ``bidding``)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base

SCHEMA = {"schema": "bidding"}


class ProbeKeyRow(Base):
    """The public half of a key that signed spans."""

    __tablename__ = "probe_key"
    __table_args__ = SCHEMA
    key_id: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[bytes]
    valid_from: Mapped[datetime]


class ProbeRunRow(Base):
    """One run of a probe's process."""

    __tablename__ = "probe_run"
    __table_args__ = SCHEMA
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    rooms: Mapped[int]
    down: Mapped[int]
    refused: Mapped[int]


class SpanRow(Base):
    """One signed span."""

    __tablename__ = "availability_span"
    __table_args__ = SCHEMA
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    shard: Mapped[int]
    session_id: Mapped[UUID]
    state: Mapped[str]
    began_us: Mapped[int]
    ended_us: Mapped[int]
    body: Mapped[str]
    previous: Mapped[bytes]
    digest: Mapped[bytes]
    key_id: Mapped[str]
    signature: Mapped[bytes]
