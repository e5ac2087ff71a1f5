"""Set how soon a court pays case money out by its own rule: never later than the law, for money that arrives from now on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.case_file import court_of_case
from auction.fund.deposits.store import add
from auction.fund.payouts.clocks import require_local_days
from auction.fund.payouts.tables import PayoutDaysRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed, NotFound


class CourtUnknown(NotFound):
    """The case is not on file, so nobody knows its court."""

    code = "court_of_case_unknown"
    article = "house: a clock is set for the court of a case on file"
    zh = "该案件尚未立案登记，无法确定其所属法院。"
    en = "This case is not on file yet, so its court is unknown."


class BasisMissing(Malformed):
    """The rule on which a court's own limit rests is not named."""

    code = "payout_days_basis_missing"
    article = "执行款物 10(1)"
    zh = "须写明本院规定发放期限的依据（文件名称和文号）。"
    en = "Name the court's own rule (title and number) on which this limit rests."


class SetPayoutDays(Command, frozen=True, kw_only=True):
    """From now on the court of this case pays out within so many natural days; ``basis`` names its rule."""

    case_id: UUID
    days: int
    basis: str


class PayoutDaysView(msgspec.Struct, frozen=True, kw_only=True):
    """What a court has set for itself."""

    court: str
    days: int
    basis: str
    valid_from: date


async def set_payout_days(db: Database, actor: Actor, command: SetPayoutDays) -> PayoutDaysView:
    """Set the court's own limit and show it; clocks that run already keep theirs.

    Raises `CourtUnknown`, `LocalDaysNotShorter`, `BasisMissing`. Source: 执行款物 10(1).
    """
    require_role(actor, Role.VICE_PRESIDENT)
    if not command.basis.strip():
        raise BasisMissing

    async def work(tx: Transaction) -> PayoutDaysView:
        today = local_day(tx.now)
        require_local_days(command.days, on=today)
        court = await court_of_case(tx, command.case_id)
        if court is None:
            raise CourtUnknown(case_id=command.case_id)
        await tx.lock(f"payout-days:{court}")
        before = await _newest(tx, court)
        row = PayoutDaysRow(
            court=court,
            number=1 if before is None else before.number + 1,
            days=command.days,
            basis=command.basis.strip(),
            valid_from=today,
            set_by=actor.person_id,
            set_at=tx.now,
        )
        await add(tx, row)
        return _view(row)

    return await db.carry_out(actor, command, work, PayoutDaysView)


async def payout_days_of(tx: Transaction, courts: Collection[str]) -> dict[str, tuple[PayoutDaysView, ...]]:
    """Give what courts have set for themselves, each court's newest first."""
    found = select(PayoutDaysRow).where(PayoutDaysRow.court.in_(list(courts))).order_by(PayoutDaysRow.number.desc())
    given: dict[str, tuple[PayoutDaysView, ...]] = {}
    for row in await tx.session.scalars(found):
        given[row.court] = (*given.get(row.court, ()), _view(row))
    return given


def days_set_on(given: Sequence[PayoutDaysView], day: date) -> int | None:
    """Give the days that a court had set for itself on a day; ``None``: it had set none."""
    return next((one.days for one in given if one.valid_from <= day), None)


async def _newest(tx: Transaction, court: str) -> PayoutDaysRow | None:
    found = select(PayoutDaysRow).where(PayoutDaysRow.court == court).order_by(PayoutDaysRow.number.desc()).limit(1)
    return (await tx.session.execute(found)).scalar_one_or_none()


def _view(row: PayoutDaysRow) -> PayoutDaysView:
    return PayoutDaysView(court=row.court, days=row.days, basis=row.basis, valid_from=row.valid_from)
