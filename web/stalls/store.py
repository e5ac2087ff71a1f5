"""Queries of stalled cases: what stands still now, what was noted of it, what the court said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from auction.kernel.actors import Role
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.sale.desk import Clock, open_clocks
from auction.sale.lots.lots import LotState
from auction.sale.worklist import ENDED
from web.stalls.stalls import GRAVITY, Ground, Level, Stall, Standing, stalls_of
from web.stalls.tables import CaseStallRow, StallReasonRow

STEPPING_ROLES = frozenset(Role) - {
    *(Role.PARTY, Role.BIDDER, Role.AGENCY, Role.LENDER),
    *(Role.SUPERVISOR, Role.ADMINISTRATOR, Role.SYSTEM),
}
"""Whose steps move a case: the court's own officers."""
NO_STEP = ("ExplainStall",)
"""Commands that move nothing: to say why a case stands is not to move it."""
WAITED_FOR = frozenset({"balance"})
"""Clocks of somebody else, whose end the court awaits; seizure and price only limit it."""
_ENDED = [LotState(one).value for one in ENDED]
NOTES_MOST = 1_000
"""Most notes and reasons read for one page."""

_STANDING = text(
    "SELECT c.case_id, c.opened_at, "
    "(SELECT max(e.at) FROM kernel.audit_entry e WHERE e.chain = 'case:' || c.case_id AND e.action <> ALL(:no_step) AND EXISTS ("
    "SELECT 1 FROM web.role_grant g WHERE g.account_id = e.account_id AND g.confirmed_at IS NOT NULL AND g.role = ANY(:roles))) AS stepped_at, "
    "(SELECT max(r.closes_at) FROM sale.round r WHERE r.case_id = c.case_id AND r.state IN ('announced', 'open')) AS closes_at "
    "FROM sale.case_file c WHERE c.case_id = ANY(:case_ids)"
)
_UNENDED = text(
    "SELECT c.case_id FROM sale.case_file c WHERE c.case_id > :after AND ("
    "NOT EXISTS (SELECT 1 FROM sale.lot l WHERE l.case_id = c.case_id) OR "
    "EXISTS (SELECT 1 FROM sale.lot l WHERE l.case_id = c.case_id AND l.state <> ALL(:ended))) ORDER BY c.case_id LIMIT :most"
)


_CANDIDATES = text(
    "SELECT s.case_id FROM web.case_stall s WHERE "
    "NOT EXISTS (SELECT 1 FROM sale.lot l WHERE l.case_id = s.case_id) OR "
    "EXISTS (SELECT 1 FROM sale.lot l WHERE l.case_id = s.case_id AND l.state <> ALL(:ended)) "
    "GROUP BY s.case_id ORDER BY max(s.noted_at) DESC, s.case_id LIMIT :most"
)


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """A level as the night noted it."""

    ground: Ground
    level: Level
    since: date
    noted_on: date


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer said about a case that stands."""

    reason: str
    said_at: datetime


async def unended_after(tx: Transaction, after: UUID, most: int) -> list[UUID]:
    """Give the next cases that have not come to their end, by id."""
    return list(await tx.session.scalars(_UNENDED, {"after": after, "ended": _ENDED, "most": most}))


async def noted_candidates(tx: Transaction, most: int) -> list[UUID]:
    """Give cases that a night noted and that have not come to their end, those noted last first; some may move again."""
    return list(await tx.session.scalars(_CANDIDATES, {"ended": _ENDED, "most": most}))


async def stalls_now(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, tuple[Stall, ...]]:
    """Give what is stalled in each of these cases, whose end is not asked for; cases that move are left out."""
    return (await looked_at(tx, case_ids))[1]


async def looked_at(
    tx: Transaction, case_ids: Collection[UUID]
) -> tuple[dict[UUID, tuple[Clock, ...]], dict[UUID, tuple[Stall, ...]]]:
    """Give the clocks of each of these cases, and what is stalled in those that do not move."""
    ids = list(case_ids)
    clocks, standings = await tx.together(tx.each(ids, lambda one: open_clocks(tx, one)), standings_of_cases(tx, ids))
    return clocks, stalls_among(standings, clocks, local_day(tx.now))


def stalls_among(
    standings: Mapping[UUID, Standing], clocks: Mapping[UUID, Sequence[Clock]], today: date
) -> dict[UUID, tuple[Stall, ...]]:
    """Give what is stalled, by what is known of each case and its clocks."""
    found = {
        case_id: stalls_of(with_clocks(standing, clocks[case_id]), today) for case_id, standing in standings.items()
    }
    return {case_id: stalls for case_id, stalls in found.items() if stalls}


def with_clocks(standing: Standing, clocks: Sequence[Clock]) -> Standing:
    """Add what clocks say: since when one is overdue, and until when somebody else's term runs."""
    overdue = [clock.due_on for clock in clocks if clock.is_overdue]
    terms = [clock.due_on for clock in clocks if clock.kind in WAITED_FOR and not clock.is_overdue]
    waits = [*terms, *([standing.waits_until] if standing.waits_until else [])]
    return msgspec.structs.replace(
        standing, overdue_since=min(overdue, default=None), waits_until=max(waits, default=None)
    )


async def standings_of_cases(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Give what is known of cases, without their clocks."""
    asked = {"case_ids": list(case_ids), "no_step": list(NO_STEP), "roles": [role.value for role in STEPPING_ROLES]}
    return {
        row.case_id: Standing(
            opened_on=local_day(row.opened_at),
            stepped_on=None if row.stepped_at is None else local_day(row.stepped_at),
            waits_until=None if row.closes_at is None else local_day(row.closes_at),
            overdue_since=None,
        )
        for row in (await tx.session.execute(_STANDING, asked)).all()
    }


async def noted_of(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, list[Noted]]:
    """Give what the nights noted of cases, the newest first."""
    found = select(CaseStallRow).where(CaseStallRow.case_id.in_(case_ids))
    rows = await tx.session.scalars(found.order_by(CaseStallRow.noted_at.desc()).limit(NOTES_MOST))
    by_case: dict[UUID, list[Noted]] = {}
    for row in rows:
        noted = Noted(ground=Ground(row.ground), level=Level(row.level), since=row.since, noted_on=row.noted_on)
        by_case.setdefault(row.case_id, []).append(noted)
    return {case_id: sorted(notes, key=_newest_first) for case_id, notes in by_case.items()}


def _newest_first(noted: Noted) -> tuple[int, int]:
    return -noted.noted_on.toordinal(), -GRAVITY.index(noted.level)


async def reasons_of(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, list[Reason]]:
    """Give what was said of cases, the newest first."""
    found = select(StallReasonRow).where(StallReasonRow.case_id.in_(case_ids))
    rows = await tx.session.scalars(found.order_by(StallReasonRow.said_at.desc()).limit(NOTES_MOST))
    by_case: dict[UUID, list[Reason]] = {}
    for row in rows:
        by_case.setdefault(row.case_id, []).append(Reason(reason=row.reason, said_at=row.said_at))
    return by_case
