"""The court's two main pages: the work list, and the file of one case with its timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.sale.case_access import cases_seen_by, require_part
from auction.sale.cases.cases import OFFICERS
from auction.sale.worklist import WorkList, work_list
from bidding.integrity.findings.acts import READERS as FINDING_READERS
from web.auth.guards import roles
from web.injected import TheActor, TheDb
from web.pages import facts_shown, finding_words
from web.pages.case_file import CaseFile
from web.pages.court import stall_words, timeline
from web.pages.court.asset_standing import standings_of
from web.pages.court.findings_waiting import findings_waiting
from web.pages.court.places import placed
from web.pages.desk import desk_page
from web.pages.readers import CASE_READERS
from web.pages.room_reports import RoomReport, reports_of_cases, to_answer
from web.pages.steps.known import Known
from web.pages.steps.offered import StageOffered, done_text, is_insider, offered_steps, way_to_open
from web.pages.steps.read_known import read_known
from web.stalls.stalls import Standing
from web.stalls.store import stalls_among, standings_of_cases

READERS = CASE_READERS
MONEY_READERS = frozenset({Role.CASE_HANDLER, Role.BUREAU_HEAD, Role.VICE_PRESIDENT, Role.SUPERVISOR})
QUESTIONERS = frozenset({Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.PRESIDING_JUDGE})
RULERS = frozenset({Role.CASE_HANDLER, Role.PRESIDING_JUDGE})
REPORTS_SHOWN = 20
"""Most open reports of rooms listed on the desk, those of one kind and room as one; the rest is counted."""
SEALERS = frozenset({Role.CASE_HANDLER, Role.CLERK, Role.PRESIDING_JUDGE})


@get("/court", opt=dict(roles(*READERS)), include_in_schema=False)
async def show_desk(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show an officer's work list."""
    async with db.reading(asks_once=True) as tx:
        (desk, numbers, reported, standings), waiting = await tx.together(
            _work_with_reports(tx, actor), findings_waiting(tx, actor)
        )
        reports = to_answer(reported)
    today = local_day(desk.now)
    clocks = {line.case_id: line.clocks for line in desk.cases if not line.is_done}
    return desk_page(
        request,
        "court/desk.html",
        desk=desk,
        numbers=numbers,
        reports=reports,
        reports_shown=REPORTS_SHOWN,
        findings=waiting,
        say=finding_words,
        today=today,
        places=placed(desk.cases, standings, today),
        stalls=stalls_among({case_id: standings[case_id] for case_id in clocks}, clocks, today),
        stall_words=stall_words,
        may_seal=not actor.roles.isdisjoint(SEALERS),
        done=done_text(request.query_params.get("done", "")),
        way_to_open=way_to_open(actor),
    )


async def _work_with_reports(
    tx: Transaction, actor: Actor
) -> tuple[WorkList, dict[UUID, str], tuple[RoomReport, ...], dict[UUID, Standing]]:
    numbers = {row.case_id: row.case_number for row in await cases_seen_by(tx, actor)}
    desk, reported, standings = await tx.together(
        work_list(tx, actor), reports_of_cases(tx, numbers), standings_of_cases(tx, numbers)
    )
    return desk, numbers, reported, standings


@get("/court/cases/{case_id:uuid}", opt=dict(roles(*READERS)), include_in_schema=False)
async def show_case(case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the file of a case."""
    known, steps = await _known(db, actor, case_id)
    file, now = known.file, known.now
    return desk_page(
        request,
        "court/case.html",
        done=done_text(request.query_params.get("done", "")),
        steps=steps,
        file=file,
        case=file.page.case,
        now=now,
        today=local_day(now),
        open_reports=to_answer(file.reports),
        answered_reports=[report for report in file.reports if report.answer is not None][:REPORTS_SHOWN],
        days=timeline.days_of(_events(file)),
        kinds=timeline.KINDS,
        facts=facts_shown,
        standings=standings_of(known),
        is_officer=not actor.roles.isdisjoint(OFFICERS),
        may_question=not actor.roles.isdisjoint(QUESTIONERS),
        may_rule=not actor.roles.isdisjoint(RULERS),
        may_seal=not actor.roles.isdisjoint(SEALERS),
        sees_findings=not actor.roles.isdisjoint(FINDING_READERS),
        sees_money=not actor.roles.isdisjoint(MONEY_READERS),
        sees_audit=Role.SUPERVISOR in actor.roles or not actor.roles.isdisjoint({Role.PRESIDENT, Role.VICE_PRESIDENT}),
        sees_questions=not actor.roles.isdisjoint(
            {Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.PRESIDING_JUDGE, Role.PANEL_MEMBER}
        ),
    )


async def _known(db: Database, actor: Actor, case_id: UUID) -> tuple[Known, tuple[StageOffered, ...]]:
    """Read the case with the steps that are offered in it; a case of others does not exist (`CaseUnknown`)."""
    async with db.reading(asks_once=True) as tx:
        _case, known, insider = await tx.together(
            require_part(tx, actor, case_id),
            read_known(tx, case_id, actor.person_id, {}),
            is_insider(tx, actor, case_id),
        )
    return known, offered_steps(actor, known, insider=insider)


def _events(file: CaseFile) -> list[timeline.Event]:
    events = [
        *timeline.file_events(file.page, file.services),
        *timeline.lot_events(file.moves),
        *timeline.money_events(file.entries, file.plans),
    ]
    for evidence in file.evidence.values():
        events += timeline.price_events(evidence)
    for lot in file.lots:
        events += timeline.title_events(lot.title)
    return events
