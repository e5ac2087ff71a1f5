"""Row classes of rounds and bidders (schema ``sale``)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Fen, Instant, OptionalInstant


class RegistrationRow(Base):
    """Who asked to take part; holds no code."""

    __tablename__ = "registration"
    __table_args__ = SCHEMA
    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    case_id: Mapped[UUID]
    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    state: Mapped[str]
    deposit_id: Mapped[UUID]
    deposit_fen: Mapped[Fen]
    agent_person_id: Mapped[UUID | None]
    agent_sealed: Mapped[bytes | None]
    agent_document_ref: Mapped[str]
    agent_confirmed_at: Mapped[OptionalInstant]
    undertook_eligibility: Mapped[bool]
    registered_at: Mapped[Instant]


class BidderCodeRow(Base):
    """One code of a lot; the way back to its registration is sealed and keyed."""

    __tablename__ = "bidder_code"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    link_key: Mapped[str]
    link_sealed: Mapped[bytes]


class RegistrantViewRow(Base):
    """One look at a registrant."""

    __tablename__ = "registrant_view"
    __table_args__ = SCHEMA
    view_id: Mapped[UUID] = mapped_column(primary_key=True)
    registration_id: Mapped[UUID]
    account_id: Mapped[UUID]
    person_id: Mapped[UUID]
    purpose: Mapped[str]
    viewed_at: Mapped[Instant]


class FindingNoteRow(Base):
    """A finding of integrity waits for the judge of this case; what it says stands with the finding."""

    __tablename__ = "finding_note"
    __table_args__ = SCHEMA
    finding_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    screen: Mapped[str]
    strength: Mapped[float]
    raised_at: Mapped[Instant]
    noted_at: Mapped[Instant]
