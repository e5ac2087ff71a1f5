"""Rows of the schema ``web`` (migrations 0006, 0007, 0009, 0011, 0057b, 0058b and 0075)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base

_SCHEMA = {"schema": "web"}
_INSTANT = DateTime(timezone=True)


class AccountRow(Base):
    """A natural person's account."""

    __tablename__ = "account"
    __table_args__ = _SCHEMA

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    username: Mapped[str]
    password_hash: Mapped[str]
    locale: Mapped[str | None]
    is_sample: Mapped[bool]
    identity_verified_by: Mapped[str]
    state: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(_INSTANT)


class RoleGrantRow(Base):
    """One grant of one role: proposed, confirmed, ended."""

    __tablename__ = "role_grant"
    __table_args__ = _SCHEMA

    grant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    role: Mapped[str]
    institution: Mapped[str | None]
    basis: Mapped[str]
    proposed_by: Mapped[UUID | None]
    proposed_at: Mapped[datetime] = mapped_column(_INSTANT)
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    ended_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class IdentityCheckRow(Base):
    """A check of an identity document at the counter; append-only, and without any personal data."""

    __tablename__ = "identity_check"
    __table_args__ = _SCHEMA

    check_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    document: Mapped[str]
    checked_by: Mapped[UUID]
    checker_person_id: Mapped[UUID]
    checked_at: Mapped[datetime] = mapped_column(_INSTANT)


class ProviderCheckRow(Base):
    """A check of an identity that a provider was asked for; append-only, the telephone sealed."""

    __tablename__ = "provider_check"
    __table_args__ = _SCHEMA

    check_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    provider: Mapped[str]
    telephone_sealed: Mapped[bytes]
    begun_at: Mapped[datetime] = mapped_column(_INSTANT)


class ProviderOutcomeRow(Base):
    """How such a check ended; append-only, the provider's answer sealed."""

    __tablename__ = "provider_outcome"
    __table_args__ = _SCHEMA

    check_id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    answer_sealed: Mapped[bytes | None]
    answer_sha256: Mapped[str | None]
    noted_at: Mapped[datetime] = mapped_column(_INSTANT)


class OpeningCodeRow(Base):
    """A one-time code of the counter for opening an account, by its keyed hash; open, used or ended."""

    __tablename__ = "opening_code"
    __table_args__ = _SCHEMA

    code_id: Mapped[UUID] = mapped_column(primary_key=True)
    code_hash: Mapped[str]
    identity_commitment: Mapped[str]
    document: Mapped[str]
    checked_by: Mapped[UUID]
    checker_person_id: Mapped[UUID]
    issued_at: Mapped[datetime] = mapped_column(_INSTANT)
    valid_until: Mapped[datetime] = mapped_column(_INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    used_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    used_by: Mapped[UUID | None]


class SessionRow(Base):
    """A sign-in session, by the hash of its token."""

    __tablename__ = "session"
    __table_args__ = _SCHEMA

    session_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    channel: Mapped[str]
    signed_in_at: Mapped[datetime] = mapped_column(_INSTANT)
    seen_at: Mapped[datetime] = mapped_column(_INSTANT)
    proven_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class ThrottleRow(Base):
    """How often one subject has tried to sign in lately."""

    __tablename__ = "sign_in_throttle"
    __table_args__ = _SCHEMA

    subject: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    last_attempt_at: Mapped[datetime] = mapped_column(_INSTANT)


class HalfSignInRow(Base):
    """A sign-in whose password was right and whose second factor is awaited, by the hash of its token."""

    __tablename__ = "half_sign_in"
    __table_args__ = _SCHEMA

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    begun_at: Mapped[datetime] = mapped_column(_INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class TotpRow(Base):
    """An authenticator of an account: begun, confirmed by a first code, ended."""

    __tablename__ = "totp"
    __table_args__ = _SCHEMA

    totp_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    secret_sealed: Mapped[bytes | None]
    begun_in: Mapped[bytes]
    begun_at: Mapped[datetime] = mapped_column(_INSTANT)
    confirmed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    last_step: Mapped[int]
    wrong_in_a_row: Mapped[int]
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class RecoveryCodeRow(Base):
    """A recovery code, by its keyed hash: open, used or ended."""

    __tablename__ = "recovery_code"
    __table_args__ = _SCHEMA

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    issued_at: Mapped[datetime] = mapped_column(_INSTANT)
    used_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class PasskeyRow(Base):
    """A passkey: its public key, its counter, and what its owner calls it."""

    __tablename__ = "passkey"
    __table_args__ = _SCHEMA

    passkey_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    name: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(_INSTANT)
    used_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    suspected_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class PasskeyChallengeRow(Base):
    """A challenge of a passkey's ceremony, by its hash; answered once."""

    __tablename__ = "passkey_challenge"
    __table_args__ = _SCHEMA

    challenge_hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    account_id: Mapped[UUID | None]
    bound_to: Mapped[bytes]
    made_at: Mapped[datetime] = mapped_column(_INSTANT)
    used_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class FactorResetRow(Base):
    """A reset of second factors: proposed by one administrator, confirmed by another."""

    __tablename__ = "factor_reset"
    __table_args__ = _SCHEMA

    reset_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    reason: Mapped[str]
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime] = mapped_column(_INSTANT)
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None] = mapped_column(_INSTANT)
