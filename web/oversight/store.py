"""Queries of oversight: overdue nodes with their case, and how many cases courts ended in time."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.law.parameters import LAW
from auction.sale.lots.lots import LotState
from auction.sale.worklist import ENDED

NODES_MOST = 200
"""Most nodes on the page, the longest overdue first; the downloaded table has up to `NODES_TABLE_MOST`."""
NODES_TABLE_MOST = 20_000

_OPEN = (
    "FROM web.overdue_node n JOIN sale.case_file c USING (case_id) WHERE NOT EXISTS "
    "(SELECT 1 FROM web.overdue_node_end e WHERE e.node_id = n.node_id) "
)
_CHOSEN = "AND (:court = '' OR c.court = :court) AND (:handler = '' OR c.handler_name = :handler) AND (:kind = '' OR n.kind = :kind) "
_NODES = text(
    "SELECT n.case_id, c.case_number, c.court, c.handler_name, n.kind, n.article, n.zh, n.en, n.due_on, "
    f"count(*) OVER () AS found {_OPEN}{_CHOSEN}ORDER BY n.due_on, c.case_number, n.kind LIMIT :most"
)
_GROUPS = text(
    "SELECT c.court, c.handler_name, n.kind, min(n.zh) AS zh, min(n.en) AS en, count(*) AS nodes, "
    f"count(DISTINCT n.case_id) AS cases, min(n.due_on) AS oldest {_OPEN}GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
)
_LAST_NIGHT = text("SELECT max(noted_at) FROM web.overdue_node")
_ENDED_IN_TIME = text(
    "SELECT court, count(*) AS judged, count(*) FILTER (WHERE ended_on <= last_on) AS in_time FROM ("
    "SELECT c.court, ((c.opened_at AT TIME ZONE 'Asia/Shanghai')::date + make_interval(months => :months))::date AS last_on, "
    "CASE WHEN count(l.*) > 0 AND bool_and(l.state = ANY(:ended)) THEN "
    "(max(e.at) AT TIME ZONE 'Asia/Shanghai')::date END AS ended_on "
    "FROM sale.case_file c LEFT JOIN sale.lot l USING (case_id) "
    "LEFT JOIN LATERAL (SELECT max(at) AS at FROM sale.lot_event v WHERE v.lot_id = l.lot_id) e ON true "
    "GROUP BY c.case_id, c.court, c.opened_at) t WHERE ended_on IS NOT NULL OR last_on < :today GROUP BY court ORDER BY court"
)


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One overdue node with its case."""

    case_id: UUID
    case_number: str
    court: str
    handler_name: str
    kind: str
    article: str
    zh: str
    en: str
    due_on: date


class NodeGroup(msgspec.Struct, frozen=True, kw_only=True):
    """How much is overdue of one kind with one handler of one court."""

    court: str
    handler_name: str
    kind: str
    zh: str
    en: str
    nodes: int
    cases: int
    oldest: date


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; an empty text: all."""

    court: str = ""
    handler: str = ""
    kind: str = ""


class CourtShare(msgspec.Struct, frozen=True, kw_only=True):
    """Of so many that could be judged, how many were in time; ``name`` is the court's."""

    name: str
    judged: int
    in_time: int


async def open_nodes(tx: Transaction, choice: Choice, most: int = NODES_MOST) -> tuple[tuple[Node, ...], int]:
    """Give the overdue nodes that were chosen, the longest overdue first, and how many there are in all."""
    asked = {"court": choice.court, "handler": choice.handler, "kind": choice.kind, "most": most}
    rows = (await tx.session.execute(_NODES, asked)).mappings().all()
    found = tuple(msgspec.convert({name: row[name] for name in Node.__struct_fields__}, Node) for row in rows)
    return found, rows[0]["found"] if rows else 0


async def node_groups(tx: Transaction) -> tuple[NodeGroup, ...]:
    """Give what is overdue by court, handler and kind."""
    rows = (await tx.session.execute(_GROUPS)).mappings().all()
    return tuple(msgspec.convert(dict(row), NodeGroup) for row in rows)


async def last_noted(tx: Transaction) -> datetime | None:
    """Give when a node was last noted; ``None``: never."""
    noted: datetime | None = (await tx.session.execute(_LAST_NIGHT)).scalar_one()
    return noted


async def ended_in_time(tx: Transaction) -> tuple[CourtShare, ...]:
    """Give by court how many cases were brought to their end within six months, of those ended or older (CPL 237)."""
    months = LAW.months("oversight.higher_court_months", on=local_day(tx.now))
    asked = {"months": months, "today": local_day(tx.now), "ended": [LotState(one).value for one in ENDED]}
    rows = (await tx.session.execute(_ENDED_IN_TIME, asked)).all()
    return tuple(CourtShare(name=row.court, judged=row.judged, in_time=row.in_time) for row in rows)
