"""The agency's desk: its mandates with their clocks, one mandate, and the form of each step that may be taken.

1. An officer sees the mandates of his own agency; of any other he is told that there is none (404).
2. A step passes the same door as the API. A refused form keeps what was typed, and says each fault with its article.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.sale.cases import store as cases
from auction.sale.cases.parties import PartyRole
from valuation.appraisals.rules.agency_view import MandateView, overview_state
from valuation.appraisals.views import own_mandate_view, own_mandates
from web.auth.guards import FORM_TOKEN_FIELD, roles
from web.command_door import carry_out, decode_command
from web.errors import PageUnknown, status_of
from web.injected import TheActor, TheDb, TheWiring
from web.offers.appraisals import appraisal_commands
from web.pages import appraisal_words, desk_words
from web.pages.agency.forms import AGENCY_FORMS, AgencyKnown
from web.pages.desk import desk_page
from web.pages.steps.fields import LONG_TEXT_MOST, read_parts
from web.pages.steps.shown import shown_parts, summary, typed_by, with_row, without_row
from web.pages.steps.step_form import Making, StepForm, body_of
from web.rendering import page
from web.texts import _
from web.wiring import Wiring

_LEFT_OUT = frozenset({FORM_TOKEN_FIELD, "command_id", "add", "remove"})
_ROUTES = {route.path: route for route in appraisal_commands()}
AT = "/agency/mandates/{mandate_id:uuid}"


class MandateLine(msgspec.Struct, frozen=True, kw_only=True):
    """A mandate with the number of its case."""

    view: MandateView
    case_number: str
    court: str

    @property
    def state(self) -> str:
        """Where it stands, or why it is over."""
        return overview_state(self.view)


@get("/agency", opt=dict(roles(Role.AGENCY)), include_in_schema=False)
async def show_mandates(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the mandates of the officer's agency, the newest first, each with its clocks."""
    async with db.reading() as tx:
        lines = [await _line(tx, view) for view in await own_mandates(tx, actor)]
        now = tx.now
    return desk_page(request, "agency/desk.html", lines=lines, now=now, named=appraisal_words)


@get(AT, opt=dict(roles(Role.AGENCY)), include_in_schema=False)
async def show_mandate(
    mandate_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show one mandate."""
    async with db.reading() as tx:
        line = await _line(tx, await own_mandate_view(tx, actor, mandate_id))
        now = tx.now
    word = request.query_params.get("done", "")
    form = next((one for one in AGENCY_FORMS if one.name == word), None)
    done = None if form is None else _("已办理：{step}。").format(step=_(form.heading))
    steps = [(one.name, _(one.heading)) for one in AGENCY_FORMS if one.name in line.view.may]
    return desk_page(
        request,
        "agency/mandate.html",
        line=line,
        view=line.view,
        now=now,
        done=done,
        steps=steps,
        named=appraisal_words,
    )


@get(AT + "/{name:str}", opt=dict(roles(Role.AGENCY)), include_in_schema=False)
async def show_agency_step(
    mandate_id: FromPath[UUID], name: FromPath[str], wiring: TheWiring, actor: TheActor
) -> Template:
    """Show the form of a step."""
    known = await _known(wiring, actor, mandate_id)
    return _page(known, _form(name), None, [], command_id=new_id())


@post(AT + "/{name:str}", opt=dict(roles(Role.AGENCY)), include_in_schema=False, status_code=303)
async def take_agency_step(
    mandate_id: FromPath[UUID], name: FromPath[str], request: Request[Any, Any, Any], wiring: TheWiring, actor: TheActor
) -> Response[Any]:
    """Take a step."""
    form, known = _form(name), await _known(wiring, actor, mandate_id)
    posted = await request.form()
    typed = typed_by(posted.multi_items(), _LEFT_OUT, LONG_TEXT_MOST)
    command_id = _id_of(posted.get("command_id"))
    if "add" in posted:
        return _page(known, form, with_row(form.parts, known, typed, str(posted["add"])), [], command_id=command_id)
    if "remove" in posted:
        return _page(known, form, without_row(typed, str(posted["remove"])), [], command_id=command_id)
    read = read_parts(form.parts, typed)
    if read.refusals:
        return _page(known, form, typed, read.refusals, command_id=new_id())
    try:
        body = body_of(form, read.body, Making(known, read.values, command_id, {}), None)
        route = _ROUTES[form.path]
        command = decode_command(msgspec.json.encode(body), route.command_type)
        await carry_out(route, wiring.db, actor, command, {})
    except Refusal as refusal:
        return _page(known, form, typed, [refusal], command_id=new_id())
    return Redirect(f"/agency/mandates/{mandate_id}?done={form.name}", status_code=303)


async def _line(tx: Transaction, view: MandateView) -> MandateLine:
    case = await cases.case_view(tx, view.case_id)
    return MandateLine(view=view, case_number=case.case_number, court=case.court)


async def _known(wiring: Wiring, actor: Actor, mandate_id: UUID) -> AgencyKnown:
    async with wiring.db.reading() as tx:
        view = await own_mandate_view(tx, actor, mandate_id)
        parties = {row.party_id: PartyRole(row.role) for row in await cases.parties_of(tx, view.case_id)}
        return AgencyKnown(now=tx.now, view=view, party_roles=parties)


def _form(name: str) -> StepForm:
    """Find the form of an address (`PageUnknown`)."""
    found = next((form for form in AGENCY_FORMS if form.name == name), None)
    if found is None:
        raise PageUnknown
    return found


def _page(
    known: AgencyKnown, form: StepForm, typed: dict[str, str] | None, refusals: list[Refusal], *, command_id: UUID
) -> Template:
    said = summary(refusals, form.parts)
    return page(
        "agency/step.html",
        status=status_of(refusals[0]) if refusals else 200,
        form=form,
        known=known,
        case=None,
        parts=shown_parts(form.parts, known, typed, said),
        typed=typed or {},
        said=said,
        home=f"/agency/mandates/{known.view.mandate.mandate_id}",
        command_id=command_id,
        answer=None,
        done=None,
        words=desk_words,
    )


def _id_of(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise PageUnknown from None
