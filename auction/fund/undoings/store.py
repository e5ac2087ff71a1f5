"""Queries of undoings, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from auction.fund.deposits import store as deposits
from auction.fund.ledger.store import available_in
from auction.fund.payouts.tables import DisbursementRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.payables import payable_account
from auction.fund.plans.tables import FallenShareRow, PlanLineRow
from auction.fund.undoings.tables import RecoveryEndRow, RecoveryRow, UndoingRow
from auction.fund.undoings.undoings import PayoutUnderWay, RecoveryUnknown, ShareOfLine, UndoingUnknown
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money, total
from auction.kernel.persons import masked_of


class RecoveryShown(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody owes the case: how much came, what is left, and what was written off."""

    recovery_id: UUID
    undoing_id: UUID
    kind: str
    person_id: UUID
    person_masked: str
    amount_fen: int
    received_fen: int
    left_fen: int
    written_off_fen: int
    reason: str
    reference: str
    ordered_at: datetime


class UndoingShown(msgspec.Struct, frozen=True, kw_only=True):
    """A ruling that undoes money of a sale, with what it made others owe; ``held_fen`` fell of what was still here."""

    undoing_id: UUID
    kind: str
    ground: str
    round_id: UUID | None
    claim_id: UUID | None
    person_id: UUID
    person_masked: str
    amount_fen: int
    held_fen: int
    in_escrow: bool
    document_id: UUID
    ordered_at: datetime
    recoveries: tuple[RecoveryShown, ...]


async def undoing_row(tx: Transaction, undoing_id: UUID) -> UndoingRow:
    """Give an undoing. Raises `UndoingUnknown`."""
    row = await tx.session.get(UndoingRow, undoing_id)
    if row is None:
        raise UndoingUnknown(undoing_id=undoing_id)
    return row


async def undoing_of_round(tx: Transaction, round_id: UUID, kind: str) -> UndoingRow | None:
    """Give the undoing of a kind that was ordered of a round."""
    found = select(UndoingRow).where(UndoingRow.round_id == round_id, UndoingRow.kind == kind)
    return await tx.session.scalar(found)


async def undoing_of_claim(tx: Transaction, claim_id: UUID) -> UndoingRow | None:
    """Give the reversal that was ordered of a claim."""
    return await tx.session.scalar(select(UndoingRow).where(UndoingRow.claim_id == claim_id))


async def recovery_row(tx: Transaction, recovery_id: UUID) -> RecoveryRow:
    """Give a recovery. Raises `RecoveryUnknown`."""
    row = await tx.session.get(RecoveryRow, recovery_id)
    if row is None:
        raise RecoveryUnknown(recovery_id=recovery_id)
    return row


async def received_of(tx: Transaction, recovery_id: UUID) -> Money:
    """Sum what came of a recovery, less what went back because it was too much."""
    receipts = await deposits.receipts_for(tx, "recovery", recovery_id)
    back = [await deposits.refunded_of_receipt(tx, receipt.receipt_id) for receipt in receipts]
    return Money(sum(receipt.amount_fen for receipt in receipts)) - total(back)


async def shares_of_lines(tx: Transaction, case_id: UUID, lines: Iterable[PlanLineRow]) -> list[ShareOfLine]:
    """Say what of each line is held and what was paid out. Raises `PayoutUnderWay` where some of it is neither."""
    return [await _share_of(tx, case_id, line) for line in lines]


async def _share_of(tx: Transaction, case_id: UUID, line: PlanLineRow) -> ShareOfLine:
    account = payable_account(case_id, line)
    held = await available_in(tx, account)
    paid = await _paid_out(tx, line.line_id)
    gone = await plan_store.fallen_of_line(tx, line.line_id) + await plan_store.planned_anew(tx, account.code)
    if held + paid != Money(line.share_fen) - gone:
        raise PayoutUnderWay(line_id=line.line_id)
    return ShareOfLine(line.line_id, line.payee_person_id, line.rank, held, paid)


async def _paid_out(tx: Transaction, line_id: UUID) -> Money:
    paid = await tx.session.execute(
        select(func.coalesce(func.sum(DisbursementRow.amount_fen), 0)).where(
            DisbursementRow.line_id == line_id, DisbursementRow.state == "paid"
        )
    )
    fallen = await tx.session.execute(
        select(func.coalesce(func.sum(FallenShareRow.paid_fen), 0)).where(FallenShareRow.line_id == line_id)
    )
    return Money(int(paid.scalar_one())) - Money(int(fallen.scalar_one()))


async def undoings_of_case(tx: Transaction, case_id: UUID) -> tuple[UndoingShown, ...]:
    """Show the undoings of a case, oldest first."""
    found = select(UndoingRow).where(UndoingRow.case_id == case_id).order_by(UndoingRow.ordered_at)
    return tuple([await _shown(tx, row) for row in (await tx.session.scalars(found)).all()])


async def _shown(tx: Transaction, row: UndoingRow) -> UndoingShown:
    fell = await tx.session.execute(
        select(func.coalesce(func.sum(FallenShareRow.held_fen), 0)).where(FallenShareRow.undoing_id == row.undoing_id)
    )
    return UndoingShown(
        undoing_id=row.undoing_id,
        kind=row.kind,
        ground=row.ground,
        round_id=row.round_id,
        claim_id=row.claim_id,
        person_id=row.person_id,
        person_masked=await masked_of(tx, row.person_id),
        amount_fen=row.amount_fen,
        held_fen=int(fell.scalar_one()),
        in_escrow=row.in_escrow,
        document_id=row.document_id,
        ordered_at=row.ordered_at,
        recoveries=tuple([await _recovery_shown(tx, row, one) for one in await recoveries_of(tx, row.undoing_id)]),
    )


async def recoveries_of(tx: Transaction, undoing_id: UUID) -> Sequence[RecoveryRow]:
    """Give what an undoing made others owe."""
    found = select(RecoveryRow).where(RecoveryRow.undoing_id == undoing_id).order_by(RecoveryRow.reference)
    return (await tx.session.scalars(found)).all()


async def _recovery_shown(tx: Transaction, undoing: UndoingRow, row: RecoveryRow) -> RecoveryShown:
    received = await received_of(tx, row.recovery_id)
    end = await tx.session.get(RecoveryEndRow, row.recovery_id)
    written_off = ZERO if end is None else min(Money(end.left_fen), Money(row.amount_fen) - received)
    return RecoveryShown(
        recovery_id=row.recovery_id,
        undoing_id=undoing.undoing_id,
        kind=undoing.kind,
        person_id=row.person_id,
        person_masked=await masked_of(tx, row.person_id),
        amount_fen=row.amount_fen,
        received_fen=received.fen,
        left_fen=(Money(row.amount_fen) - received - written_off).fen,
        written_off_fen=written_off.fen,
        reason="" if end is None else end.reason,
        reference=row.reference,
        ordered_at=row.ordered_at,
    )


async def has_open_recovery(tx: Transaction, case_id: UUID) -> bool:
    """Whether somebody owes the case what he has not paid and what was not written off."""
    found = select(RecoveryRow).where(
        RecoveryRow.case_id == case_id, RecoveryRow.recovery_id.not_in(select(RecoveryEndRow.recovery_id))
    )
    rows = (await tx.session.scalars(found)).all()
    return any([Money(row.amount_fen) > await received_of(tx, row.recovery_id) for row in rows])


async def recoveries_from(
    tx: Transaction, case_ids: Sequence[UUID], person_ids: Sequence[UUID]
) -> tuple[RecoveryShown, ...]:
    """Show what these persons owe these cases, oldest first."""
    found = (
        select(RecoveryRow)
        .where(RecoveryRow.case_id.in_(case_ids), RecoveryRow.person_id.in_(person_ids))
        .order_by(RecoveryRow.ordered_at, RecoveryRow.recovery_id)
    )
    rows = (await tx.session.scalars(found)).all()
    return tuple([await _recovery_shown(tx, await undoing_row(tx, row.undoing_id), row) for row in rows])
