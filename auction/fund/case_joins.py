"""What the fund knows of applications to join the distribution. The enforcement file itself fills it.

1. Whoever receives or decides an application, or objects to a refusal, notes its standing here in the same transaction (as parties and
   documents: `case_file`). The whole standing is told each time: told twice it is one fact, told late it is the newest.
2. While one that came in time is undecided, no plan of its case is settled and no surplus goes to the debtor: who is admitted shares
   with all who joined, and the plan is served on him (Interp. 508, 509; auction/DECISIONS F57).
3. One that came after enforcement of every asset was finished holds up nothing, for nobody may admit it (Interp. 507). A seizure or a sale
   of the case that is noted afterwards takes that back: then the asset is enforced into again, or another is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.case_seizures import CaseSeizureRow
from auction.fund.deposits.store import add
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base, Transaction
from auction.kernel.errors import Conflict


class CaseJoinRow(Base):
    """The standing of one application from here on; append-only, the highest number counts."""

    __tablename__ = "case_join"
    __table_args__ = SCHEMA
    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    kind: Mapped[str]
    amount_fen: Mapped[int]
    applied_on: Mapped[date]
    is_open: Mapped[bool]
    is_late: Mapped[bool]
    noted_at: Mapped[datetime]


class JoinUndecided(Conflict):
    """Somebody applied to join in time and is not answered yet."""

    code = "join_undecided"
    article = "Interp. 507, 509"
    zh = "尚有 {count} 件参与分配申请未作出决定，方案暂不入账；请先逐件作出决定，准许的应当重新制作方案并送达。"
    en = "{count} applications to join the distribution are undecided: no plan is settled before they are; who is admitted shares in a new plan."


class OpenApplication(msgspec.Struct, frozen=True, kw_only=True):
    """An undecided application that holds the case's money up."""

    application_id: UUID
    kind: str
    amount_fen: int
    applied_on: date


async def note_join(
    tx: Transaction,
    *,
    application_id: UUID,
    case_id: UUID,
    kind: str,
    amount_fen: int,
    applied_on: date,
    is_open: bool,
    is_late: bool,
) -> None:
    """Note how an application stands within the transaction that changes it; what is known already is not noted again (rule 1)."""
    last = await _last_of(tx, application_id)
    if last is not None and (last.is_open, last.is_late) == (is_open, is_late):
        return
    row = CaseJoinRow(
        application_id=application_id,
        number=1 if last is None else last.number + 1,
        case_id=case_id,
        kind=kind,
        amount_fen=amount_fen,
        applied_on=applied_on,
        is_open=is_open,
        is_late=is_late,
        noted_at=tx.now,
    )
    await add(tx, row)


async def open_applications(tx: Transaction, case_id: UUID) -> tuple[OpenApplication, ...]:
    """Give the undecided applications that hold up a case, the oldest first (rules 2 and 3)."""
    moved_at = await _moved_at(tx, case_id)
    return tuple(
        OpenApplication(
            application_id=row.application_id, kind=row.kind, amount_fen=row.amount_fen, applied_on=row.applied_on
        )
        for row in await _standings(tx, case_id)
        if row.is_open and (not row.is_late or (moved_at is not None and moved_at > row.noted_at))
    )


async def require_joins_decided(tx: Transaction, case_id: UUID) -> None:
    """Refuse while an application that came in time is undecided (`JoinUndecided`). Source: Interp. 507, 508."""
    waiting = await open_applications(tx, case_id)
    if waiting:
        raise JoinUndecided(count=len(waiting))


async def _last_of(tx: Transaction, application_id: UUID) -> CaseJoinRow | None:
    found = select(CaseJoinRow).where(CaseJoinRow.application_id == application_id)
    return await tx.session.scalar(found.order_by(CaseJoinRow.number.desc()).limit(1))


async def _standings(tx: Transaction, case_id: UUID) -> Sequence[CaseJoinRow]:
    """Give the newest standing of each application of a case, by the day on which it was made."""
    found = select(CaseJoinRow).where(CaseJoinRow.case_id == case_id).order_by(CaseJoinRow.number)
    newest = {row.application_id: row for row in await tx.session.scalars(found)}
    return sorted(newest.values(), key=lambda row: (row.applied_on, row.application_id))


async def _moved_at(tx: Transaction, case_id: UUID) -> datetime | None:
    """Give when something of the case was last seized or sold, ``None`` while nothing was."""
    times = [
        await tx.session.scalar(select(func.max(CaseSeizureRow.noted_at)).where(CaseSeizureRow.case_id == case_id)),
        await tx.session.scalar(select(func.max(PurchaseRow.opened_at)).where(PurchaseRow.case_id == case_id)),
    ]
    return max((time for time in times if time is not None), default=None)
