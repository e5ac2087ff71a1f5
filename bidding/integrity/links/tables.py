"""Row classes of the party graph (schema ``bidding``)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Identity
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from bidding.journal.tables import SCHEMA


class LinkPartyRow(Base):
    """One party by its keyed token."""

    __tablename__ = "link_party"
    __table_args__ = SCHEMA
    party_no: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    party: Mapped[str]


class LinkValueRow(Base):
    """One keyed hash of one kind under one key."""

    __tablename__ = "link_value"
    __table_args__ = SCHEMA
    value_no: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str]
    key_id: Mapped[str]
    hash: Mapped[bytes]


class KeyedRegistrationRow(Base):
    """One registration of which keys are known."""

    __tablename__ = "keyed_registration"
    __table_args__ = SCHEMA
    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    party_no: Mapped[int]
    registered_at: Mapped[datetime]


class RegistrationValueRow(Base):
    """One value of one registration."""

    __tablename__ = "registration_value"
    __table_args__ = SCHEMA
    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    value_no: Mapped[int] = mapped_column(primary_key=True)


class LinkUseRow(Base):
    """One edge of the graph: a party used a value, first and last then."""

    __tablename__ = "link_use"
    __table_args__ = SCHEMA
    value_no: Mapped[int] = mapped_column(primary_key=True)
    party_no: Mapped[int] = mapped_column(primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
