"""Record the delivery of possession to the buyer."""

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
from auction.sale.title.tables import DeliveryRow
from auction.sale.title.title import LateReasonMissing, StepAlreadyRecorded, check_day


class RecordDelivery(Command, frozen=True, kw_only=True):
    """Record the delivery; ``record_ref`` names the signed record, ``late_reason`` why it took longer than the law gives."""

    lot_id: UUID
    delivered_on: date
    record_ref: str
    meter_readings: str = ""
    late_reason: str = ""


async def record_delivery(db: Database, actor: Actor, command: RecordDelivery) -> bool:
    """Store the delivery, once; gives whether it was in time.

    Raises: `TitleNotPassed`, `StepAlreadyRecorded`, `DateOutOfOrder`, `LateReasonMissing`. Source: 拍变 27.
    """
    require_role(actor, *OFFICERS)
    record_ref = require_text("delivery.record_ref", command.record_ref)

    async def work(tx: Transaction) -> bool:
        lot = await lots.open_lot(tx, command.lot_id)
        passage = await store.passage_of(tx, command.lot_id)
        if await tx.session.get(DeliveryRow, command.lot_id) is not None:
            raise StepAlreadyRecorded
        check_day(command.delivered_on, earliest=passage.passed_on, today=local_day(tx.now))
        is_late = command.delivered_on > passage.deliver_by
        if is_late and not command.late_reason.strip():
            raise LateReasonMissing
        row = DeliveryRow(
            lot_id=command.lot_id,
            delivered_on=command.delivered_on,
            is_late=is_late,
            record_ref=record_ref,
            meter_readings=command.meter_readings.strip(),
            late_reason=command.late_reason.strip(),
            recorded_at=tx.now,
        )
        await add(tx, row)
        await store.complete_if_done(tx, lot, actor)
        return not is_late

    return await db.carry_out(actor, command, work, bool)
