"""Row classes of schema ``bidding`` as readers and use cases see them; the committer writes with its own SQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base

SCHEMA = {"schema": "bidding"}


class ShardOwnerRow(Base):
    """Who owns a shard, and how far its stream is committed."""

    __tablename__ = "shard_owner"
    __table_args__ = SCHEMA
    shard: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    token: Mapped[str]
    taken_at: Mapped[datetime]
    batches: Mapped[int]
    rebuild_asked: Mapped[bool]


class SessionRow(Base):
    """One session: its fixed terms and the head of its journal."""

    __tablename__ = "session"
    __table_args__ = SCHEMA
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    round_id: Mapped[UUID]
    shard: Mapped[int]
    terms: Mapped[str]
    genesis: Mapped[bytes]
    recorded_at: Mapped[datetime]
    phase: Mapped[str] = mapped_column(default="recorded")
    halted: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    digest: Mapped[bytes]
    epoch: Mapped[int] = mapped_column(default=0)
    last_us: Mapped[int] = mapped_column(default=0)
    opens_us: Mapped[int]
    end_us: Mapped[int]
    price_fen: Mapped[int] = mapped_column(default=0)
    leader: Mapped[str] = mapped_column(default="")
    bid_count: Mapped[int] = mapped_column(default=0)


class EventRow(Base):
    """One committed event."""

    __tablename__ = "journal_event"
    __table_args__ = SCHEMA
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    shard: Mapped[int]
    epoch: Mapped[int]
    shard_seq: Mapped[int]
    batch: Mapped[int]
    at_us: Mapped[int]
    kind: Mapped[str]
    code: Mapped[str | None]
    bid_id: Mapped[str | None]
    body: Mapped[str]
    digest: Mapped[bytes]


class RefusalRow(Base):
    """One refused bid."""

    __tablename__ = "refusal"
    __table_args__ = SCHEMA
    shard: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    shard_seq: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[int]
    session_id: Mapped[UUID]
    bid_id: Mapped[str]
    code: Mapped[str]
    amount_fen: Mapped[int]
    kind: Mapped[str]
    reason: Mapped[str]
    depends_on: Mapped[int]
    at_us: Mapped[int]
    received_us: Mapped[int]
    suppressed: Mapped[int]


class BatchRow(Base):
    """One committed batch with its signed root."""

    __tablename__ = "batch"
    __table_args__ = SCHEMA
    shard: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    owner_epoch: Mapped[int]
    through: Mapped[str]
    leaves: Mapped[int]
    root: Mapped[bytes]
    key_id: Mapped[str]
    signature: Mapped[bytes]
    committed_at: Mapped[datetime]


class ReceiptKeyRow(Base):
    """The public half of a key that signed receipts."""

    __tablename__ = "receipt_key"
    __table_args__ = SCHEMA
    key_id: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[bytes]
    valid_from: Mapped[datetime]


class SnapshotRow(Base):
    """The committer's state of a session after an event."""

    __tablename__ = "snapshot"
    __table_args__ = SCHEMA
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]


class AdmissionRow(Base):
    """An admission that was asked for."""

    __tablename__ = "admission"
    __table_args__ = SCHEMA
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    first_refusal_rank: Mapped[int]
    has_agent: Mapped[bool]
    recorded_at: Mapped[datetime]


class SaidPersonsRow(Base):
    """A word: whose persons the codes of a session are; the newest counts."""

    __tablename__ = "said_persons"
    __table_args__ = SCHEMA
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    persons: Mapped[list[list[str]]] = mapped_column(JSONB)
    recorded_at: Mapped[datetime]


class SamePersonRow(Base):
    """Two admitted codes that the court decided to be one person's: recorded so before words were."""

    __tablename__ = "same_person"
    __table_args__ = SCHEMA
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    same_as: Mapped[str] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime]


class CourtOrderRow(Base):
    """A stop or a resumption that the court ordered."""

    __tablename__ = "court_order"
    __table_args__ = SCHEMA
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    step: Mapped[str]
    stop_kind: Mapped[str | None]
    ground: Mapped[str | None]
    resumes_us: Mapped[int | None]
    recorded_at: Mapped[datetime]


class IncidentRow(Base):
    """What a person must know of."""

    __tablename__ = "incident"
    __table_args__ = SCHEMA
    incident_id: Mapped[UUID] = mapped_column(primary_key=True)
    shard: Mapped[int]
    session_id: Mapped[UUID | None]
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default="clock_timestamp()")
    facts: Mapped[str]


class CourtReportRow(Base):
    """An incident as it was reported to the court in one session, in the incident's own transaction."""

    __tablename__ = "court_report"
    __table_args__ = SCHEMA
    report_id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[UUID]
    session_id: Mapped[UUID]
    reported_at: Mapped[datetime]


class OutcomeRow(Base):
    """How a session ended."""

    __tablename__ = "outcome"
    __table_args__ = SCHEMA
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    result: Mapped[str]
    hammer_price_fen: Mapped[int | None]
    buyer_code: Mapped[str | None]
    closed_at: Mapped[datetime]
    bid_count: Mapped[int]
    last_sequence: Mapped[int]
    chain_head: Mapped[bytes]
    recorded_at: Mapped[datetime]


class PublishedRootRow(Base):
    """The heads of all chains at one instant, as one signed root."""

    __tablename__ = "published_root"
    __table_args__ = SCHEMA
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    heads: Mapped[str]
    root: Mapped[bytes]
    key_id: Mapped[str]
    signature: Mapped[bytes]
