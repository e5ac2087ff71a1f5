"""The log of interference: the form and one's own notes for every officer, the whole log for supervision, and its export."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Template

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local_day
from auction.kernel.db import Database
from auction.kernel.errors import Malformed, Refusal
from auction.sale.case_access import cases_seen_by
from auction.sale.cases.cases import CaseUnknown
from web.auth.guards import roles
from web.csv_cells import csv_table
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.oversight.interference import WHAT_MOST, WHO_MOST, Capacity, Manner
from web.oversight.note_interference import OFFICERS_OF_COURT, NoteInterference, note_interference
from web.oversight.read_log import own_notes, whole_log
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.supervision import words
from web.texts import _

AnyRequest = Request[Any, Any, Any]
PATH = "/court/interference"
LOG_PATH = "/supervision/interference"


class InterferenceForm(msgspec.Struct, frozen=True, kw_only=True):
    """A note as it was typed."""

    command_id: UUID
    who: str = ""
    what: str = ""
    capacity: str = ""
    manner: str = ""
    happened_on: str = ""
    case_id: str = ""


class NotADay(Malformed):
    """What was typed is no day."""

    code = "interference_day_invalid"
    article = "house: log of interference"
    zh = "请填写发生日期。"
    en = "Please fill in the day on which it happened."


@get(PATH, opt=dict(roles(*OFFICERS_OF_COURT)), include_in_schema=False)
async def show_own_notes(request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the form and one's own notes."""
    return await _page(request, db, actor)


@post(PATH, opt=dict(roles(*OFFICERS_OF_COURT)), include_in_schema=False, status_code=303)
async def take_note(request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Enter a note."""
    form = await read_form(request, InterferenceForm)
    try:
        await note_interference(db, actor, _command(form))
    except Refusal as refusal:
        return await _page(request, db, actor, refusal=refusal, given=await given_by(request))
    return done_at(PATH, "interference_noted")


@get(LOG_PATH, opt=dict(roles(Role.SUPERVISOR)), include_in_schema=False)
async def show_log(request: AnyRequest, db: TheDb) -> Template:
    """Show the whole log, and whether it is whole."""
    async with db.reading() as tx:
        notes, sound = await whole_log(tx)
    return desk_page(request, "supervision/log.html", notes=notes, sound=sound, say=words)


@get("/supervision/interference.csv", opt=dict(roles(Role.SUPERVISOR)), include_in_schema=False)
async def download_log(db: TheDb) -> Response[str]:
    """Give the log as a table for a spreadsheet."""
    async with db.reading() as tx:
        notes, _sound = await whole_log(tx)
    columns = [_("记录时间"), _("记录人"), _("案号"), _("发生日期"), _("干预人身份"), _("方式"), _("干预人"), _("内容")]
    rows = [
        (
            note.noted_at.isoformat(timespec="seconds"),
            note.noted_by,
            note.case_number,
            note.told.happened_on.isoformat(),
            words.capacity_name(note.told.capacity),
            words.manner_name(note.told.manner),
            note.told.who,
            note.told.what,
        )
        for note in notes
    ]
    headers = {"Content-Disposition": 'attachment; filename="interference.csv"'}
    return Response(csv_table(columns, rows), media_type="text/csv; charset=utf-8", headers=headers)


def _command(form: InterferenceForm) -> NoteInterference:
    capacity = required(_known(form.capacity, words.CAPACITIES), field="capacity", zh="干预人身份", en="the capacity")
    manner = required(_known(form.manner, words.MANNERS), field="manner", zh="方式", en="the manner")
    return NoteInterference(
        command_id=form.command_id,
        capacity=cast("Capacity", capacity),
        manner=cast("Manner", manner),
        happened_on=_day(form.happened_on),
        who=required(form.who, field="who", zh="干预人", en="who it was"),
        what=required(form.what, field="what", zh="内容", en="what was said or done"),
        case_id=_case(form.case_id),
    )


def _known(typed: str, names: Mapping[str, str]) -> str:
    return typed if typed in names else ""


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise NotADay(field="happened_on") from None


def _case(typed: str) -> UUID | None:
    if not typed.strip():
        return None
    try:
        return UUID(typed.strip())
    except ValueError:
        raise CaseUnknown(field="case_id", case_id="") from None


async def _page(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        notes, cases = await tx.together(own_notes(tx, actor.account_id), cases_seen_by(tx, actor))
        today = local_day(tx.now)
    return desk_page(
        request,
        "supervision/note.html",
        notes=notes,
        cases=cases,
        today=today,
        say=words,
        who_most=WHO_MOST,
        what_most=WHAT_MOST,
        refusal=refusal,
        given=given,
        input_of={"interference.who": "who", "interference.what": "what"},
    )
