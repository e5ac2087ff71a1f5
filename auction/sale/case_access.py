"""Who may read which enforcement file.

1. A case handler reads the cases that he handles; a judge those before whose panel he sits.
2. Clerks and assistants keep the files of the whole court; bureau head, leadership and supervisors oversee them.
3. Whoever has no part in a case is told that there is none, not that there is one which he may not see.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, literal, or_, select, true, tuple_

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction
from auction.sale.cases.cases import CaseUnknown
from auction.sale.cases.tables import CaseRow
from auction.sale.lots.lots import LotState
from auction.sale.lots.tables import LotRow, PanelMemberRow, PanelRow

SEES_EVERY_CASE = frozenset(
    {
        *(Role.JUDGE_ASSISTANT, Role.CLERK, Role.BUREAU_HEAD, Role.VICE_PRESIDENT, Role.PRESIDENT),
        *(Role.FINANCE, Role.CASHIER, Role.SUPERVISOR),
    }
)
"""Roles that stand in no single case."""
CASES_LIMIT = 100
"""Most cases on one desk: those that have not come to their end before the others, the newest first."""
LIVE_NO_MORE = tuple(
    state.value for state in (LotState.COMPLETED, LotState.SATISFIED, LotState.RETURNED, LotState.WITHDRAWN)
)
"""Ends of a lot; a case whose every lot has one is done."""
CASES_PAGE = 1_000
"""So many cases are read at once where all of somebody's are asked for."""
CASES_MOST = 20_000
"""Most cases of one reader, the newest first: more than one officer ever has; whoever oversees a larger court sees the newest."""


class CaseSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A case as lists and headings name it."""

    case_id: UUID
    case_number: str
    court: str
    handler_name: str


async def cases_seen_by(tx: Transaction, actor: Actor) -> tuple[CaseSeen, ...]:
    """Give the cases that this actor may read: those that have not come to their end before the others, the newest first."""
    live = select(LotRow.lot_id).where(LotRow.case_id == CaseRow.case_id, LotRow.state.not_in(LIVE_NO_MORE)).exists()
    listed = select(LotRow.lot_id).where(LotRow.case_id == CaseRow.case_id).exists()
    found = select(CaseRow).where(_seen_by(actor))
    found = found.order_by(and_(listed, ~live), CaseRow.opened_at.desc(), CaseRow.case_id)
    return tuple(_seen(row) for row in await tx.session.scalars(found.limit(CASES_LIMIT)))


async def every_case_seen_by(tx: Transaction, actor: Actor) -> tuple[CaseSeen, ...]:
    """Give all cases that this actor may read, page after page, the newest first, at most `CASES_MOST`."""
    found: list[CaseSeen] = []
    place = tuple_(CaseRow.opened_at, CaseRow.case_id)
    ordered = select(CaseRow).where(_seen_by(actor)).order_by(CaseRow.opened_at.desc(), CaseRow.case_id.desc())
    page = (await tx.session.scalars(ordered.limit(CASES_PAGE))).all()
    while page and len(found) < CASES_MOST:
        found += [_seen(row) for row in page]
        last = tuple_(literal(page[-1].opened_at), literal(page[-1].case_id))
        page = (await tx.session.scalars(ordered.where(place < last).limit(CASES_PAGE))).all()
    return tuple(found)


async def cases_among(tx: Transaction, actor: Actor, case_ids: Collection[UUID]) -> dict[UUID, CaseSeen]:
    """Give those of the cases that this actor may read, by their ids."""
    found = select(CaseRow).where(CaseRow.case_id.in_(case_ids), _seen_by(actor))
    return {row.case_id: _seen(row) for row in await tx.session.scalars(found)}


async def cases_named(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, CaseSeen]:
    """Name cases, whoever asks: for what is public of them, and for what is signed for the whole house."""
    found = select(CaseRow).where(CaseRow.case_id.in_(case_ids))
    return {row.case_id: _seen(row) for row in await tx.session.scalars(found)}


async def require_part(tx: Transaction, actor: Actor, case_id: UUID) -> CaseSeen:
    """Give the case, or refuse as if there were none (`CaseUnknown`)."""
    row = await tx.session.scalar(select(CaseRow).where(CaseRow.case_id == case_id, _seen_by(actor)))
    if row is None:
        raise CaseUnknown(case_id=case_id)
    return _seen(row)


def _seen(row: CaseRow) -> CaseSeen:
    return CaseSeen(case_id=row.case_id, case_number=row.case_number, court=row.court, handler_name=row.handler_name)


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    if not actor.roles.isdisjoint(SEES_EVERY_CASE):
        return true()
    sits = (
        select(PanelRow.case_id)
        .join(PanelMemberRow, PanelMemberRow.panel_id == PanelRow.panel_id)
        .where(PanelMemberRow.person_id == actor.person_id)
    )
    return or_(CaseRow.handler_person_id == actor.person_id, CaseRow.case_id.in_(sits))
