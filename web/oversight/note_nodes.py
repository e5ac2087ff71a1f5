"""Note which clocks of cases are overdue, and which of those noted before are not any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.sale.desk import Clock
from auction.sale.lots.lots import LotState
from auction.sale.worklist import ENDED
from web.oversight.tables import OverdueNodeRow

_END_OTHERS = text(
    "INSERT INTO web.overdue_node_end (node_id, ended_at) SELECT n.node_id, :now FROM web.overdue_node n "
    "WHERE n.case_id = ANY(:case_ids) AND n.node_id <> ALL(:node_ids) ON CONFLICT DO NOTHING"
)
_END_OF_ENDED_CASES = text(
    "INSERT INTO web.overdue_node_end (node_id, ended_at) SELECT n.node_id, :now FROM web.overdue_node n "
    "WHERE EXISTS (SELECT 1 FROM sale.lot l WHERE l.case_id = n.case_id) AND NOT EXISTS ("
    "SELECT 1 FROM sale.lot l WHERE l.case_id = n.case_id AND l.state <> ALL(:ended)) ON CONFLICT DO NOTHING"
)


async def note_nodes(db: Database, clocks: Mapping[UUID, Sequence[Clock]]) -> None:
    """Note the overdue clocks of these cases, each once, and the end of every node of theirs that is not among them."""

    async def work(tx: Transaction) -> None:
        rows = [_row(tx, case_id, clock) for case_id, found in clocks.items() for clock in found if clock.is_overdue]
        if rows:
            await tx.session.execute(insert(OverdueNodeRow).values(rows).on_conflict_do_nothing())
        still = {"case_ids": list(clocks), "node_ids": [row["node_id"] for row in rows], "now": tx.now}
        await tx.session.execute(_END_OTHERS, still)

    await db.transact(work)


async def end_nodes_of_ended_cases(db: Database) -> None:
    """End what was overdue in cases that have come to their end."""
    ended = [LotState(one).value for one in ENDED]
    await db.transact(lambda tx: tx.session.execute(_END_OF_ENDED_CASES, {"ended": ended, "now": tx.now}))


def node_id_of(case_id: UUID, clock: Clock) -> UUID:
    """Name a node: the same clock with the same last day is the same node, however often it is found."""
    return named_id("overdue node", str(case_id), clock.kind, str(clock.lot_id), clock.due_on.isoformat())


def _row(tx: Transaction, case_id: UUID, clock: Clock) -> dict[str, Any]:
    return {
        "node_id": node_id_of(case_id, clock),
        "case_id": case_id,
        "lot_id": clock.lot_id,
        "kind": clock.kind,
        "article": clock.article,
        "zh": clock.zh,
        "en": clock.en,
        "due_on": clock.due_on,
        "noted_at": tx.now,
    }
