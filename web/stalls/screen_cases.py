"""Look at every case that has not come to its end: note overdue nodes, and the levels that stalled cases have reached."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from web.oversight.note_nodes import end_nodes_of_ended_cases, note_nodes
from web.stalls.stalls import Stall, levels_up_to
from web.stalls.store import looked_at, unended_after
from web.stalls.tables import CaseStallRow

CASES_AT_ONCE = 100


async def screen_cases(db: Database) -> int:
    """Note overdue nodes and every level reached, each once for the first day of its ground; gives how many levels were new.

    A process that dies goes on the next time: what is noted is not noted again.
    """
    after, noted = UUID(int=0), 0
    while True:
        async with db.reading() as tx:
            cases = await unended_after(tx, after, CASES_AT_ONCE)
            clocks, stalled = await looked_at(tx, cases)
        await note_nodes(db, clocks)
        for case_id, stalls in stalled.items():
            noted += await _note(db, case_id, stalls)
        if len(cases) < CASES_AT_ONCE:
            await end_nodes_of_ended_cases(db)
            return noted
        after = cases[-1]


async def _note(db: Database, case_id: UUID, stalls: Iterable[Stall]) -> int:
    levels = [(stall, level) for stall in stalls for level in levels_up_to(stall.level)]

    async def work(tx: Transaction) -> int:
        rows = [
            {
                "case_id": case_id,
                "ground": stall.ground.value,
                "since": stall.since,
                "level": level.value,
                "noted_on": local_day(tx.now),
                "noted_at": tx.now,
            }
            for stall, level in levels
        ]
        noting = insert(CaseStallRow).values(rows).on_conflict_do_nothing().returning(CaseStallRow.level)
        return len((await tx.session.scalars(noting)).all())

    return await db.transact(work)
