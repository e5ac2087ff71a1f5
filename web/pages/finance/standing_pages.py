"""Money that stands, the figures of courts and handlers, and the reconciliations of nights and months.

1. An officer sees his cases, finance and supervision all of them; figures count what he sees.
2. Deposits of running rounds are in none of these sums; the nightly comparisons, which count them, are for finance and supervision (security 2).
3. Downloaded cells that a spreadsheet would compute are made plain (security 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.fund.channels.monthly_report import (
    SIDES,
    SIGNERS,
    MonthlyView,
    SignMonthlyReport,
    month_drawn,
    months_drawn,
    sign_monthly_report,
)
from auction.fund.channels.reconcile import last_reports
from auction.fund.payouts.figures import (
    ONE,
    Figures,
    PaidPayout,
    Standing,
    figures_by_court,
    figures_by_handler,
)
from auction.fund.payouts.standing import StandingCase, payouts_made, standing_cases
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.persons import names_of
from auction.sale.case_access import CaseSeen, cases_among, cases_named
from web.auth.guards import roles
from web.csv_cells import csv_table
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.money_shown import sees_single
from web.pages.amounts import plain_yuan
from web.pages.desk import desk_page, done_at
from web.pages.readers import MONEY_READERS
from web.texts import _

RECONCILERS = (*SIGNERS, Role.CASHIER, Role.SUPERVISOR, Role.VICE_PRESIDENT)


class SignMonthForm(msgspec.Struct, frozen=True, kw_only=True):
    """One side's signature under the month that the page showed."""

    command_id: UUID
    month: date
    side: Literal["enforcement", "finance"]
    signed_sha256: str = ""


class StandingShown(msgspec.Struct, frozen=True, kw_only=True):
    """One case of the worklist; ``approver`` is empty while nobody has decided its delay."""

    case: CaseSeen
    standing: StandingCase
    approver: str


@get("/finance/standing", opt=dict(roles(*MONEY_READERS)), include_in_schema=False)
async def show_standing(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the cases whose money is not all paid, those that stand too long first, with reason and approver."""
    async with db.reading() as tx:
        shown = await _standing_shown(tx, actor)
    late = [one for one in shown if one.standing.too_long]
    rest = [one for one in shown if not one.standing.too_long]
    late.sort(key=lambda one: -one.standing.days_over)
    return desk_page(request, "finance/standing.html", late=late, rest=rest)


@get("/finance/figures", opt=dict(roles(*MONEY_READERS)), include_in_schema=False)
async def show_figures(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the figures of courts and handlers."""
    courts, handlers = await payout_figures(db, actor)
    return desk_page(request, "finance/figures.html", courts=courts, handlers=handlers, percent=percent)


@get("/finance/figures.csv", opt=dict(roles(*MONEY_READERS)), include_in_schema=False)
async def download_figures(db: TheDb, actor: TheActor) -> Response[str]:
    """Give the figures as a table for a spreadsheet."""
    courts, handlers = await payout_figures(db, actor)
    columns = [
        _("法院、承办人"),
        _("已发放（笔）"),
        _("按期发放（笔）"),
        _("按期率"),
        _("用时中位数（日）"),
        _("未发放案款（元）"),
        _("其中超期（元）"),
        _("超期案件（件）"),
    ]
    rows = [_cells(row) for row in (*courts, *handlers)]
    headers = {"Content-Disposition": 'attachment; filename="payout-figures.csv"'}
    return Response(csv_table(columns, rows), media_type="text/csv; charset=utf-8", headers=headers)


@get("/finance/reconciliations", opt=dict(roles(*RECONCILERS)), include_in_schema=False)
async def show_reconciliations(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the last nightly comparisons and the monthly reports with their signatures."""
    return await _show_reconciliations(request, db, actor)


@get("/finance/reconciliations/{month:date}/cases.csv", opt=dict(roles(*RECONCILERS)), include_in_schema=False)
async def download_month(month: FromPath[date], db: TheDb) -> Response[str]:
    """Give a month as a table for a spreadsheet, each case under its court. Raises `MonthUnknown`."""
    async with db.reading() as tx:
        shown = await month_drawn(tx, month)
        named = await cases_named(tx, {case.case_id for case in shown.content.cases})
    columns = [
        _("法院"),
        _("案号"),
        _("月初（元）"),
        _("收入（元）"),
        _("支出（元）"),
        _("月末（元）"),
        _("本院部分指纹"),
    ]
    rows = _month_cells(shown, {case_id: case.case_number for case_id, case in named.items()})
    headers = {"Content-Disposition": f'attachment; filename="case-money-{month:%Y-%m}.csv"'}
    return Response(csv_table(columns, rows), media_type="text/csv; charset=utf-8", headers=headers)


def _month_cells(shown: MonthlyView, numbers: Mapping[UUID, str]) -> list[Sequence[object]]:
    return [
        (
            part.court or "—",
            numbers.get(case.case_id, "—"),
            *(plain_yuan(fen) for fen in (case.opening_fen, case.received_fen, case.paid_fen, case.closing_fen)),
            part.part_sha256,
        )
        for part in shown.content.courts
        for case in part.cases
    ]


@post("/finance/reconciliations", opt=dict(roles(*SIGNERS)), include_in_schema=False, status_code=303)
async def sign_month(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Response[Any]:
    """Sign a month for one side."""
    try:
        form = await read_form(request, SignMonthForm)
        command = SignMonthlyReport(
            command_id=form.command_id, month=form.month, side=form.side, signed_sha256=form.signed_sha256
        )
        await sign_monthly_report(db, actor, command)
    except Refusal as refusal:
        return await _show_reconciliations(request, db, actor, refusal=refusal)
    return done_at("/finance/reconciliations", "month_signed")


async def _show_reconciliations(
    request: Request[Any, Any, Any], db: Database, actor: Actor, *, refusal: Refusal | None = None
) -> Template:
    async with db.reading() as tx:
        reports = await last_reports(tx) if sees_single(actor) else None
        months = await months_drawn(tx)
        named = await cases_named(tx, {case.case_id for month in months for case in month.content.cases})
    return desk_page(
        request,
        "finance/reconciliations.html",
        refusal=refusal,
        reports=reports,
        months=months,
        numbers={case_id: case.case_number for case_id, case in named.items()},
        sides=[side for side, signers in SIDES.items() if not actor.roles.isdisjoint(signers)],
        all_sides=list(SIDES),
    )


async def _standing_shown(tx: Transaction, actor: Actor) -> list[StandingShown]:
    found = await standing_cases(tx)
    seen = await cases_among(tx, actor, {one.case_id for one in found})
    approvers = {one.case_id: person for one in found if (person := _approver(one)) is not None}
    names = await names_of(tx, set(approvers.values()))
    shown = {case_id: names.get(person, "") for case_id, person in approvers.items()}
    return [
        StandingShown(case=seen[one.case_id], standing=one, approver=shown.get(one.case_id, ""))
        for one in found
        if one.case_id in seen
    ]


def _approver(one: StandingCase) -> UUID | None:
    """Who decided the newest delay; ``None`` where nobody did."""
    return None if one.delay is None else one.delay.decided_by


async def payout_figures(db: Database, actor: Actor) -> tuple[list[Figures], list[Figures]]:
    """Give the figures of payouts by court and by handler, of the cases that this actor may read."""
    async with db.reading() as tx:
        made, standing = await payouts_made(tx), await standing_cases(tx)
        seen = await cases_among(tx, actor, {one.case_id for one in made} | {one.case_id for one in standing})
    paid = [
        PaidPayout(
            court=seen[one.case_id].court,
            handler=seen[one.case_id].handler_name,
            days=(one.paid_on - one.complete_on).days,
            paid_on=one.paid_on,
            due=one.due,
        )
        for one in made
        if one.case_id in seen
    ]
    stands = [
        Standing(
            court=seen[one.case_id].court,
            handler=seen[one.case_id].handler_name,
            fen=one.standing_fen,
            too_long=one.too_long,
        )
        for one in standing
        if one.case_id in seen
    ]
    return figures_by_court(paid, stands), figures_by_handler(paid, stands)


def _cells(row: Figures) -> Sequence[object]:
    return (
        row.name,
        row.paid,
        row.in_time,
        percent(row),
        "" if row.median_days is None else row.median_days,
        plain_yuan(row.standing_fen),
        plain_yuan(row.too_long_fen),
        row.too_long_cases,
    )


def percent(row: Figures) -> str:
    """Show the share that was paid in time, to a tenth of a percent, cut; a dash while nothing was paid."""
    if row.in_time_share is None:
        return "—"
    tenths = row.in_time_share * 1000 // ONE
    return f"{tenths // 10}.{tenths % 10}%"
