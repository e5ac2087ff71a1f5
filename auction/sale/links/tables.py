"""Row classes of traits and decided links (schema ``sale``)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Instant


class RegistrationTraitsRow(Base):
    """What a registration said of itself and where it came from, sealed; ``None`` once it was erased."""

    __tablename__ = "registration_traits"
    __table_args__ = SCHEMA
    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    traits_sealed: Mapped[bytes | None]
    kept_at: Mapped[Instant]


class DecidedLinkRow(Base):
    """One decision of the court that two persons are linked."""

    __tablename__ = "decided_link"
    __table_args__ = SCHEMA
    link_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    low_person_id: Mapped[UUID]
    high_person_id: Mapped[UUID]
    relation: Mapped[str]
    reason: Mapped[str]
    low_heard_on: Mapped[date]
    high_heard_on: Mapped[date]
    record_ref: Mapped[str]
    decided_by: Mapped[UUID]
    decided_at: Mapped[Instant]


class LinkRevocationRow(Base):
    """The revocation of one decision."""

    __tablename__ = "link_revocation"
    __table_args__ = SCHEMA
    link_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str]
    revoked_by: Mapped[UUID]
    revoked_at: Mapped[Instant]
