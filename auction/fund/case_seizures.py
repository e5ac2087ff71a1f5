"""What the fund knows of the seizure register: who seized since when. The enforcement file itself fills it.

1. Whoever records a seizure or its lifting notes it here in the same transaction (as parties and documents: `case_file`).
2. A seizure holds since the first day of the chain of renewals that leads to it without a day's gap (查扣冻 27).
3. Only a seizure that was in force when the case's first asset was sold ranks anybody (today, while nothing is sold); that
   it was lifted afterwards, for the buyer's sake, takes nobody's rank.
4. An applicant's claim stands on the seizure of his own case; of several the oldest. That seizure ranks nobody but applicants.
5. Another case's seizure ranks one creditor of this case, and no applicant: the one whose own paper of it states the number of the
   case in which it was made. That number is typed from his paper and compared with the register's; whoever cannot state it stands on nothing.
6. A seizure renews one of the same asset only: the day of one asset's seizure ranks nobody on another's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.deposits.store import add
from auction.fund.ledger.tables import SCHEMA
from auction.kernel.db import Base, Transaction
from auction.kernel.errors import Conflict, NotFound

MAX_RENEWALS = 100
"""No chain of renewals is followed further."""


class CaseSeizureRow(Base):
    """One seizure or renewal as the register has it; append-only."""

    __tablename__ = "case_seizure"
    __table_args__ = SCHEMA
    seizure_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    is_own: Mapped[bool]
    rank: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    renews: Mapped[UUID | None]
    noted_at: Mapped[datetime]


class CaseSeizureNumberRow(Base):
    """The number of the case in which a seizure was made; append-only."""

    __tablename__ = "case_seizure_number"
    __table_args__ = SCHEMA
    seizure_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_number: Mapped[str]


class CaseSeizureLiftRow(Base):
    """The lifting of one seizure; append-only."""

    __tablename__ = "case_seizure_lift"
    __table_args__ = SCHEMA
    seizure_id: Mapped[UUID] = mapped_column(primary_key=True)
    lifted_on: Mapped[date]
    noted_at: Mapped[datetime]


class SeizureNotOfCase(NotFound):
    """The register of this case has no such seizure."""

    code = "seizure_not_of_case"
    article = "查扣冻 24"
    zh = "本案查封登记中没有该查封。"
    en = "The seizure register of this case has no such seizure."


class SeizureLapsed(Conflict):
    """The seizure was not in force when the asset was sold: it ranks nobody."""

    code = "seizure_lapsed"
    article = "查扣冻 27"
    zh = "该查封在 {on} 已经失效或者解除，不能据以确定受偿顺位。"
    en = "This seizure was not in force on {on}; it gives no rank."


class SeizureOfOther(Conflict):
    """The seizure is another creditor's."""

    code = "seizure_of_other_creditor"
    article = "Interp. 514; 查扣冻 24"
    zh = "该查封系其他债权人申请的查封，不能据以确定本债权人的受偿顺位。"
    en = "This seizure is another creditor's; it gives this one no place in the order."


class SeizingNumberDiffers(Conflict):
    """The creditor's paper states another case than the one in which this seizure was made, or none was stated (rule 5)."""

    code = "seizing_number_differs"
    article = "Interp. 514; 查扣冻 24"
    zh = "债权人据以查封的案号与查封登记不一致，不能据以确定其受偿顺位；请按其查封裁定书或者协助执行通知书填写。"
    en = (
        "The number of the case in which the creditor seized is not the register's; it is typed from his own seizure ruling or "
        "notice of assistance, and a seizure that he cannot state gives him no place."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeizureOnFile:
    """One seizure; ``ends_on`` is its last day of effect."""

    seizure_id: UUID
    is_own: bool
    rank: int
    valid_from: date
    ends_on: date
    renews: UUID | None
    case_number: str | None = None
    """``None``: noted before numbers were."""
    asset_id: UUID | None = None

    def is_in_force(self, on: date) -> bool:
        """Whether it binds on ``on``."""
        return self.valid_from <= on <= self.ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class SeizedSince:
    """What a claim takes from the register: the seizure, since when it holds, and its place in the order."""

    seizure_id: UUID
    on: date
    order: int


async def note_seizure(
    tx: Transaction,
    *,
    case_id: UUID,
    asset_id: UUID,
    seizure_id: UUID,
    is_own: bool,
    rank: int,
    valid_from: date,
    valid_until: date,
    renews: UUID | None,
    case_number: str,
) -> None:
    """Note a seizure within the transaction that records it; ``is_own``: under this case's own number."""
    row = CaseSeizureRow(
        seizure_id=seizure_id,
        case_id=case_id,
        asset_id=asset_id,
        is_own=is_own,
        rank=rank,
        valid_from=valid_from,
        valid_until=valid_until,
        renews=renews,
        noted_at=tx.now,
    )
    await add(tx, row)
    await add(tx, CaseSeizureNumberRow(seizure_id=seizure_id, case_number=case_number))


async def note_seizure_lifted(tx: Transaction, *, seizure_id: UUID, lifted_on: date) -> None:
    """Note a lifting within the transaction that records it."""
    await add(tx, CaseSeizureLiftRow(seizure_id=seizure_id, lifted_on=lifted_on, noted_at=tx.now))


async def seizures_on_file(tx: Transaction, case_id: UUID) -> list[SeizureOnFile]:
    """Give the seizures of a case, the oldest first."""
    found = await tx.session.execute(
        select(CaseSeizureRow, CaseSeizureLiftRow.lifted_on, CaseSeizureNumberRow.case_number)
        .outerjoin(CaseSeizureLiftRow, CaseSeizureLiftRow.seizure_id == CaseSeizureRow.seizure_id)
        .outerjoin(CaseSeizureNumberRow, CaseSeizureNumberRow.seizure_id == CaseSeizureRow.seizure_id)
        .where(CaseSeizureRow.case_id == case_id)
        .order_by(CaseSeizureRow.valid_from, CaseSeizureRow.rank, CaseSeizureRow.seizure_id)
    )
    return [_on_file(row, lifted_on, number) for row, lifted_on, number in found.all()]


def held_since(seizures: Sequence[SeizureOnFile], seizure_id: UUID, *, on: date) -> SeizedSince:
    """Give since when a seizure in force on ``on`` has held (rules 2 and 3). Raises `SeizureNotOfCase`, `SeizureLapsed`."""
    by_id = {each.seizure_id: each for each in seizures}
    chosen = by_id.get(seizure_id)
    if chosen is None:
        raise SeizureNotOfCase(field="seizure_id")
    if not chosen.is_in_force(on):
        raise SeizureLapsed(field="seizure_id", on=on)
    return SeizedSince(seizure_id=seizure_id, on=_chain_start(by_id, chosen), order=chosen.rank)


def require_seizure_of(
    seizures: Sequence[SeizureOnFile],
    seizure_id: UUID,
    *,
    by_applicant: bool,
    taken_by: Collection[UUID],
    claimant: UUID,
    stated: str,
) -> None:
    """Refuse a seizure that is not the claimant's (`SeizureOfOther`, `SeizingNumberDiffers`; rules 4 and 5).

    ``taken_by``: who stands on its chain already; ``stated``: the number of the case in which he seized, as his paper states it.
    """
    chosen = next((each for each in seizures if each.seizure_id == seizure_id), None)
    if chosen is None:
        raise SeizureNotOfCase(field="seizure_id")
    if chosen.is_own != by_applicant:
        raise SeizureOfOther(field="seizure_id")
    if not chosen.is_own and stated != chosen.case_number:
        raise SeizingNumberDiffers(field="seizing_number")
    if not chosen.is_own and any(person != claimant for person in taken_by):
        raise SeizureOfOther(field="seizure_id")


def chain_of(seizures: Sequence[SeizureOnFile], seizure_id: UUID) -> set[UUID]:
    """Give a seizure with all that renew it and that it renews: they are one creditor's."""
    chain = {seizure_id}
    for _ in range(MAX_RENEWALS):
        more = {s.seizure_id for s in seizures if s.renews in chain} | {
            s.renews for s in seizures if s.seizure_id in chain and s.renews is not None
        }
        if more <= chain:
            return chain
        chain |= more
    raise AssertionError("a chain of renewals is longer than any lawful one")


def own_seizure(seizures: Sequence[SeizureOnFile], *, on: date) -> SeizedSince | None:
    """Give the oldest of the case's own seizures in force on ``on``; ``None`` if there is none (rule 4)."""
    own = [held_since(seizures, each.seizure_id, on=on) for each in seizures if each.is_own and each.is_in_force(on)]
    return min(own, key=lambda each: (each.on, each.order), default=None)


def _chain_start(by_id: Mapping[UUID, SeizureOnFile], seizure: SeizureOnFile) -> date:
    for _ in range(MAX_RENEWALS):
        earlier = None if seizure.renews is None else by_id.get(seizure.renews)
        if earlier is None or seizure.valid_from > earlier.ends_on + timedelta(days=1):
            return seizure.valid_from
        seizure = earlier
    raise AssertionError("a chain of renewals is longer than any lawful one")


def _on_file(row: CaseSeizureRow, lifted_on: date | None, case_number: str | None) -> SeizureOnFile:
    ends_on = row.valid_until if lifted_on is None else min(row.valid_until, lifted_on - timedelta(days=1))
    return SeizureOnFile(
        seizure_id=row.seizure_id,
        is_own=row.is_own,
        rank=row.rank,
        valid_from=row.valid_from,
        ends_on=ends_on,
        renews=row.renews,
        case_number=case_number,
        asset_id=row.asset_id,
    )
