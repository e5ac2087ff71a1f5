"""Rows of settlement (schema ``fund``)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base


class PlanRow(Base):
    """One distribution plan of a case."""

    __tablename__ = "plan"
    __table_args__ = SCHEMA
    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    number: Mapped[int]
    document_id: Mapped[UUID]
    panel_document_id: Mapped[UUID | None]
    debtor_person_id: Mapped[UUID]
    ordinary_order: Mapped[str]
    proceeds_fen: Mapped[int]
    forfeited_fen: Mapped[int]
    content_sha256: Mapped[str]
    state: Mapped[str]
    drawn_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class PlanLineRow(Base):
    """One line of a plan."""

    __tablename__ = "plan_line"
    __table_args__ = SCHEMA
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID]
    number: Mapped[int]
    claim_id: Mapped[UUID | None]
    kind: Mapped[str]
    rank: Mapped[int]
    owed_fen: Mapped[int]
    share_fen: Mapped[int]
    payee_person_id: Mapped[UUID]
    ground: Mapped[str | None]


class PlanForfeitedRow(Base):
    """What a plan takes of the forfeited deposit of one round; append-only."""

    __tablename__ = "plan_forfeited"
    __table_args__ = SCHEMA
    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount_fen: Mapped[int]
    decision_document_id: Mapped[UUID | None]


class FallenShareRow(Base):
    """What fell of a share by an undoing: of what was held, of what its payee got, and what fell with a set-off; append-only."""

    __tablename__ = "fallen_share"
    __table_args__ = SCHEMA
    undoing_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    held_fen: Mapped[int]
    paid_fen: Mapped[int]
    set_off_fen: Mapped[int] = mapped_column(default=0)


class PlanAddresseeRow(Base):
    """On whom a plan is served, and until when he may object."""

    __tablename__ = "plan_addressee"
    __table_args__ = SCHEMA
    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    service_id: Mapped[UUID | None]
    served_on: Mapped[date | None]
    window_ends_on: Mapped[date | None]


class PlanObjectionRow(Base):
    """An objection to a line of a plan."""

    __tablename__ = "plan_objection"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID]
    party_id: Mapped[UUID]
    line_id: Mapped[UUID]
    disputed_fen: Mapped[int]
    grounds_sealed: Mapped[bytes | None]
    state: Mapped[str]
    decision_document_id: Mapped[UUID | None]
    raised_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    suit_filed_on: Mapped[date | None]
    """On which day he sued; ``None``: he did not, or it was recorded before version 0093."""


class ObjectionJudgmentRow(Base):
    """The judgment on a suit about a plan, and to which line it sent what was set aside; append-only, one for an objection.

    ``kept_fen``: what of it stays with the line that was disputed, where the objection is upheld in part.
    """

    __tablename__ = "objection_judgment"
    __table_args__ = SCHEMA
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID]
    to_line_id: Mapped[UUID]
    kept_fen: Mapped[int]
    judgment_number: Mapped[str]
    judgment_document_id: Mapped[UUID]
    decision_document_id: Mapped[UUID]
    entry_id: Mapped[UUID]
    released_at: Mapped[datetime]


class CaseLotRow(Base):
    """One lot of a case, with its asset and the asset's title."""

    __tablename__ = "case_lot"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    title: Mapped[str]
    noted_at: Mapped[datetime]


class LotOwnerRow(Base):
    """Which of several judgment debtors owned a lot; the highest number counts."""

    __tablename__ = "lot_owner"
    __table_args__ = SCHEMA
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    party_id: Mapped[UUID]
    person_id: Mapped[UUID]
    basis: Mapped[str]
    evidence_sha256: Mapped[str]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]


class ClaimLotRow(Base):
    """The asset in which a claim has its priority, or whose sale it is of."""

    __tablename__ = "claim_lot"
    __table_args__ = SCHEMA
    claim_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    named_at: Mapped[datetime]


class ClaimDebtorRow(Base):
    """One of those who owe a claim that not all debtors of the case owe."""

    __tablename__ = "claim_debtor"
    __table_args__ = SCHEMA
    claim_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    party_id: Mapped[UUID]
    named_at: Mapped[datetime]


class PlanSaleRow(Base):
    """The sale whose price a plan distributes, and no other's; a plan without one is over all that is paid."""

    __tablename__ = "plan_sale"
    __table_args__ = SCHEMA
    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]


class EstatePriceRow(Base):
    """What of a price went to an administrator, by the plan of its hand-over, where the case has several judgment debtors."""

    __tablename__ = "estate_price"
    __table_args__ = SCHEMA
    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    fen: Mapped[int]
