"""Void disbursements that were signed and not ordered: what was set aside for them is free again."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from auction.fund.ledger.post_entry import void_hold
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.disbursements import StepOutOfTurn
from auction.fund.payouts.tables import DisbursementRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction


class VoidDisbursement(Command, frozen=True, kw_only=True):
    """Void a disbursement that is not ordered yet."""

    disbursement_id: UUID
    reason: str


async def void_disbursement(db: Database, actor: Actor, command: VoidDisbursement) -> UUID:
    """Void one disbursement and give its id. Raises `DisbursementUnknown`, `StepOutOfTurn`."""
    require_role(actor, Role.CASE_HANDLER, Role.BUREAU_HEAD, Role.VICE_PRESIDENT, Role.FINANCE, Role.CASHIER)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(await payout_store.case_of_disbursement(tx, command.disbursement_id))
        row = await payout_store.disbursement_row(tx, command.disbursement_id)
        if row.state not in ("prepared", "approved", "checked"):
            raise StepOutOfTurn(state=row.state)
        await _void(tx, row, command.reason)
        return row.disbursement_id

    return await db.carry_out(actor, command, work, UUID)


async def void_open_disbursements(tx: Transaction, case_id: UUID, person_id: UUID, *, reason: str) -> None:
    """Void every disbursement to a payee that is not ordered yet, within the caller's transaction."""
    for row in await payout_store.open_disbursements_of(tx, case_id, person_id):
        await _void(tx, row, reason)


async def void_disbursements_of_case(
    tx: Transaction, case_id: UUID, *, reason: str, but: Collection[UUID] = ()
) -> None:
    """Void every disbursement of a case that is not ordered yet, within the caller's transaction; ``but`` those of these lines."""
    for row in await payout_store.unordered_of_case(tx, case_id):
        if row.line_id not in but:
            await _void(tx, row, reason)


async def _void(tx: Transaction, row: DisbursementRow, reason: str) -> None:
    await void_hold(tx, row.hold_id)
    row.state, row.reason, row.ended_at = "voided", reason, tx.now
    await tx.session.flush()
