"""Overdue nodes of all cases, as the last night found them: by court, handler and kind, each with the way to its case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery
from litestar.response import Template

from auction.kernel.actors import Role
from auction.kernel.clock import local_day
from web.auth.guards import roles
from web.csv_cells import csv_table
from web.injected import TheDb
from web.oversight.store import NODES_TABLE_MOST, Choice, Node, NodeGroup, last_noted, node_groups, open_nodes
from web.pages.desk import desk_page
from web.texts import _, current_locale

OVERSEERS = (Role.SUPERVISOR, Role.PRESIDENT, Role.VICE_PRESIDENT, Role.BUREAU_HEAD)
PATH = "/supervision"
TEXT_MOST = 100


@get(PATH, opt=dict(roles(*OVERSEERS)), include_in_schema=False)
async def show_overdue(
    request: Request[Any, Any, Any],
    db: TheDb,
    court: FromQuery[str] = "",
    handler: FromQuery[str] = "",
    kind: FromQuery[str] = "",
) -> Template:
    """Show what is overdue in all cases; court, handler and kind narrow it."""
    choice = _choice(court, handler, kind)
    async with db.reading() as tx:
        (nodes, found), groups, noted_at = await tx.together(open_nodes(tx, choice), node_groups(tx), last_noted(tx))
        today = local_day(tx.now)
    return desk_page(
        request,
        "supervision/overdue.html",
        nodes=nodes,
        found=found,
        groups=groups,
        choice=choice,
        courts=_options(group.court for group in groups),
        handlers=_options(group.handler_name for group in groups),
        kinds={group.kind: _kind_name(group) for group in groups},
        noted_at=noted_at,
        today=today,
        in_all=sum(group.nodes for group in groups),
    )


@get("/supervision/overdue.csv", opt=dict(roles(*OVERSEERS)), include_in_schema=False)
async def download_overdue(
    db: TheDb, court: FromQuery[str] = "", handler: FromQuery[str] = "", kind: FromQuery[str] = ""
) -> Response[str]:
    """Give the same as a table for a spreadsheet."""
    async with db.reading() as tx:
        nodes, _found = await open_nodes(tx, _choice(court, handler, kind), NODES_TABLE_MOST)
        today = local_day(tx.now)
    columns = [_("案号"), _("法院"), _("承办"), _("事项"), _("依据"), _("截止"), _("已逾期（日）")]
    headers = {"Content-Disposition": 'attachment; filename="overdue.csv"'}
    table = csv_table(columns, [_cells(node, today) for node in nodes])
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


def _choice(court: str, handler: str, kind: str) -> Choice:
    return Choice(court=court[:TEXT_MOST], handler=handler[:TEXT_MOST], kind=kind[:TEXT_MOST])


def _cells(node: Node, today: date) -> list[object]:
    what = node.zh if current_locale() == "zh" else node.en
    days = (today - node.due_on).days
    return [node.case_number, node.court, node.handler_name, what, node.article, node.due_on.isoformat(), days]


def _kind_name(group: NodeGroup) -> str:
    return group.zh if current_locale() == "zh" else group.en


def _options(texts: Iterable[str]) -> list[tuple[str, str]]:
    return [(one, one) for one in sorted(set(texts))]
