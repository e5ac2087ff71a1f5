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
    """One decision of the court that two persons are linked: by tokens and sealed (`auction.sale.links.sealed`), in plain before 0072."""

    __tablename__ = "decided_link"
    __table_args__ = SCHEMA
    link_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    low_token: Mapped[str | None]
    high_token: Mapped[str | None]
    words_sealed: Mapped[bytes | None]
    low_person_id: Mapped[UUID | None]
    high_person_id: Mapped[UUID | None]
    relation: Mapped[str]
    reason: Mapped[str | None]
    low_heard_on: Mapped[date | None]
    high_heard_on: Mapped[date | None]
    record_ref: Mapped[str | None]
    decided_by: Mapped[UUID]
    decided_at: Mapped[Instant]


class LinkRevocationRow(Base):
    """The revocation of one decision; its reason sealed, in plain before 0072."""

    __tablename__ = "link_revocation"
    __table_args__ = SCHEMA
    link_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str | None]
    reason_sealed: Mapped[bytes | None]
    revoked_by: Mapped[UUID]
    revoked_at: Mapped[Instant]
