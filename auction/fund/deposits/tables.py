"""Rows of deposits, purchases, payments, receipts and refunds (schema ``fund``)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class DepositRow(Base):
    """The deposit of one registration."""

    __tablename__ = "deposit"
    __table_args__ = SCHEMA
    deposit_id: Mapped[UUID] = mapped_column(primary_key=True)
    registration_id: Mapped[UUID]
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    round_id: Mapped[UUID]
    person_id: Mapped[UUID]
    amount_fen: Mapped[int]
    reference: Mapped[str]
    closes_at: Mapped[datetime]
    state: Mapped[str]
    backing: Mapped[str]
    opened_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    release_due_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class PurchaseRow(Base):
    """What the winner owes; what was applied to it stands in the ledger."""

    __tablename__ = "purchase"
    __table_args__ = SCHEMA
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID]
    case_id: Mapped[UUID]
    registration_id: Mapped[UUID]
    deposit_id: Mapped[UUID]
    person_id: Mapped[UUID]
    hammer_price_fen: Mapped[int]
    balance_due_on: Mapped[date | None]
    reference: Mapped[str]
    state: Mapped[str]
    opened_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    deposit_due_at: Mapped[datetime | None]


class CardPaymentRow(Base):
    """One payment asked of the card provider."""

    __tablename__ = "card_payment"
    __table_args__ = SCHEMA
    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    deposit_id: Mapped[UUID]
    case_id: Mapped[UUID]
    provider_key: Mapped[str]
    amount_fen: Mapped[int]
    capture: Mapped[str]
    state: Mapped[str]
    provider_id: Mapped[str | None]
    secret_sealed: Mapped[bytes | None]
    capture_before: Mapped[datetime | None]
    disputed_fen: Mapped[int]
    captured_fen: Mapped[int | None]
    asked_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]

    @property
    def taken_fen(self) -> int:
        """What is taken of it: less than it authorises where less was owed when it was captured."""
        return self.amount_fen if self.captured_fen is None else self.captured_fen


class VirtualAccountRow(Base):
    """A virtual sub-account of the court's bank for one registration."""

    __tablename__ = "virtual_account"
    __table_args__ = SCHEMA
    virtual_account_id: Mapped[UUID] = mapped_column(primary_key=True)
    deposit_id: Mapped[UUID]
    bank_key: Mapped[str]
    state: Mapped[str]
    number_sealed: Mapped[bytes | None]
    asked_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]


class RouteRow(Base):
    """Where incoming money belongs."""

    __tablename__ = "route"
    __table_args__ = SCHEMA
    route: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    case_id: Mapped[UUID]
    opened_at: Mapped[datetime]


class ReceiptRow(Base):
    """Money that came in."""

    __tablename__ = "receipt"
    __table_args__ = SCHEMA
    receipt_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    amount_fen: Mapped[int]
    payer_sealed: Mapped[bytes | None]
    paid_to_sealed: Mapped[bytes | None]
    swept: Mapped[bool]
    state: Mapped[str]
    reason: Mapped[str]
    case_id: Mapped[UUID | None]
    kind: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    proposed_by: Mapped[UUID | None]
    proposed_kind: Mapped[str | None]
    proposed_for: Mapped[UUID | None]
    received_at: Mapped[datetime]
    attributed_at: Mapped[datetime | None]


class RefundRow(Base):
    """Money on its way back to whoever paid it."""

    __tablename__ = "refund"
    __table_args__ = SCHEMA
    refund_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID | None]
    deposit_id: Mapped[UUID | None]
    receipt_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None]
    channel: Mapped[str]
    account_code: Mapped[str]
    amount_fen: Mapped[int]
    provider_key: Mapped[str]
    state: Mapped[str]
    provider_id: Mapped[str | None]
    due_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=1)
    failed_attempt: Mapped[int] = mapped_column(default=0)
    """The last attempt that its provider called failed, for good; 0: none."""


class RefundAttemptRow(Base):
    """An attempt of a refund after the first, under a key of its own."""

    __tablename__ = "refund_attempt"
    __table_args__ = SCHEMA
    refund_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    provider_key: Mapped[str]
    replaced_key: Mapped[str]
    replaced_id: Mapped[str | None]
    refund_account_id: Mapped[UUID | None]
    reason: Mapped[str]
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]


class RefundAccountRow(Base):
    """Another account of a payer whose old one is closed."""

    __tablename__ = "refund_account"
    __table_args__ = SCHEMA
    refund_account_id: Mapped[UUID] = mapped_column(primary_key=True)
    refund_id: Mapped[UUID]
    number_sealed: Mapped[bytes]
    masked: Mapped[str]
    evidence_sha256: Mapped[str]
    state: Mapped[str]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None]
    usable_from: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AdvanceRow(Base):
    """The operator's own money on its way to the court in place of card money; ``refund_id``: for a refund that the card cannot take."""

    __tablename__ = "advance"
    __table_args__ = SCHEMA
    advance_id: Mapped[UUID] = mapped_column(primary_key=True)
    deposit_id: Mapped[UUID]
    case_id: Mapped[UUID]
    amount_fen: Mapped[int]
    bank_key: Mapped[str]
    reference: Mapped[str]
    state: Mapped[str]
    due_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    refund_id: Mapped[UUID | None]
