"""Who does what in the own institution: its people with their parts, and the manager's steps to name and to end them.

1. An officer sees the people of his own institution and of no other.
2. Parts are named and ended by the manager; to everybody else the page shows the list alone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor, Role
from auction.kernel.ids import new_id
from valuation.agencies import register_store
from valuation.agencies.staff.staff import OwnParts, Staff, own_parts, still_acting
from valuation.agencies.staff.staff_store import institution_of, staff_of
from web.auth.guards import roles
from web.injected import TheActor, TheWiring
from web.pages import appraisal_words as words
from web.pages import desk_words
from web.pages.agency.step_taking import Place, form_named, step_page, take_step
from web.pages.desk import desk_page
from web.pages.steps.choices import fixed
from web.pages.steps.fields import Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice
from web.pages.steps.step_form import Stage, StepForm
from web.people_of_agencies import AgencyPerson, people_of
from web.texts import N_, _
from web.wiring import Wiring

AT = "/agency/staff"


class StaffKnown(Known, frozen=True, kw_only=True):
    """What the manager's forms know: the people, their parts, and the appraisers of the register."""

    agency_name: str
    people: tuple[AgencyPerson, ...]
    staff: tuple[Staff, ...]
    licences: tuple[tuple[str, str], ...]
    """Licence and name of the institution's appraisers on the register."""
    own: OwnParts


class PersonLine(msgspec.Struct, frozen=True, kw_only=True):
    """One person with his parts."""

    person: AgencyPerson
    parts: tuple[Staff, ...]


def _staff_known(known: Known) -> StaffKnown:
    assert isinstance(known, StaffKnown), "these forms are a manager's"
    return known


def _people(known: Known) -> list[Option]:
    return [Option(str(one.account_id), one.username, one.masked) for one in _staff_known(known).people]


def _licences(known: Known) -> list[Option]:
    """Offer the licences under which nobody signs yet."""
    of = _staff_known(known)
    taken = {one.licence_no for one in of.staff}
    return [Option(licence, licence, name) for licence, name in of.licences if licence not in taken]


def _standing(known: Known) -> list[Option]:
    of = _staff_known(known)
    names = {one.account_id: one.username for one in of.people}
    return [
        Option(
            str(one.grant_id),
            f"{names.get(one.account_id, '—')} · {desk_words.name_in(words.STAFF_PARTS, one.part)}",
            one.licence_no,
        )
        for one in of.staff
    ]


NAME = StepForm(
    name="name-staff",
    path="valuation/name-staff",
    stage=Stage.PRICE,
    heading=N_("指定分工"),
    explains=N_(
        "由机构负责人在本机构人员中指定：负责人接受或者不接受委托、申报费用、指定分工；评估师勘验、编制并确认署名报告、作出说明；"
        "文员请求材料、录入报告。评估师须填写名册登记的执业证号，一证一人。"
    ),
    article="资产评估法 24, 27, 28",
    parts=(
        choice("account_id", N_("人员"), _people),
        choice("part", N_("分工"), fixed(words.STAFF_PARTS)),
        choice("licence_no", N_("执业证号"), _licences, optional=True, hint=N_("仅指定评估师时选择")),
    ),
)
END = StepForm(
    name="end-staff",
    path="valuation/end-staff",
    stage=Stage.PRICE,
    heading=N_("终止分工"),
    explains=N_("终止后立即不能再以该分工办理；唯一的机构负责人不得终止，须先指定另一名。"),
    article="house: parts inside an institution",
    parts=(choice("grant_id", N_("分工"), _standing),),
)
STAFF_FORMS = (NAME, END)


@get(AT, opt=dict(roles(Role.AGENCY)), include_in_schema=False)
async def show_staff(request: Request[Any, Any, Any], wiring: TheWiring, actor: TheActor) -> Template:
    """Show the people of the own institution with their parts."""
    known = await _known(wiring, actor)
    lines = [
        PersonLine(person=one, parts=tuple(held for held in known.staff if held.account_id == one.account_id))
        for one in known.people
    ]
    form = next((one for one in STAFF_FORMS if one.name == request.query_params.get("done", "")), None)
    return desk_page(
        request,
        "agency/staff.html",
        lines=lines,
        known=known,
        steps=[(one.name, _(one.heading)) for one in STAFF_FORMS] if "manager" in known.own.parts else [],
        done=None if form is None else _("已办理：{step}。").format(step=_(form.heading)),
        named=words,
    )


@get(AT + "/{name:str}", opt=dict(roles(Role.AGENCY)), include_in_schema=False)
async def show_staff_step(name: FromPath[str], wiring: TheWiring, actor: TheActor) -> Template:
    """Show one of the manager's forms."""
    form, known = form_named(STAFF_FORMS, name), await _known(wiring, actor)
    return step_page(known, form, _place(), None, [], command_id=new_id())


@post(AT + "/{name:str}", opt=dict(roles(Role.AGENCY)), include_in_schema=False, status_code=303)
async def take_staff_step(
    name: FromPath[str], request: Request[Any, Any, Any], wiring: TheWiring, actor: TheActor
) -> Response[Any]:
    """Name somebody, or end a part."""
    form, known = form_named(STAFF_FORMS, name), await _known(wiring, actor)
    return await take_step(form, known, _place(), request, wiring, actor)


def _place() -> Place:
    return Place(AT, _("返回人员分工"))


async def _known(wiring: Wiring, actor: Actor) -> StaffKnown:
    institution: UUID = institution_of(actor)
    async with wiring.db.reading() as tx:
        agency = (await register_store.register(tx)).get(institution)
        staff, people = await staff_of(tx, institution), await people_of(tx, institution)
        acting = still_acting(staff, {one.account_id for one in people})
        return StaffKnown(
            now=tx.now,
            agency_name="" if agency is None else agency.name,
            people=tuple(people),
            staff=tuple(staff),
            licences=() if agency is None else tuple((one.licence_no, one.name) for one in agency.appraisers),
            own=own_parts(acting, actor.account_id),
        )
