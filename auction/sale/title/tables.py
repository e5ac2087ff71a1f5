"""Row classes of title (schema ``sale``); all append-only."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Fen, Instant


class ConfirmationRow(Base):
    """The confirmation of auction transaction of a round."""

    __tablename__ = "confirmation"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    document_id: Mapped[UUID]
    buyer_person_id: Mapped[UUID]
    buyer_party_id: Mapped[UUID]
    buyer_name_sealed: Mapped[bytes]
    hammer_price_fen: Mapped[Fen]
    deposit_fen: Mapped[Fen]
    balance_due_at: Mapped[Instant]
    published_at: Mapped[Instant]


class BalanceExtensionRow(Base):
    """More time for the balance."""

    __tablename__ = "balance_extension"
    __table_args__ = SCHEMA
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    balance_due_at: Mapped[Instant]
    granted_at: Mapped[Instant]


class FullPaymentRow(Base):
    """The price stood paid in full on this day."""

    __tablename__ = "full_payment"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    applied_fen: Mapped[Fen]
    complete_on: Mapped[date]
    noted_at: Mapped[Instant]


class SaleRulingRow(Base):
    """The ruling confirming the sale."""

    __tablename__ = "sale_ruling"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    document_id: Mapped[UUID]
    buyer_party_id: Mapped[UUID]
    hammer_price_fen: Mapped[Fen]
    applied_fen: Mapped[Fen]
    eligibility_ref: Mapped[str]
    serve_by: Mapped[date]
    ruled_at: Mapped[Instant]


class TitlePassageRow(Base):
    """Title passed by service of the ruling on the buyer."""

    __tablename__ = "title_passage"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[UUID]
    passed_on: Mapped[date]
    deliver_by: Mapped[date]
    noted_at: Mapped[Instant]


class DefaultDeclarationRow(Base):
    """A declared default."""

    __tablename__ = "default_declaration"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    question_id: Mapped[UUID]
    buyer_person_id: Mapped[UUID]
    forfeited_fen: Mapped[Fen]
    missing_fen: Mapped[Fen]
    declared_at: Mapped[Instant]


class SettingAsideRow(Base):
    """A sale that was set aside; ``question_id`` is ``None`` where a ruling on an objection did it, not the panel's word on the buyer."""

    __tablename__ = "setting_aside"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    question_id: Mapped[UUID | None]
    document_id: Mapped[UUID]
    buyer_person_id: Mapped[UUID]
    ground: Mapped[str]
    set_aside_at: Mapped[Instant]


class RegistryTransferRow(Base):
    """The registry's receipt for the transfer."""

    __tablename__ = "registry_transfer"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    registry_name: Mapped[str] = mapped_column("registry")
    receipt_number: Mapped[str]
    certificate_number: Mapped[str]
    transferred_on: Mapped[date]
    recorded_at: Mapped[Instant]


class DeliveryRow(Base):
    """The record of delivery."""

    __tablename__ = "delivery"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    delivered_on: Mapped[date]
    is_late: Mapped[bool]
    record_ref: Mapped[str]
    meter_readings: Mapped[str]
    late_reason: Mapped[str]
    recorded_at: Mapped[Instant]


class RegistryFilingRow(Base):
    """What was filed at the registry together, in one receipt."""

    __tablename__ = "registry_filing"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    old_mortgages: Mapped[int]
    has_loan: Mapped[bool]
    registry_name: Mapped[str] = mapped_column("registry")
    receipt_number: Mapped[str]
    filed_on: Mapped[date]
    recorded_at: Mapped[Instant]


class RegistryEntryRow(Base):
    """An entry of the registry beside the transfer: an old mortgage cancelled, the new one entered."""

    __tablename__ = "registry_entry"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    certificate_number: Mapped[str]
    entered_on: Mapped[date]
    recorded_at: Mapped[Instant]
