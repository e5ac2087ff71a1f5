"""The page of a step: shows its form, takes it through the same door as the API, says what is wrong or goes on.

1. Whoever may not take the step is told so (403); whoever has no part in the case, that there is none (404).
2. What was typed is kept. A refused form gets a new command id; after a partner's silence it keeps the old one, so that
   sending it again finds out instead of doing it twice.
3. Buttons that add or take away a row, or compute the hints anew, change nothing but the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor, require_role
from auction.kernel.errors import FaultOfOthers, Refusal
from auction.kernel.ids import new_id
from auction.kernel.log import get_log
from auction.sale.case_access import cases_seen_by
from web.auth.guards import FORM_TOKEN_FIELD, roles
from web.command_door import carry_out, decode_command, needs_part, ports_of, require_part_for
from web.errors import PageUnknown, PartnerUnavailable, status_of
from web.injected import TheActor, TheWiring
from web.pages import desk_words
from web.pages.readers import CASE_READERS, MONEY_READERS
from web.pages.steps.all_forms import form_named, is_opening, route_of, takers
from web.pages.steps.choosing import read_choosing
from web.pages.steps.fields import LONG_TEXT_MOST, Read, read_parts
from web.pages.steps.find_case_page import INQUIRIES
from web.pages.steps.known import Known
from web.pages.steps.offered import DONE_PREFIX, done_text
from web.pages.steps.read_known import read_known, read_officers
from web.pages.steps.shown import shown_parts, summary, typed_by, with_row, without_row
from web.pages.steps.step_form import Making, StepForm, body_of
from web.rendering import page
from web.wiring import Wiring

BUTTONS = ("add", "remove", "again")
_LEFT_OUT = frozenset({FORM_TOKEN_FIELD, "command_id", *BUTTONS})

log = get_log("web.pages.steps")


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One form that was sent, with what it stands on."""

    actor: Actor
    form: StepForm
    case_id: UUID | None
    known: Known
    typed: dict[str, str]
    command_id: UUID


@get("/court/steps/{name:str}", opt=dict(roles(*sorted(takers()))), include_in_schema=False)
async def show_opening(
    name: FromPath[str], request: Request[Any, Any, Any], wiring: TheWiring, actor: TheActor
) -> Template:
    """Show the form of a step that is taken before there is a case."""
    return await _show(request, wiring, actor, name, None)


@post("/court/steps/{name:str}", opt=dict(roles(*sorted(takers()))), include_in_schema=False, status_code=303)
async def take_opening(
    name: FromPath[str], request: Request[Any, Any, Any], wiring: TheWiring, actor: TheActor
) -> Response[Any]:
    """Take a step before there is a case."""
    return await _take(request, wiring, actor, name, None)


@get(
    "/court/cases/{case_id:uuid}/steps/{name:str}",
    opt=dict(roles(*sorted(takers()))),
    include_in_schema=False,
)
async def show_step(
    case_id: FromPath[UUID], name: FromPath[str], request: Request[Any, Any, Any], wiring: TheWiring, actor: TheActor
) -> Template:
    """Show the form of a step of a case."""
    return await _show(request, wiring, actor, name, case_id)


@post(
    "/court/cases/{case_id:uuid}/steps/{name:str}",
    opt=dict(roles(*sorted(takers()))),
    include_in_schema=False,
    status_code=303,
)
async def take_step(
    case_id: FromPath[UUID], name: FromPath[str], request: Request[Any, Any, Any], wiring: TheWiring, actor: TheActor
) -> Response[Any]:
    """Take a step of a case."""
    return await _take(request, wiring, actor, name, case_id)


async def _show(
    request: Request[Any, Any, Any], wiring: Wiring, actor: Actor, name: str, case_id: UUID | None
) -> Template:
    form = _form(name, case_id)
    known = await _known(wiring, actor, form, case_id, dict(request.query_params.items()))
    done = done_text(request.query_params.get("done", ""))
    typed = await _at_first(wiring, form, known)
    return await _page(wiring, actor, form, known, case_id, typed, [], command_id=new_id(), done=done)


async def _at_first(wiring: Wiring, form: StepForm, known: Known) -> dict[str, str] | None:
    if form.begins is None or not known.asked:
        return None
    async with wiring.db.reading() as tx:
        found = await form.begins(tx, known)
    return None if found is None else dict(found)


async def _take(
    request: Request[Any, Any, Any], wiring: Wiring, actor: Actor, name: str, case_id: UUID | None
) -> Response[Any]:
    form = _form(name, case_id)
    known = await _known(wiring, actor, form, case_id, {})
    posted = await request.form()
    typed = typed_by(posted.multi_items(), _LEFT_OUT, LONG_TEXT_MOST)
    sent = Sent(
        actor=actor, form=form, case_id=case_id, known=known, typed=typed, command_id=_id_of(posted.get("command_id"))
    )
    if any(button in posted for button in BUTTONS):
        return await _rearranged(wiring, sent, {name: str(posted[name]) for name in BUTTONS if name in posted})
    read = read_parts(form.parts, typed)
    if read.refusals:
        return await _refused(wiring, sent, read.refusals)
    try:
        return await _carried_out(request, wiring, actor, sent, read)
    except Refusal as refusal:
        return await _refused(wiring, sent, [refusal])
    except FaultOfOthers as fault:
        log.warning("partner_failed", kind=type(fault).__name__)
        return await _refused(wiring, sent, [PartnerUnavailable()], command_id=sent.command_id)


async def _carried_out(
    request: Request[Any, Any, Any], wiring: Wiring, actor: Actor, sent: Sent, read: Read
) -> Response[Any]:
    form, route = sent.form, route_of(sent.form)
    async with wiring.db.reading() as tx:
        found = await form.finds(tx, sent.known, read.values)
    making = Making(sent.known, read.values, sent.command_id, found)
    case_id = sent.case_id if "case_id" in route.command_type.__struct_fields__ else None
    body = body_of(form, read.body, making, case_id)
    command = decode_command(msgspec.json.encode(body), route.command_type)
    result = await carry_out(route, wiring.db, actor, command, ports_of(route, wiring.ports))
    if form.answer:
        return await _page(wiring, actor, form, sent.known, sent.case_id, None, [], command_id=new_id(), answer=result)
    if form.then is not None:
        return Redirect(form.then(making, result), status_code=303)
    return Redirect(f"{_home(actor, sent.case_id)}?done={DONE_PREFIX}{form.name}", status_code=303)


def _home(actor: Actor, case_id: UUID | None) -> str:
    """Give the page to go back to: the case, or its money, as this officer may read it, else where he finds cases."""
    if case_id is None:
        return "/court"
    if not actor.roles.isdisjoint(CASE_READERS):
        return f"/court/cases/{case_id}"
    if not actor.roles.isdisjoint(MONEY_READERS):
        return f"/finance/cases/{case_id}"
    return INQUIRIES


def _form(name: str, case_id: UUID | None) -> StepForm:
    """Find the form of an address; one of a case stands below its case, and only there (`PageUnknown`)."""
    form = form_named(name)
    if is_opening(form) != (case_id is None):
        raise PageUnknown
    return form


async def _known(wiring: Wiring, actor: Actor, form: StepForm, case_id: UUID | None, asked: Mapping[str, str]) -> Known:
    """Read what the form needs, for whoever may take the step (rule 1)."""
    route = route_of(form)
    require_role(actor, *sorted(route.roles))
    async with wiring.db.reading() as tx:
        if case_id is None:
            newest = await cases_seen_by(tx, actor)
            court = newest[0].court if newest else ""
            return Known(
                now=tx.now,
                asked=asked,
                officers=await read_officers(tx),
                choosing=await read_choosing(tx, None),
                court=court,
            )
        if needs_part(route, actor):
            await require_part_for(tx, route, actor, case_id)
        known, officers = await tx.together(read_known(tx, case_id, actor.person_id, asked), read_officers(tx))
        return msgspec.structs.replace(known, officers=officers)


async def _rearranged(wiring: Wiring, sent: Sent, pressed: Mapping[str, str]) -> Template:
    """Show the form again with a row more or less, or with its hints computed anew (rule 3)."""
    typed = sent.typed
    if "add" in pressed:
        typed = with_row(sent.form.parts, sent.known, typed, pressed["add"])
    elif "remove" in pressed:
        typed = without_row(typed, pressed["remove"])
    return await _page(wiring, sent.actor, sent.form, sent.known, sent.case_id, typed, [], command_id=sent.command_id)


async def _refused(wiring: Wiring, sent: Sent, refusals: list[Refusal], *, command_id: UUID | None = None) -> Template:
    command_id = command_id or new_id()
    return await _page(
        wiring, sent.actor, sent.form, sent.known, sent.case_id, sent.typed, refusals, command_id=command_id
    )


async def _page(
    wiring: Wiring,
    actor: Actor,
    form: StepForm,
    known: Known,
    case_id: UUID | None,
    typed: dict[str, str] | None,
    refusals: list[Refusal],
    *,
    command_id: UUID,
    answer: object = None,
    done: str | None = None,
) -> Template:
    said = summary(refusals, form.parts)
    return page(
        "steps/step.html",
        status=status_of(refusals[0]) if refusals else 200,
        form=form,
        known=known,
        case=None if case_id is None else known.file.page.case,
        parts=shown_parts(form.parts, known, typed, said),
        typed=typed or {},
        said=said,
        home=_home(actor, case_id),
        command_id=command_id,
        answer=answer,
        done=done,
        words=desk_words,
        **await _shown_above(wiring, form, known, typed or {}),
    )


async def _shown_above(wiring: Wiring, form: StepForm, known: Known, typed: Mapping[str, str]) -> Mapping[str, Any]:
    if form.shows_of is None:
        return {}
    async with wiring.db.reading() as tx:
        return await form.shows_of(tx, known, typed)


def _id_of(text: object) -> UUID:
    """Read the command's id; a form without one names nothing (`PageUnknown`)."""
    try:
        return UUID(str(text))
    except ValueError:
        raise PageUnknown from None
