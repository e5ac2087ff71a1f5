"""Rows of referrals to a bankruptcy court and of its answers (schema ``fund``); append-only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class BankruptcyReferralRow(Base):
    """A case that was sent to the bankruptcy court, and stands still since."""

    __tablename__ = "bankruptcy_referral"
    __table_args__ = SCHEMA
    referral_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    debtor_party_id: Mapped[UUID]
    consents: Mapped[Any] = mapped_column(JSONB)
    """Parties who consented, each with the fingerprint of what it signed."""
    finding: Mapped[str]
    referral_document_id: Mapped[UUID]
    stay_document_id: Mapped[UUID]
    bankruptcy_court: Mapped[str]
    sent_on: Mapped[date]
    answer_by: Mapped[date]
    referred_by: Mapped[UUID]
    referred_at: Mapped[datetime]


class BankruptcyAnswerRow(Base):
    """What the bankruptcy court answered: it opens the proceedings, or it does not."""

    __tablename__ = "bankruptcy_answer"
    __table_args__ = SCHEMA
    referral_id: Mapped[UUID] = mapped_column(primary_key=True)
    accepted: Mapped[bool]
    answered_on: Mapped[date]
    document_sha256: Mapped[str]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]


class BankruptcyHandoverRow(Base):
    """The money that was not paid out went to the administrator's line."""

    __tablename__ = "bankruptcy_handover"
    __table_args__ = SCHEMA
    referral_id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID]
    entry_id: Mapped[UUID]
    handed_at: Mapped[datetime]
