"""Queries of the buyer's own limit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Select, select

from auction.fund.loans import store
from auction.fund.loans.limits import OwnLimit, SpendingPlan
from auction.fund.loans.loans import LoanState
from auction.fund.loans.tables import LoanRow, SpendingLimitRow
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money, total


async def newest_limit(tx: Transaction, registration_id: UUID) -> SpendingLimitRow | None:
    """Give the last statement, whether it holds yet or not."""
    found = await tx.session.execute(_statements(registration_id).limit(1))
    return found.scalar_one_or_none()


async def limit_held(tx: Transaction, registration_id: UUID) -> OwnLimit | None:
    """Give the statement that holds now: the newest whose time has come."""
    found = await tx.session.execute(
        _statements(registration_id).where(SpendingLimitRow.effective_at <= tx.now).limit(1)
    )
    row = found.scalar_one_or_none()
    return None if row is None else opened(tx, row)


def opened(tx: Transaction, row: SpendingLimitRow) -> OwnLimit:
    """Open the sealed content of a statement."""
    return msgspec.json.decode(tx.sealer.open(row.content_sealed), type=OwnLimit)


async def spending_plan(tx: Transaction, person_id: UUID, registration_id: UUID) -> SpendingPlan | None:
    """Give the limit of one's own registration as it stands; ``None``: he stated none (another's is none, too)."""
    newest = await newest_limit(tx, registration_id)
    if newest is None or newest.person_id != person_id:
        return None
    held = await limit_held(tx, registration_id)
    assert held is not None, "the first statement holds at once"
    loans = await store.loans_of_person(tx, person_id, registration_id)
    coming, coming_at = _coming(tx, newest)
    return SpendingPlan(
        own=Money(held.own_fen),
        approved=total([approved_of(loan, tx.now) for loan in loans]),
        waits=any(loan.state == LoanState.APPLIED.value for loan in loans),
        enforced=held.enforced,
        coming=coming,
        coming_at=coming_at,
    )


def approved_of(loan: LoanRow, now: datetime) -> Money:
    """Give what a pre-approval still stands for on a day; nothing once its last day is over."""
    if loan.state != LoanState.APPROVED.value or loan.approved_fen is None or loan.approved_until is None:
        return ZERO
    return Money(loan.approved_fen) if local_day(now) <= loan.approved_until else ZERO


def _coming(tx: Transaction, newest: SpendingLimitRow) -> tuple[OwnLimit | None, datetime | None]:
    if newest.effective_at <= tx.now:
        return None, None
    return opened(tx, newest), newest.effective_at


def _statements(registration_id: UUID) -> Select[SpendingLimitRow]:
    return (
        select(SpendingLimitRow)
        .where(SpendingLimitRow.registration_id == registration_id)
        .order_by(SpendingLimitRow.number.desc())
    )
