"""Row classes of the enforcement file (schema ``sale``)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base
from auction.sale.columns import SCHEMA, Fen, Instant, OptionalFen


class CaseRow(Base):
    """One enforcement file; append-only."""

    __tablename__ = "case_file"
    __table_args__ = SCHEMA
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_number: Mapped[str]
    court: Mapped[str]
    court_code: Mapped[str]
    handler_person_id: Mapped[UUID]
    handler_name: Mapped[str]
    telephone: Mapped[str]
    supervision_telephone: Mapped[str]
    instrument: Mapped[str]
    instrument_number: Mapped[str]
    instrument_court: Mapped[str]
    instrument_is_secret: Mapped[bool]
    case_account_number: Mapped[str]
    opened_at: Mapped[Instant]


class PartyRow(Base):
    """One person in one role; contact data sealed."""

    __tablename__ = "party"
    __table_args__ = SCHEMA
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    person_id: Mapped[UUID]
    role: Mapped[str]
    claim_fen: Mapped[OptionalFen]
    consumption_restricted: Mapped[bool]
    telephone_sealed: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]
    e_service_consent_on: Mapped[date | None]
    e_service_address_sealed: Mapped[bytes | None]
    added_at: Mapped[Instant]


class AssetRow(Base):
    """One asset; append-only."""

    __tablename__ = "asset"
    __table_args__ = SCHEMA
    asset_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    asset_class: Mapped[str]
    title: Mapped[str]
    address: Mapped[str]
    registry_number: Mapped[str]
    in_custody: Mapped[bool]
    recorded_at: Mapped[Instant]


class AssetFactRow(Base):
    """One value of one field of an asset; the newest counts."""

    __tablename__ = "asset_fact"
    __table_args__ = SCHEMA
    asset_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str]
    zh: Mapped[str]
    en: Mapped[str]
    source: Mapped[str]
    as_of: Mapped[date]
    recorded_at: Mapped[Instant]


class SeizureRow(Base):
    """One seizure or renewal; append-only."""

    __tablename__ = "seizure"
    __table_args__ = SCHEMA
    seizure_id: Mapped[UUID] = mapped_column(primary_key=True)
    asset_id: Mapped[UUID]
    case_id: Mapped[UUID]
    court: Mapped[str]
    case_number: Mapped[str]
    kind: Mapped[str]
    rank: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    renews: Mapped[UUID | None]
    handover_ref: Mapped[str]
    document_ref: Mapped[str]
    recorded_at: Mapped[Instant]


class SeizureLiftRow(Base):
    """The lifting of one seizure; ``lifted_on`` is the first day without it."""

    __tablename__ = "seizure_lift"
    __table_args__ = SCHEMA
    seizure_id: Mapped[UUID] = mapped_column(primary_key=True)
    lifted_on: Mapped[date]
    document_ref: Mapped[str]
    recorded_at: Mapped[Instant]


class HandoverRequestRow(Base):
    """One request to the first-seizure court to hand the sale over; append-only."""

    __tablename__ = "handover_request"
    __table_args__ = SCHEMA
    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    seizure_id: Mapped[UUID]
    ground: Mapped[str]
    asked_on: Mapped[date]
    answer_by: Mapped[date]
    document_ref: Mapped[str]
    recorded_at: Mapped[Instant]


class HandoverAnswerRow(Base):
    """The first-seizure court's answer to one request; append-only."""

    __tablename__ = "handover_answer"
    __table_args__ = SCHEMA
    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    answer: Mapped[str]
    answered_on: Mapped[date]
    document_ref: Mapped[str]
    recorded_at: Mapped[Instant]


class PlatformChoiceRow(Base):
    """Which platform sells, and who chose it."""

    __tablename__ = "platform_choice"
    __table_args__ = SCHEMA
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    platform: Mapped[str]
    chosen_by: Mapped[str]
    reason: Mapped[str]
    chosen_on: Mapped[date]
    recorded_at: Mapped[Instant]


class DocumentRow(Base):
    """One document; its body sealed at rest, its fingerprint public."""

    __tablename__ = "document"
    __table_args__ = SCHEMA
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID | None]
    kind: Mapped[str]
    title: Mapped[str]
    body_sealed: Mapped[bytes]
    body_sha256: Mapped[str]
    needs_seal: Mapped[bool]
    issued_by: Mapped[UUID]
    issued_at: Mapped[Instant]


class SealRequestRow(Base):
    """The seal service was asked; one row and one key for each attempt."""

    __tablename__ = "seal_request"
    __table_args__ = SCHEMA
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(Integer, primary_key=True)
    requested_at: Mapped[Instant]


class SealRefusalRow(Base):
    """The seal service refused, which ended the attempt."""

    __tablename__ = "seal_refusal"
    __table_args__ = SCHEMA
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(Integer, primary_key=True)
    reason: Mapped[str]
    refused_at: Mapped[Instant]


class DocumentSealRow(Base):
    """The seal of a document; without it the document is a draft.

    What was signed, and the key, are ``None`` for marks of before the seal service.
    """

    __tablename__ = "document_seal"
    __table_args__ = SCHEMA
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    seal_ref: Mapped[str]
    signature: Mapped[str]
    sealed_at: Mapped[Instant]
    signed_document: Mapped[str | None]
    public_key: Mapped[str | None]


class KeptPaperRow(Base):
    """A document's paper as it was issued, and all that sets it again; content and file are sealed at rest."""

    __tablename__ = "kept_paper"
    __table_args__ = SCHEMA
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    template: Mapped[str]
    typesetter: Mapped[str]
    fonts: Mapped[str]
    at: Mapped[Instant]
    content_sealed: Mapped[bytes]
    file_sealed: Mapped[bytes]
    file_sha256: Mapped[str]
    kept_at: Mapped[Instant]


class ServiceRow(Base):
    """A document took effect on one party."""

    __tablename__ = "service"
    __table_args__ = SCHEMA
    service_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    document_id: Mapped[UUID]
    party_id: Mapped[UUID]
    method: Mapped[str]
    evidence_ref: Mapped[str]
    dispatched_on: Mapped[date]
    effective_on: Mapped[date]
    is_deemed: Mapped[bool]
    article: Mapped[str]
    recorded_at: Mapped[Instant]


class ReferencePriceRow(Base):
    """A reference price taken over from valuation."""

    __tablename__ = "reference_price"
    __table_args__ = SCHEMA
    reference_price_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    method: Mapped[str]
    amount_fen: Mapped[Fen]
    fixed_at: Mapped[Instant]
    valid_until: Mapped[date]
    evidence_sha256: Mapped[str]
    agency_id: Mapped[UUID | None]
    taken_at: Mapped[Instant]


class PriceSetAsideRow(Base):
    """A reference price that a ruling set aside; noted even before the price itself was taken over."""

    __tablename__ = "reference_price_set_aside"
    __table_args__ = SCHEMA
    reference_price_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    ground: Mapped[str]
    document_sha256: Mapped[str]
    set_aside_at: Mapped[Instant]
    noted_at: Mapped[Instant]


class BarredPersonRow(Base):
    """A person who may not bid for property of this case."""

    __tablename__ = "barred_person"
    __table_args__ = SCHEMA
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    ground: Mapped[str] = mapped_column(primary_key=True)
    document_ref: Mapped[str]
    recorded_at: Mapped[Instant]


class OwnBanRow(Base):
    """A ban that this court decided itself."""

    __tablename__ = "own_ban"
    __table_args__ = SCHEMA
    ban_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    person_id: Mapped[UUID]
    ground: Mapped[str]
    document_ref: Mapped[str]
    recorded_at: Mapped[Instant]


class OwnBanLiftingRow(Base):
    """The court lifted its own ban."""

    __tablename__ = "own_ban_lifting"
    __table_args__ = SCHEMA
    ban_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_ref: Mapped[str]
    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    lifted_at: Mapped[Instant]
