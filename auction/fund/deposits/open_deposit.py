"""Open the deposit of a registration, within the sale's own transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from auction.contracts import DepositHeld
from auction.fund.deposits import store
from auction.fund.deposits.deposits import Backing, DepositState
from auction.fund.deposits.open_payments import require_open_account
from auction.fund.deposits.tables import DepositRow, RouteRow
from auction.fund.references import make_reference
from auction.kernel.db import Transaction
from auction.kernel.ids import DepositId, named_id
from auction.kernel.jobs import enqueue
from auction.kernel.money import Money

DEPOSIT_HELD = "sale.deposit_held"


async def open_deposit(
    tx: Transaction,
    *,
    registration_id: UUID,
    case_id: UUID,
    lot_id: UUID,
    round_id: UUID,
    person_id: UUID,
    amount: Money,
    closes_at: datetime,
) -> DepositId:
    """Open the deposit of a registration and give its id; a repetition gives the same one.

    ``amount``: what the court fixed; zero for an applicant who need not pay (held at once). ``closes_at``: the
    scheduled end of the round. Raises `CaseFundUnknown`, `CaseAccountClosed`. Source: 网拍 17.
    """
    deposit_id = DepositId(named_id("deposit", str(registration_id)))
    if await tx.session.get(DepositRow, deposit_id) is not None:
        return deposit_id
    await require_open_account(tx, case_id)
    row = DepositRow(
        deposit_id=deposit_id,
        registration_id=registration_id,
        case_id=case_id,
        lot_id=lot_id,
        round_id=round_id,
        person_id=person_id,
        amount_fen=amount.fen,
        reference=make_reference("deposit", deposit_id),
        closes_at=closes_at,
        state=DepositState.PENDING.value,
        backing=Backing.NONE.value,
        opened_at=tx.now,
    )
    await store.add(tx, row)
    await store.record_move(tx, deposit_id, event="opened", before=None, after=DepositState.PENDING, entry_id=None)
    route = RouteRow(route=row.reference, kind="deposit", subject_id=deposit_id, case_id=case_id, opened_at=tx.now)
    await store.add(tx, route)
    if not amount:
        await hold_deposit(tx, row, backing=Backing.NONE, event="exempted", entry_id=None)
    return deposit_id


async def hold_deposit(
    tx: Transaction, row: DepositRow, *, backing: Backing, event: str, entry_id: UUID | None
) -> None:
    """Note that the deposit is held, and tell the sale."""
    row.backing = backing.value
    await store.move_deposit(tx, row, DepositState.HELD, event=event, entry_id=entry_id)
    await enqueue(
        tx,
        DEPOSIT_HELD,
        DepositHeld(
            registration_id=row.registration_id,
            deposit_id=row.deposit_id,
            case_id=row.case_id,
            amount_fen=row.amount_fen,
        ),
    )
