"""Row classes of the catalogue of public lots, and the rooms as bidding shows them; the database writes both (version 0064)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, Text, Uuid, column, table
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Fen, Instant, OptionalFen

ROOMS = table(
    "room_standing",
    column("session_id", Uuid),
    column("phase", Text),
    column("halted", Boolean),
    column("end_us", BigInteger),
    column("price_fen", BigInteger),
    column("bid_count", BigInteger),
    schema="bidding",
)
"""The view through which everybody may read how a room stands as committed: no code, no leader."""

RESULTS = table(
    "round_result",
    column("round_id", Uuid),
    column("lot_id", Uuid),
    column("case_number", Text),
    column("court", Text),
    column("province", Text),
    column("city", Text),
    column("asset_class", Text),
    column("kind", Text),
    column("number", BigInteger),
    column("result", Text),
    column("reserve_fen", BigInteger),
    column("hammer_price_fen", BigInteger),
    column("bid_count", BigInteger),
    column("closed_at", DateTime(timezone=True)),
    column("ran_over", Boolean),
    column("defaulted", Boolean),
    column("was_set_aside", Boolean),
    schema="sale",
)
"""The view of how rounds ended (version 0065): no code, no person."""


class CatalogueRow(Base):
    """One announced lot with its newest round."""

    __tablename__ = "catalogue_entry"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    round_id: Mapped[UUID]
    session_id: Mapped[UUID]
    case_number: Mapped[str]
    court: Mapped[str]
    asset_class: Mapped[str]
    state: Mapped[str]
    round_state: Mapped[str]
    was_set_aside: Mapped[bool]
    kind: Mapped[str]
    number: Mapped[int]
    version: Mapped[int]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    province: Mapped[str]
    city: Mapped[str]
    reserve_fen: Mapped[Fen]
    deposit_fen: Mapped[Fen]
    opens_at: Mapped[Instant]
    closes_at: Mapped[Instant]
    announced_at: Mapped[Instant]
    hammer_price_fen: Mapped[OptionalFen]
    has_first_refusal: Mapped[bool]
    standing: Mapped[str]
    price_fen: Mapped[Fen]
    ended_at: Mapped[Instant]
    bid_count: Mapped[Fen]
    words: Mapped[str] = mapped_column(deferred=True)
    tokens: Mapped[Any] = mapped_column(TSVECTOR, nullable=True, deferred=True)
    reading: Mapped[int]


class CataloguePlaceRow(Base):
    """A place and a court that occur."""

    __tablename__ = "catalogue_place"
    __table_args__ = SCHEMA
    province: Mapped[str] = mapped_column(primary_key=True)
    city: Mapped[str] = mapped_column(primary_key=True)
    court: Mapped[str] = mapped_column(primary_key=True)
