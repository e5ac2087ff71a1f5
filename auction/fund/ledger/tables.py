"""Rows of the ledger (schema ``fund``); the database refuses to change or delete them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.kernel.db import Base

SCHEMA = {"schema": "fund"}


class CaseFundRow(Base):
    """The fund of one case, with its account number at the court's bank (sealed)."""

    __tablename__ = "case_fund"
    __table_args__ = SCHEMA
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_commitment: Mapped[str]
    account_sealed: Mapped[bytes]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class AccountRow(Base):
    """One account of the chart."""

    __tablename__ = "account"
    __table_args__ = SCHEMA
    code: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID | None]
    kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    opened_at: Mapped[datetime]


class BalanceRow(Base):
    """What an account holds now; written by triggers only."""

    __tablename__ = "balance"
    __table_args__ = SCHEMA
    account_code: Mapped[str] = mapped_column(primary_key=True)
    side: Mapped[int]
    may_overdraw: Mapped[bool]
    balance_fen: Mapped[int]
    held_fen: Mapped[int]
    posting_count: Mapped[int]


class EntryRow(Base):
    """One booked event and its link in the chain."""

    __tablename__ = "entry"
    __table_args__ = SCHEMA
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    chain: Mapped[str]
    number: Mapped[int]
    case_id: Mapped[UUID | None]
    cause: Mapped[str]
    subject_id: Mapped[UUID | None]
    idempotency_key: Mapped[str]
    content_hash: Mapped[str]
    posting_count: Mapped[int]
    at: Mapped[datetime]
    previous: Mapped[str]
    digest: Mapped[str]


class PostingRow(Base):
    """One line of an entry."""

    __tablename__ = "posting"
    __table_args__ = SCHEMA
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    account_code: Mapped[str]
    amount_fen: Mapped[int]


class BooksKeyRow(Base):
    """The public half of a key that signs roots of the books; append-only."""

    __tablename__ = "books_key"
    __table_args__ = SCHEMA
    key_id: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[bytes]
    valid_from: Mapped[datetime]


class PublishedBooksRow(Base):
    """One published root of the books; append-only."""

    __tablename__ = "published_books"
    __table_args__ = SCHEMA
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    cover: Mapped[bytes]
    previous: Mapped[str]
    root: Mapped[str]
    key_id: Mapped[str]
    signature: Mapped[str]


class PublishedBooksHeadRow(Base):
    """One head behind a root, in the order of its leaves; append-only."""

    __tablename__ = "published_books_head"
    __table_args__ = SCHEMA
    number: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str]
    entry_number: Mapped[int]
    digest: Mapped[str]
    nonce: Mapped[bytes]
