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
from litestar.response import Template

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.sale.cases import store as cases
from auction.sale.cases.parties import PartyRole
from valuation.agencies.staff.staff_store import parts_of
from valuation.appraisals.rules.agency_view import MandateView, overview_state
from valuation.appraisals.views import own_mandate_view, own_mandates
from web.auth.guards import roles
from web.injected import TheActor, TheDb, TheWiring
from web.pages import appraisal_words
from web.pages.agency.forms import AGENCY_FORMS, AgencyKnown
from web.pages.agency.step_taking import Place, form_named, step_page, take_step
from web.pages.desk import desk_page
from web.texts import _
from web.wiring import Wiring

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
        own = None if actor.institution is None else await parts_of(tx, actor)
        now = tx.now
    return desk_page(request, "agency/desk.html", lines=lines, own=own, now=now, named=appraisal_words)


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
    form, known = form_named(AGENCY_FORMS, name), await _known(wiring, actor, mandate_id)
    return step_page(known, form, _place(mandate_id), None, [], command_id=new_id())


@post(AT + "/{name:str}", opt=dict(roles(Role.AGENCY)), include_in_schema=False, status_code=303)
async def take_agency_step(
    mandate_id: FromPath[UUID], name: FromPath[str], request: Request[Any, Any, Any], wiring: TheWiring, actor: TheActor
) -> Response[Any]:
    """Take a step."""
    form, known = form_named(AGENCY_FORMS, name), await _known(wiring, actor, mandate_id)
    return await take_step(form, known, _place(mandate_id), request, wiring, actor)


def _place(mandate_id: UUID) -> Place:
    return Place(f"/agency/mandates/{mandate_id}", _("返回评估委托"))


async def _line(tx: Transaction, view: MandateView) -> MandateLine:
    case = await cases.case_view(tx, view.case_id)
    return MandateLine(view=view, case_number=case.case_number, court=case.court)


async def _known(wiring: Wiring, actor: Actor, mandate_id: UUID) -> AgencyKnown:
    async with wiring.db.reading() as tx:
        view = await own_mandate_view(tx, actor, mandate_id)
        parties = {row.party_id: PartyRole(row.role) for row in await cases.parties_of(tx, view.case_id)}
        return AgencyKnown(now=tx.now, view=view, party_roles=parties)
