"""Record the registry's receipt for the transfer of title."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.title import store
from auction.sale.title.tables import RegistryTransferRow
from auction.sale.title.title import StepAlreadyRecorded, check_day


class RecordTransfer(Command, frozen=True, kw_only=True):
    """Record that the registry entered the buyer."""

    lot_id: UUID
    registry: str
    receipt_number: str
    transferred_on: date
    certificate_number: str = ""


async def record_transfer(db: Database, actor: Actor, command: RecordTransfer) -> UUID:
    """Store the receipt, once. Raises: `TitleNotPassed`, `StepAlreadyRecorded`, `DateOutOfOrder`, `FieldMissing`."""
    require_role(actor, *OFFICERS)
    registry = require_text("transfer.registry", command.registry)
    receipt_number = require_text("transfer.receipt_number", command.receipt_number)

    async def work(tx: Transaction) -> UUID:
        lot = await lots.open_lot(tx, command.lot_id)
        passage = await store.passage_of(tx, command.lot_id)
        if await tx.session.get(RegistryTransferRow, command.lot_id) is not None:
            raise StepAlreadyRecorded
        check_day(command.transferred_on, earliest=passage.passed_on, today=local_day(tx.now))
        row = RegistryTransferRow(
            lot_id=command.lot_id,
            registry_name=registry,
            receipt_number=receipt_number,
            certificate_number=command.certificate_number.strip(),
            transferred_on=command.transferred_on,
            recorded_at=tx.now,
        )
        await add(tx, row)
        await store.complete_if_done(tx, lot, actor)
        return command.lot_id

    return await db.carry_out(actor, command, work, UUID)
