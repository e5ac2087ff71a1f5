"""The court's objection desk: the list by the next day due, and one objection from docketing to its ruling.

Whoever reads the case finds its objections, whoever sits on one finds that one alone; who objected as a bidder, and why, is for the clerks and
the panel (objections rule 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.sale.case_access import cases_among
from auction.sale.lots.panel import Member, Vote
from auction.sale.objections.decide_objection import (
    DecideEnforcementObjection,
    VoteOnObjection,
    decide_enforcement_objection,
    vote_on_objection,
)
from auction.sale.objections.docket_objection import DOCKETERS, DocketObjection, docket_objection
from auction.sale.objections.form_review_panel import FORMERS, FormReviewPanel, form_review_panel
from auction.sale.objections.objections import OPEN_STATES, ObjectionState
from auction.sale.objections.store import ran_the_case
from auction.sale.objections.views import ObjectionShown, objection_on_desk, objections_on_desk
from web.auth.factors.fresh import require_fresh_factor
from web.auth.guards import roles
from web.errors import PageUnknown
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages import objection_words
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.readers import CASE_READERS
from web.pages.steps.known import OfficerKnown
from web.pages.steps.read_known import read_officers

AnyRequest = Request[Any, Any, Any]
PATH = "/court/objections"
STEPS: Mapping[str, str] = {
    "docket": "objection_docketed",
    "panel": "objection_panel_formed",
    "vote": "voted",
    "decide": "objection_decided",
}
"""Steps of the page, and the word of each for what was done."""
SEATS = (1, 2, 3, 4)
"""Places for members beside who presides; two are filled at least."""
STOPPERS = frozenset({Role.CASE_HANDLER, Role.PRESIDING_JUDGE, Role.BUREAU_HEAD})


class ObjectionStepForm(msgspec.Struct, frozen=True, kw_only=True):
    """What any step of the page sends."""

    command_id: UUID
    found: str = ""
    number: str = ""
    reason: str = ""
    article: str = ""
    operative: str = ""
    opinion: str = ""
    presiding: str = ""
    member_1: str = ""
    member_2: str = ""
    member_3: str = ""
    member_4: str = ""


@get(PATH, opt=dict(roles(*CASE_READERS)), include_in_schema=False)
async def show_objections(request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """List the objections that are before this officer."""
    async with db.reading() as tx:
        shown = await objections_on_desk(tx, actor)
        today = local_day(tx.now)
    return desk_page(
        request,
        "court/objections.html",
        waiting=[one for one in shown if one.state in OPEN_STATES],
        ended=[one for one in shown if one.state not in OPEN_STATES],
        say=objection_words,
        today=today,
    )


@get("/court/objections/{objection_id:uuid}", opt=dict(roles(*CASE_READERS)), include_in_schema=False)
async def show_objection(objection_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show one objection with the step that is due."""
    return await _page(request, db, actor, objection_id)


@post(
    "/court/objections/{objection_id:uuid}/{step:str}",
    opt=dict(roles(*CASE_READERS)),
    include_in_schema=False,
    status_code=303,
)
async def take_objection_step(
    objection_id: FromPath[UUID], step: FromPath[str], request: AnyRequest, db: TheDb, actor: TheActor
) -> Response[Any]:
    """Docket, form the panel, vote or rule; or say why not."""
    if step not in STEPS:
        raise PageUnknown
    async with db.reading() as tx:
        await objection_on_desk(tx, actor, objection_id)
    form = await read_form(request, ObjectionStepForm)
    try:
        await _take(db, actor, objection_id, step, form)
    except Refusal as refusal:
        given = {**await given_by(request), "step": step}
        return await _page(request, db, actor, objection_id, refusal=refusal, given=given)
    return done_at(f"{PATH}/{objection_id}", STEPS[step])


async def _take(db: Database, actor: Actor, objection_id: UUID, step: str, form: ObjectionStepForm) -> None:
    if step == "docket":
        await docket_objection(db, actor, _docketing(objection_id, form))
    elif step == "panel":
        await form_review_panel(db, actor, await _panel(db, objection_id, form))
    elif step == "vote":
        require_fresh_factor(actor)
        vote = cast(Vote, _found(form, "approve", "reject"))
        command = VoteOnObjection(
            command_id=form.command_id, objection_id=objection_id, vote=vote, opinion=form.opinion
        )
        await vote_on_objection(db, actor, command)
    else:
        await decide_enforcement_objection(db, actor, _ruling(objection_id, form))


def _found(form: ObjectionStepForm, *choices: str) -> str:
    chosen = form.found if form.found in choices else ""
    return required(chosen, field="found", zh="审查结论", en="the finding")


def _docketing(objection_id: UUID, form: ObjectionStepForm) -> DocketObjection:
    return DocketObjection(
        command_id=form.command_id,
        objection_id=objection_id,
        admit=_found(form, "admit", "refuse") == "admit",
        document_id=named_id("objection not docketed", str(form.command_id)),
        number=form.number,
        reason=form.reason,
        article=form.article,
    )


def _ruling(objection_id: UUID, form: ObjectionStepForm) -> DecideEnforcementObjection:
    return DecideEnforcementObjection(
        command_id=form.command_id,
        objection_id=objection_id,
        uphold=_found(form, "uphold", "reject") == "uphold",
        reason=form.reason,
        article=form.article,
        operative=form.operative,
        document_id=named_id("objection ruled", str(form.command_id)),
    )


async def _panel(db: Database, objection_id: UUID, form: ObjectionStepForm) -> FormReviewPanel:
    """Name the chosen officers by their real names: they stand on the ruling."""
    async with db.reading() as tx:
        named = {str(one.person_id): one for one in await read_officers(tx)}
    presiding = required(
        form.presiding if form.presiding in named else "", field="presiding", zh="审判长", en="who presides"
    )
    others = [getattr(form, f"member_{seat}") for seat in SEATS]
    chosen = [presiding, *(one for one in others if one in named)]
    return FormReviewPanel(
        command_id=form.command_id,
        objection_id=objection_id,
        members=tuple(
            Member(person_id=named[one].person_id, name=named[one].name, is_presiding=place == 0)
            for place, one in enumerate(chosen)
        ),
    )


async def _judges(tx: Transaction, shown: ObjectionShown) -> list[OfficerKnown]:
    """Give the judges who did not run the case, to choose from."""
    ran = await ran_the_case(tx, shown.case.case_id)
    return [
        one
        for one in await read_officers(tx)
        if one.person_id not in ran and not one.roles.isdisjoint({Role.PRESIDING_JUDGE, Role.PANEL_MEMBER})
    ]


async def _page(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    objection_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        shown = await objection_on_desk(tx, actor, objection_id)
        reads_case = bool(await cases_among(tx, actor, [shown.case.case_id]))
        forms_panel = not actor.roles.isdisjoint(FORMERS) and shown.state in (
            ObjectionState.DOCKETED,
            ObjectionState.BEFORE_PANEL,
        )
        judges = await _judges(tx, shown) if forms_panel and not shown.voted else []
        today = local_day(tx.now)
    return desk_page(
        request,
        "court/objection.html",
        one=shown,
        say=objection_words,
        today=today,
        reads_case=reads_case,
        may_docket=not actor.roles.isdisjoint(DOCKETERS) and shown.state is ObjectionState.RAISED,
        judges=judges,
        presidents=[one for one in judges if Role.PRESIDING_JUDGE in one.roles],
        seats=SEATS,
        may_vote=shown.i_sit and not shown.i_voted and shown.state is ObjectionState.BEFORE_PANEL,
        may_rule=shown.i_preside and shown.state is ObjectionState.BEFORE_PANEL,
        may_stop=reads_case and not actor.roles.isdisjoint(STOPPERS),
        refusal=refusal,
        given=given,
    )
