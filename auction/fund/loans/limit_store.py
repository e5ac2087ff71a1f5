"""Queries of the buyer's own limit."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import Select, select

from auction.fund.deposits.store import deposit_of_registration
from auction.fund.loans import store
from auction.fund.loans.applications import highest_carried, is_bridged
from auction.fund.loans.lender import bridge_in
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
    """Give the limit of one's own registration as it stands; ``None``: he stated none and asked for no loan (another's is none, too)."""
    newest, asked = await tx.together(
        newest_limit(tx, registration_id), store.loans_of_person(tx, person_id, registration_id)
    )
    loans = [row for row in asked if _may_pay(row)]
    if (newest is None and not loans) or (newest is not None and newest.person_id != person_id):
        return None
    held = OwnLimit(own_fen=0, enforced=False) if newest is None else await limit_held(tx, registration_id)
    assert held is not None, "the first statement holds at once"
    closes_on = local_day((await deposit_of_registration(tx, registration_id)).closes_at)
    own = Money(held.own_fen)
    approved = total([approved_of(loan, tx.now, closes_on=closes_on) for loan in loans])
    coming, coming_at = _coming(tx, newest)
    return SpendingPlan(
        own=own,
        approved=approved,
        waits=any(loan.state == LoanState.APPLIED.value for loan in loans),
        enforced=held.enforced,
        coming=coming,
        coming_at=coming_at,
        carried=_carried(own, loans, on=local_day(tx.now)) if approved else None,
        stated=newest is not None,
    )


def approved_of(loan: LoanRow, now: datetime, *, closes_on: date) -> Money:
    """Give what a pre-approval stands for: nothing if its last day is over, or comes before the bidding ends.

    A commitment is asked for after the close. A bridged loan of a prepaid sell-off is not: its letter counts while it holds, and while the bridge
    money that it confirms lasts to the end of the bidding as that stands now (`applications`, rule 5; a stop may have moved it).
    """
    if loan.state != LoanState.APPROVED.value or loan.approved_fen is None or loan.approved_until is None:
        return ZERO
    approved = Money(loan.approved_fen)
    needed_on = local_day(now) if loan.bridge_ref else max(local_day(now), closes_on)
    if needed_on > loan.approved_until:
        return ZERO
    return approved if is_covered(loan, approved, closes_on=closes_on) else ZERO


def is_covered(loan: LoanRow, approved: Money, *, closes_on: date) -> bool:
    """Whether a loan needs no bridge money, or its letter confirms it to the end of the bidding (`applications`, rule 5)."""
    bridge = bridge_in(loan.approval_letter)
    return not loan.bridge_ref or is_bridged(bridge, reference=loan.bridge_ref, approved=approved, ends_on=closes_on)


def _may_pay(loan: LoanRow) -> bool:
    return loan.state in (LoanState.APPLIED.value, LoanState.APPROVED.value)


def _carried(own: Money, loans: list[LoanRow], *, on: date) -> Money | None:
    """Give the highest price that his own money carries: the strictest of his loans."""
    found = [highest_carried(own, loan.asset_class, on=on) for loan in loans if loan.asset_class is not None]
    return min((one for one in found if one is not None), default=None)


def _coming(tx: Transaction, newest: SpendingLimitRow | None) -> tuple[OwnLimit | None, datetime | None]:
    if newest is None or newest.effective_at <= tx.now:
        return None, None
    return opened(tx, newest), newest.effective_at


def _statements(registration_id: UUID) -> Select[SpendingLimitRow]:
    return (
        select(SpendingLimitRow)
        .where(SpendingLimitRow.registration_id == registration_id)
        .order_by(SpendingLimitRow.number.desc())
    )
