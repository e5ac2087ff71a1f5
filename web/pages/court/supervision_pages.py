"""What supervisors look into: the audit chain of a case with its verification, the law's parameters, the court calendar.

Everything here is read-only: parameters change with a release that says why, the calendar by two persons (security 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template
from sqlalchemy import select

from auction.kernel.actors import Role
from auction.kernel.audit import Entry, chain_of, first_broken, read_chain
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.law.asset_facts import FACT_LAW
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.sale.case_access import require_part
from web.auth.guards import roles
from web.auth.tables import AccountRow
from web.injected import TheActor, TheDb
from web.pages.court.command_names import command_name
from web.pages.desk import desk_page

AUDITORS = (Role.SUPERVISOR, Role.PRESIDENT, Role.VICE_PRESIDENT)
LAW_READERS = (
    *(Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.PRESIDING_JUDGE, Role.PANEL_MEMBER, Role.BUREAU_HEAD),
    *(Role.VICE_PRESIDENT, Role.PRESIDENT, Role.JUDICIAL_TECHNOLOGY, Role.FINANCE, Role.CASHIER, Role.SUPERVISOR),
    Role.ADMINISTRATOR,
)
YEARS_BACK, YEARS_AHEAD = 1, 2
"""Which years the calendar's page offers beside the present one."""
SYSTEM_ACCOUNT = UUID(int=0)


class CalendarRow(msgspec.Struct, frozen=True, kw_only=True):
    """One day that differs from the plain week."""

    day: date
    is_off: bool
    is_provisional: bool
    zh: str
    en: str


@get("/supervision/cases/{case_id:uuid}/audit", opt=dict(roles(*AUDITORS)), include_in_schema=False)
async def show_audit(case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the audit chain of a case, recomputed from its first entry."""
    async with db.reading() as tx:
        case = await require_part(tx, actor, case_id)
        entries = await read_chain(tx.session, chain_of(case_id, tx.now))
        names = await _usernames(tx, entries)
    return desk_page(
        request,
        "court/audit.html",
        case=case,
        entries=entries,
        broken=first_broken(entries),
        names=names,
        command_name=command_name,
        system=SYSTEM_ACCOUNT,
    )


@get("/supervision/law", opt=dict(roles(*LAW_READERS)), include_in_schema=False, sync_to_thread=False)
def show_law(request: Request[Any, Any, Any]) -> Template:
    """Show every parameter of the law and what each class of asset owes, with articles and dates of effect; read-only."""
    return desk_page(request, "court/law.html", rows=LAW.as_rows(), fact_law=FACT_LAW)


@get("/supervision/calendar", opt=dict(roles(*LAW_READERS)), include_in_schema=False)
async def show_calendar(request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show the days of a year that differ from the plain week; read-only."""
    async with db.reading() as tx:
        today = local_day(tx.now)
    years = [today.year + offset for offset in range(-YEARS_BACK, YEARS_AHEAD + 1)]
    asked = request.query_params.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdecimal() and int(asked) in years else today.year
    return desk_page(
        request,
        "court/calendar.html",
        year=year,
        years=years,
        days=days_of_year(year),
        version=COURT_CALENDAR.version,
        is_provisional=COURT_CALENDAR.is_provisional(date(year, 7, 1)),
    )


def days_of_year(year: int) -> tuple[CalendarRow, ...]:
    """Give the days of a year that are off on a weekday, or worked on a weekend."""
    rows = []
    for number in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
        day = COURT_CALENDAR.look_up(date.fromordinal(number))
        is_weekend = day.day.weekday() >= 5
        if day.is_off != is_weekend or (day.zh not in ("", "周末")):
            rows.append(
                CalendarRow(day=day.day, is_off=day.is_off, is_provisional=day.is_provisional, zh=day.zh, en=day.en)
            )
    return tuple(rows)


async def _usernames(tx: Transaction, entries: list[Entry]) -> Mapping[UUID, str]:
    wanted = {entry.fact.account_id for entry in entries}
    found = select(AccountRow.account_id, AccountRow.username).where(AccountRow.account_id.in_(wanted))
    return {row.account_id: row.username for row in (await tx.session.execute(found)).all()}
