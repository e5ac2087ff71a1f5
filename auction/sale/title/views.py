"""How far title has come: confirmation, full payment, ruling, passage, registry, delivery."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of
from auction.sale.title import store
from auction.sale.title.registry import RegistryStep, registry_steps
from auction.sale.title.tables import (
    DeliveryRow,
    RegistryEntryRow,
    RegistryFilingRow,
    RegistryTransferRow,
    SaleRulingRow,
    TitlePassageRow,
)


class RulingShown(msgspec.Struct, frozen=True, kw_only=True):
    """The ruling confirming the sale, and the last day to serve it."""

    document_id: UUID
    buyer_party_id: UUID
    applied_fen: int
    eligibility_ref: str
    serve_by: date
    ruled_at: datetime


class PassageShown(msgspec.Struct, frozen=True, kw_only=True):
    """Title passed; possession follows by ``deliver_by``."""

    passed_on: date
    deliver_by: date


class TransferShown(msgspec.Struct, frozen=True, kw_only=True):
    """The registry's receipt."""

    registry: str
    receipt_number: str
    certificate_number: str
    transferred_on: date


class DeliveryShown(msgspec.Struct, frozen=True, kw_only=True):
    """The record of delivery."""

    delivered_on: date
    is_late: bool
    record_ref: str
    meter_readings: str
    late_reason: str


class RegistryShown(msgspec.Struct, frozen=True, kw_only=True):
    """What was filed at the registry together, and the day of each entry; ``None``: not entered yet."""

    registry: str
    receipt_number: str
    filed_on: date
    entered_on: dict[RegistryStep, date | None]


class TitleFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about title after a sale; ``None`` where it has not come so far."""

    round_id: UUID
    document_id: UUID
    buyer_masked: str
    hammer_price_fen: int
    published_at: datetime
    balance_due_at: datetime
    paid_on: date | None
    ruling: RulingShown | None
    passage: PassageShown | None
    filing: RegistryShown | None
    transfer: TransferShown | None
    delivery: DeliveryShown | None
    defaulted_at: datetime | None
    forfeited_fen: int | None
    missing_fen: int | None
    set_aside_at: datetime | None


async def title_file(tx: Transaction, lot_id: UUID) -> TitleFile | None:
    """Give the file of the lot's last sale, ``None`` if it was not sold."""
    rows = await store.title_rows(tx, lot_id)
    if rows is None:
        return None
    confirmation, default, set_aside = rows.confirmation, rows.default, rows.set_aside
    buyer_masked, balance_due_at, filing = await tx.together(
        masked_of(tx, confirmation.buyer_person_id),
        store.balance_due_at(tx, confirmation),
        _filing(tx, rows.filing, rows.transfer),
    )
    return TitleFile(
        round_id=confirmation.round_id,
        document_id=confirmation.document_id,
        buyer_masked=buyer_masked,
        hammer_price_fen=confirmation.hammer_price_fen,
        published_at=confirmation.published_at,
        balance_due_at=balance_due_at,
        paid_on=None if rows.paid is None else rows.paid.complete_on,
        ruling=_ruling(rows.ruling),
        passage=_passage(rows.passage),
        filing=filing,
        transfer=_transfer(rows.transfer),
        delivery=_delivery(rows.delivery),
        defaulted_at=None if default is None else default.declared_at,
        forfeited_fen=None if default is None else default.forfeited_fen,
        missing_fen=None if default is None else default.missing_fen,
        set_aside_at=None if set_aside is None else set_aside.set_aside_at,
    )


def _ruling(row: SaleRulingRow | None) -> RulingShown | None:
    if row is None:
        return None
    names = RulingShown.__struct_fields__
    return RulingShown(**{name: getattr(row, name) for name in names})


def _passage(row: TitlePassageRow | None) -> PassageShown | None:
    return None if row is None else PassageShown(passed_on=row.passed_on, deliver_by=row.deliver_by)


def _transfer(row: RegistryTransferRow | None) -> TransferShown | None:
    if row is None:
        return None
    return TransferShown(
        registry=row.registry_name,
        receipt_number=row.receipt_number,
        certificate_number=row.certificate_number,
        transferred_on=row.transferred_on,
    )


async def _filing(
    tx: Transaction, filing: RegistryFilingRow | None, transfer: RegistryTransferRow | None
) -> RegistryShown | None:
    if filing is None:
        return None
    found = await tx.session.execute(select(RegistryEntryRow).where(RegistryEntryRow.lot_id == filing.lot_id))
    days: dict[str, date] = {row.step: row.entered_on for row in found.scalars()}
    if transfer is not None:
        days[RegistryStep.TRANSFER.value] = transfer.transferred_on
    steps = registry_steps(old_mortgages=filing.old_mortgages, has_loan=filing.has_loan)
    return RegistryShown(
        registry=filing.registry_name,
        receipt_number=filing.receipt_number,
        filed_on=filing.filed_on,
        entered_on={step: days.get(step.value) for step in steps},
    )


def _delivery(row: DeliveryRow | None) -> DeliveryShown | None:
    if row is None:
        return None
    names = DeliveryShown.__struct_fields__
    return DeliveryShown(**{name: getattr(row, name) for name in names})
