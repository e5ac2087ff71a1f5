"""Queries of title."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import select

from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState
from auction.sale.lots.tables import LotRow
from auction.sale.title.tables import (
    BalanceExtensionRow,
    ConfirmationRow,
    DefaultDeclarationRow,
    DeliveryRow,
    FullPaymentRow,
    RegistryFilingRow,
    RegistryTransferRow,
    SaleRulingRow,
    SettingAsideRow,
    TitlePassageRow,
)
from auction.sale.title.title import ConfirmationUnknown, TitleNotPassed, latest_end


async def confirmation_of(tx: Transaction, lot_id: UUID) -> ConfirmationRow:
    """Give the confirmation of the lot's last sale, or refuse (`ConfirmationUnknown`)."""
    found = (
        select(ConfirmationRow)
        .where(ConfirmationRow.lot_id == lot_id)
        .order_by(ConfirmationRow.published_at.desc())
        .limit(1)
    )
    row = await tx.session.scalar(found)
    if row is None:
        raise ConfirmationUnknown(lot_id=lot_id)
    return row


class TitleRows(NamedTuple):
    """What there is once of a sale; ``None``: it has not come so far."""

    confirmation: ConfirmationRow
    paid: FullPaymentRow | None
    default: DefaultDeclarationRow | None
    set_aside: SettingAsideRow | None
    ruling: SaleRulingRow | None
    passage: TitlePassageRow | None
    filing: RegistryFilingRow | None
    transfer: RegistryTransferRow | None
    delivery: DeliveryRow | None


async def title_rows(tx: Transaction, lot_id: UUID) -> TitleRows | None:
    """Give the rows of the lot's last sale in one question, ``None`` if it was not sold."""
    sale = ConfirmationRow
    found = (
        select(
            sale,
            FullPaymentRow,
            DefaultDeclarationRow,
            SettingAsideRow,
            SaleRulingRow,
            TitlePassageRow,
            RegistryFilingRow,
            RegistryTransferRow,
            DeliveryRow,
        )
        .outerjoin(FullPaymentRow, FullPaymentRow.round_id == sale.round_id)
        .outerjoin(DefaultDeclarationRow, DefaultDeclarationRow.round_id == sale.round_id)
        .outerjoin(SettingAsideRow, SettingAsideRow.round_id == sale.round_id)
        .outerjoin(SaleRulingRow, SaleRulingRow.lot_id == sale.lot_id)
        .outerjoin(TitlePassageRow, TitlePassageRow.lot_id == sale.lot_id)
        .outerjoin(RegistryFilingRow, RegistryFilingRow.lot_id == sale.lot_id)
        .outerjoin(RegistryTransferRow, RegistryTransferRow.lot_id == sale.lot_id)
        .outerjoin(DeliveryRow, DeliveryRow.lot_id == sale.lot_id)
        .where(sale.lot_id == lot_id)
        .order_by(sale.published_at.desc())
        .limit(1)
    )
    row = (await tx.session.execute(found)).one_or_none()
    return None if row is None else TitleRows(*row)


async def balance_due_at(tx: Transaction, confirmation: ConfirmationRow) -> datetime:
    """Give the first instant that is too late for the balance, with the time that the panel added."""
    found = select(BalanceExtensionRow.balance_due_at).where(BalanceExtensionRow.round_id == confirmation.round_id)
    return latest_end(confirmation.balance_due_at, (await tx.session.scalars(found)).all())


async def full_payment_of(tx: Transaction, round_id: UUID) -> FullPaymentRow | None:
    """Give the full payment of a round, ``None`` while something is missing."""
    return await tx.session.get(FullPaymentRow, round_id)


async def ruling_of(tx: Transaction, lot_id: UUID) -> SaleRulingRow | None:
    """Give the ruling on a lot, ``None`` before it."""
    return await tx.session.get(SaleRulingRow, lot_id)


async def ruling_by_document(tx: Transaction, document_id: UUID) -> SaleRulingRow | None:
    """Give the ruling that this document is, ``None`` if it is none."""
    return await tx.session.scalar(select(SaleRulingRow).where(SaleRulingRow.document_id == document_id))


async def passage_of(tx: Transaction, lot_id: UUID) -> TitlePassageRow:
    """Give the passing of title, or refuse (`TitleNotPassed`)."""
    row = await tx.session.get(TitlePassageRow, lot_id)
    if row is None:
        raise TitleNotPassed(lot_id=lot_id)
    return row


async def why_fallen(tx: Transaction, round_id: UUID) -> Literal["defaulted", "set_aside"] | None:
    """Say why the sale of a round does not stand any more; ``None``: it stands."""
    if await tx.session.get(DefaultDeclarationRow, round_id) is not None:
        return "defaulted"
    return None if await tx.session.get(SettingAsideRow, round_id) is None else "set_aside"


async def complete_if_done(tx: Transaction, lot: LotRow, actor: Actor) -> None:
    """Complete the lot when it is both transferred and delivered."""
    transferred = await tx.session.get(RegistryTransferRow, lot.lot_id)
    delivered = await tx.session.get(DeliveryRow, lot.lot_id)
    if transferred is not None and delivered is not None:
        await lots.move_lot(tx, lot, LotState.COMPLETED, actor)
