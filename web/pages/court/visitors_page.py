"""The court's side of a lot's visitors: viewings with the numbers of those who booked, and questions to be answered.

Nobody is named here: a visitor may become a bidder (viewings rule 4, lot questions rule 1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor
from auction.kernel.clock import local
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.sale.case_access import require_part
from auction.sale.cases.cases import OFFICERS
from auction.sale.disclosure.public_lots import card_of
from auction.sale.lots.store import lot_case
from auction.sale.visitors import store
from auction.sale.visitors.answer_about_lot import AnswerAboutLot, answer_about_lot
from auction.sale.visitors.cancel_viewing import CancelViewing, cancel_viewing
from auction.sale.visitors.lot_questions import ANSWER_MOST
from auction.sale.visitors.set_viewing import SetViewing, set_viewing
from auction.sale.visitors.standing import VISITED
from web.auth.guards import roles
from web.errors import InputMalformed, PageUnknown
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.desk import desk_page, done_at, given_by
from web.pages.public import words

AnyRequest = Request[Any, Any, Any]
STEPS: Mapping[str, str] = {"set": "viewing_set", "cancel": "viewing_cancelled", "answer": "lot_answered"}
"""Steps of the page, and the word of each for what was done."""
_PLACES = re.compile(r"[0-9]{1,4}")
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])")


class VisitorsForm(msgspec.Struct, frozen=True, kw_only=True):
    """What any step of the page sends."""

    command_id: UUID
    slot_id: UUID | None = None
    question_id: UUID | None = None
    day: str = ""
    starts: str = ""
    ends: str = ""
    place: str = ""
    places: str = ""
    reason: str = ""
    answer: str = ""
    outcome: str = "published"


@get("/court/lots/{lot_id:uuid}/visitors", opt=dict(roles(*OFFICERS)), include_in_schema=False)
async def show_visitors(lot_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show viewings and questions of a lot of one's own case."""
    return await _page(request, db, actor, lot_id)


@post(
    "/court/lots/{lot_id:uuid}/visitors/{step:str}",
    opt=dict(roles(*OFFICERS)),
    include_in_schema=False,
    status_code=303,
)
async def take_visitors_step(
    lot_id: FromPath[UUID], step: FromPath[str], request: AnyRequest, db: TheDb, actor: TheActor
) -> Response[Any]:
    """Set or cancel a viewing, or answer a question; or say why not."""
    if step not in STEPS:
        raise PageUnknown
    async with db.reading() as tx:
        await require_part(tx, actor, await lot_case(tx, lot_id))
    form = await read_form(request, VisitorsForm)
    try:
        await _take(db, actor, lot_id, step, form)
    except Refusal as refusal:
        return await _page(request, db, actor, lot_id, refusal=refusal, given=await given_by(request))
    return done_at(f"/court/lots/{lot_id}/visitors", STEPS[step])


async def _take(db: Database, actor: Actor, lot_id: UUID, step: str, form: VisitorsForm) -> None:
    if step == "set":
        await set_viewing(db, actor, _slot(lot_id, form))
    elif step == "cancel":
        slot_id = _named(form.slot_id, "slot_id")
        command = CancelViewing(command_id=form.command_id, lot_id=lot_id, slot_id=slot_id, reason=form.reason)
        await cancel_viewing(db, actor, command)
    else:
        answer = AnswerAboutLot(
            command_id=form.command_id,
            lot_id=lot_id,
            question_id=_named(form.question_id, "question_id"),
            outcome="not_published" if form.outcome == "not_published" else "published",
            answer=form.answer,
        )
        await answer_about_lot(db, actor, answer)


def _slot(lot_id: UUID, form: VisitorsForm) -> SetViewing:
    return SetViewing(
        command_id=form.command_id,
        slot_id=named_id("slot by hand", str(form.command_id)),
        lot_id=lot_id,
        starts_at=_instant(form.day, form.starts, "starts"),
        ends_at=_instant(form.day, form.ends, "ends"),
        place=form.place,
        places=int(form.places) if _PLACES.fullmatch(form.places.strip()) else 0,
    )


def _instant(day: str, hour: str, field: str) -> datetime:
    """Read a Beijing day and an hour such as ``9:30``."""
    read = _TIME.fullmatch(hour.strip())
    if read is None:
        raise InputMalformed(field=field, reason="HH:MM")
    try:
        return local(date.fromisoformat(day.strip()), int(read[1]), int(read[2]))
    except ValueError:
        raise InputMalformed(field="day", reason="YYYY-MM-DD") from None


def _named(given: UUID | None, field: str) -> UUID:
    if given is None:
        raise InputMalformed(field=field, reason="UUID")
    return given


async def _page(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    lot_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        case = await require_part(tx, actor, await lot_case(tx, lot_id))
        card = await card_of(tx, lot_id)
        slots = await store.slots_of_round(tx, card.round_id)
        numbers = await store.numbers_of_slots(tx, [slot.slot_id for slot in slots])
        questions = await store.questions_about(tx, lot_id)
        now = tx.now
    return desk_page(
        request,
        "court/visitors.html",
        refusal=refusal,
        given=given,
        say=words,
        case=case,
        card=card,
        slots=slots,
        numbers=numbers,
        may_set=card.state in VISITED and now < card.opens_at,
        questions=questions,
        answer_most=ANSWER_MOST,
        now=now,
    )
