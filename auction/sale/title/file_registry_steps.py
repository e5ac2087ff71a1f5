"""File at the registry what belongs together, and record what it entered: old mortgages, transfer, new mortgage."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.fund.loans.note_mortgage import drawn_loan_of_lot, note_mortgage
from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.title import store
from auction.sale.title.registry import RegistryStep, RegistryStepNotFiled, registry_steps
from auction.sale.title.tables import RegistryEntryRow, RegistryFilingRow
from auction.sale.title.title import StepAlreadyRecorded, check_day


class FileRegistrySteps(Command, frozen=True, kw_only=True):
    """Record that all steps of a lot were filed together, under one receipt of the registry."""

    lot_id: UUID
    old_mortgages: int
    registry: str
    receipt_number: str
    filed_on: date


class StepsFiled(msgspec.Struct, frozen=True, kw_only=True):
    """What was filed, in its order."""

    steps: tuple[RegistryStep, ...]


class RecordRegistryEntry(Command, frozen=True, kw_only=True):
    """Record that the registry cancelled the old mortgages, or entered the new one; the transfer has its own command."""

    lot_id: UUID
    step: RegistryStep
    certificate_number: str
    entered_on: date


async def file_registry_steps(db: Database, actor: Actor, command: FileRegistrySteps) -> StepsFiled:
    """Store the filing, once; whether there is a new mortgage is not typed but follows from the loan in the price.

    Raises: `TitleNotPassed`, `StepAlreadyRecorded`, `DateOutOfOrder`, `FieldMissing`, `OldMortgagesMalformed`.
    Source: 拍变 28.
    """
    require_role(actor, *OFFICERS)
    registry = require_text("transfer.registry", command.registry)
    receipt_number = require_text("transfer.receipt_number", command.receipt_number)

    async def work(tx: Transaction) -> StepsFiled:
        await lots.open_lot(tx, command.lot_id)
        passage = await store.passage_of(tx, command.lot_id)
        if await tx.session.get(RegistryFilingRow, command.lot_id) is not None:
            raise StepAlreadyRecorded
        check_day(command.filed_on, earliest=passage.passed_on, today=local_day(tx.now))
        has_loan = await drawn_loan_of_lot(tx, command.lot_id) is not None
        steps = registry_steps(old_mortgages=command.old_mortgages, has_loan=has_loan)
        row = RegistryFilingRow(
            lot_id=command.lot_id,
            old_mortgages=command.old_mortgages,
            has_loan=has_loan,
            registry_name=registry,
            receipt_number=receipt_number,
            filed_on=command.filed_on,
            recorded_at=tx.now,
        )
        await add(tx, row)
        await note_mortgage(tx, command.lot_id, kind="mortgage_filed", subject=receipt_number)
        return StepsFiled(steps=steps)

    return await db.carry_out(actor, command, work, StepsFiled)


async def record_registry_entry(db: Database, actor: Actor, command: RecordRegistryEntry) -> UUID:
    """Store an entry of the registry, once for each step.

    Raises: `TitleNotPassed`, `RegistryStepNotFiled`, `StepAlreadyRecorded`, `DateOutOfOrder`, `FieldMissing`.
    """
    require_role(actor, *OFFICERS)
    certificate_number = require_text("transfer.certificate_number", command.certificate_number)

    async def work(tx: Transaction) -> UUID:
        await lots.open_lot(tx, command.lot_id)
        filing = await tx.session.get(RegistryFilingRow, command.lot_id)
        if filing is None or command.step not in _beside_the_transfer(filing):
            raise RegistryStepNotFiled
        if await tx.session.get(RegistryEntryRow, (command.lot_id, command.step.value)) is not None:
            raise StepAlreadyRecorded
        check_day(command.entered_on, earliest=filing.filed_on, today=local_day(tx.now))
        row = RegistryEntryRow(
            lot_id=command.lot_id,
            step=command.step.value,
            certificate_number=certificate_number,
            entered_on=command.entered_on,
            recorded_at=tx.now,
        )
        await add(tx, row)
        if command.step is RegistryStep.NEW_MORTGAGE:
            await note_mortgage(tx, command.lot_id, kind="mortgage_registered", subject=certificate_number)
        return command.lot_id

    return await db.carry_out(actor, command, work, UUID)


def _beside_the_transfer(filing: RegistryFilingRow) -> frozenset[RegistryStep]:
    steps = registry_steps(old_mortgages=filing.old_mortgages, has_loan=filing.has_loan)
    return frozenset(steps) - {RegistryStep.TRANSFER}
