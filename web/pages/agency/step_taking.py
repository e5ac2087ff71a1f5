"""How an agency's step by form is shown and taken: like the court's, without a case of its own; its home says where it leads back."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from web.auth.guards import FORM_TOKEN_FIELD
from web.command_door import carry_out, decode_command, ports_of
from web.errors import PageUnknown, status_of
from web.offers.appraisals import appraisal_commands
from web.pages import desk_words
from web.pages.steps.fields import LONG_TEXT_MOST, read_parts
from web.pages.steps.known import Known
from web.pages.steps.shown import shown_parts, summary, typed_by, with_row, without_row
from web.pages.steps.step_form import Making, StepForm, body_of
from web.rendering import page
from web.wiring import Wiring

_LEFT_OUT = frozenset({FORM_TOKEN_FIELD, "command_id", "add", "remove"})
_ROUTES = {route.path: route for route in appraisal_commands()}


class Place(NamedTuple):
    """Where a form stands: the page to which it leads back, and what the link there says."""

    home: str
    back: str


def step_page(
    known: Known,
    form: StepForm,
    place: Place,
    typed: dict[str, str] | None,
    refusals: list[Refusal],
    *,
    command_id: UUID,
) -> Template:
    """Show a form, with what was typed and what was wrong with it."""
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
        home=place.home,
        back_text=place.back,
        command_id=command_id,
        answer=None,
        done=None,
        words=desk_words,
    )


async def take_step(
    form: StepForm, known: Known, place: Place, request: Request[Any, Any, Any], wiring: Wiring, actor: Actor
) -> Response[Any]:
    """Take a step through the same door as the API; a refused form keeps what was typed."""
    posted = await request.form()
    typed = typed_by(posted.multi_items(), _LEFT_OUT, LONG_TEXT_MOST)
    command_id = _id_of(posted.get("command_id"))
    if "add" in posted:
        typed = with_row(form.parts, known, typed, str(posted["add"]))
        return step_page(known, form, place, typed, [], command_id=command_id)
    if "remove" in posted:
        return step_page(known, form, place, without_row(typed, str(posted["remove"])), [], command_id=command_id)
    read = read_parts(form.parts, typed)
    if read.refusals:
        return step_page(known, form, place, typed, read.refusals, command_id=new_id())
    try:
        body = body_of(form, read.body, Making(known, read.values, command_id, {}), None)
        route = _ROUTES[form.path]
        command = decode_command(msgspec.json.encode(body), route.command_type)
        await carry_out(route, wiring.db, actor, command, ports_of(route, wiring.ports))
    except Refusal as refusal:
        return step_page(known, form, place, typed, [refusal], command_id=new_id())
    return Redirect(f"{place.home}?done={form.name}", status_code=303)


def form_named(forms: tuple[StepForm, ...], name: str) -> StepForm:
    """Find the form of an address (`PageUnknown`)."""
    found = next((form for form in forms if form.name == name), None)
    if found is None:
        raise PageUnknown
    return found


def _id_of(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise PageUnknown from None
