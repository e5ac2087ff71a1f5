"""Queries of acts that need two persons: what waits, and how it is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.acts.second_person import ACT_DAYS, ActKind, ActLapsed, ActUnknown
from auction.fund.acts.tables import ActCheckRow, ProposedActRow
from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of


class ActShown(msgspec.Struct, frozen=True, kw_only=True):
    """An act with what was proposed; ``outcome`` is empty while it waits for its second person."""

    act_id: UUID
    case_id: UUID
    kind: str
    subject_id: UUID
    terms: dict[str, Any]
    paper_sha256: str
    concerned_masked: tuple[str, ...]
    effect: dict[str, int]
    proposed_by: UUID
    proposed_at: datetime
    lapses_at: datetime
    outcome: str = ""


async def act_row(tx: Transaction, act_id: UUID) -> ProposedActRow:
    """Give a proposal. Raises `ActUnknown`."""
    row = await tx.session.get(ProposedActRow, act_id)
    if row is None:
        raise ActUnknown(act_id=act_id)
    return row


async def waiting_act(tx: Transaction, act_id: UUID) -> ProposedActRow:
    """Give a proposal that nobody has looked at, lapsed or not. Raises `ActUnknown`."""
    row = await act_row(tx, act_id)
    if await tx.session.get(ActCheckRow, act_id) is not None:
        raise ActUnknown(act_id=act_id)
    return row


def require_in_time(row: ProposedActRow, now: datetime) -> None:
    """Refuse a proposal whose time is over (`ActLapsed`)."""
    if now > row.lapses_at:
        raise ActLapsed(days=ACT_DAYS)


async def act_waits(tx: Transaction, kind: ActKind, subject_id: UUID) -> bool:
    """Whether a proposal of this act on this thing waits now."""
    found = select(ProposedActRow.act_id).where(
        ProposedActRow.kind == kind.value,
        ProposedActRow.subject_id == subject_id,
        ProposedActRow.lapses_at >= tx.now,
        ProposedActRow.act_id.not_in(select(ActCheckRow.act_id)),
    )
    return (await tx.session.execute(found.limit(1))).first() is not None


async def waiting_acts(tx: Transaction, case_id: UUID) -> tuple[ActShown, ...]:
    """Give what waits in a case for a second person, the first one first."""
    found = (
        select(ProposedActRow)
        .where(
            ProposedActRow.case_id == case_id,
            ProposedActRow.lapses_at >= tx.now,
            ProposedActRow.act_id.not_in(select(ActCheckRow.act_id)),
        )
        .order_by(ProposedActRow.proposed_at, ProposedActRow.act_id)
    )
    return tuple([await shown(tx, row) for row in (await tx.session.scalars(found)).all()])


async def shown(tx: Transaction, row: ProposedActRow, *, outcome: str = "") -> ActShown:
    """Show a proposal; whom it concerns is masked."""
    return ActShown(
        act_id=row.act_id,
        case_id=row.case_id,
        kind=row.kind,
        subject_id=row.subject_id,
        terms=row.terms,
        paper_sha256=row.paper_sha256,
        concerned_masked=tuple([await masked_of(tx, UUID(person)) for person in row.concerned]),
        effect=row.effect,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        lapses_at=row.lapses_at,
        outcome=outcome,
    )
